package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.ProtocolException.Fault;
import dev.fedtiny.pruning.LayerCounts;
import java.util.ArrayList;
import java.util.List;

/**
 * The binary form of a {@link LocalResult}, as its records state it: masks stand before the update's values, everything else after them.
 */
final class LocalResultForm {
    private LocalResultForm() {
    }

    /** Exact length, both parts together. */
    static long bytes(Network network, LocalResult result) {
        return switch (result) {
            case LocalResult.None _ -> 0;
            case LocalResult.Grown r -> r.layers().stream().mapToLong(growth -> 4 + 8L * growth.indices().length).sum();
            case LocalResult.Votes r -> r.positions().stream().mapToLong(positions -> 4 + 4L * positions.length).sum();
            case LocalResult.Importance r -> r.squares().stream().mapToLong(squares -> 4L * squares.length).sum();
            case LocalResult.Adjusted r -> r.layers().stream()
                    .mapToLong(layer -> MaskCodec.encodedBytes(r.masks().get(layer))).sum();
            case LocalResult.SubNetwork r -> 9 + (r.pruned() ? MessageSizes.maskBytes(network, r.masks()) : 0);
        };
    }

    static void writeBeforeValues(PayloadWriter writer, Network network, LocalResult result) {
        if (result instanceof LocalResult.Adjusted r) {
            r.layers().forEach(layer -> MaskCodec.write(writer, r.masks().get(layer)));
        } else if (result instanceof LocalResult.SubNetwork r) {
            writer.int32(r.heldOut()).int32(r.correct()).int8(r.pruned() ? 1 : 0);
            if (r.pruned()) {
                CachedMasks.write(writer, network, r.masks());
            }
        }
    }

    static void writeAfterValues(PayloadWriter writer, LocalResult result) {
        switch (result) {
            case LocalResult.Grown r -> r.layers().forEach(growth -> {
                writer.int32(growth.indices().length);
                for (int i = 0; i < growth.indices().length; i++) {
                    writer.int32(growth.indices()[i]).float32(growth.values()[i]);
                }
            });
            case LocalResult.Votes r -> r.positions().forEach(positions -> {
                writer.int32(positions.length);
                for (int position : positions) {
                    writer.int32(position);
                }
            });
            case LocalResult.Importance r -> r.squares().forEach(writer::float32s);
            default -> { }
        }
    }

    /** The masks the values are under: as sent, unless the task may change them. {@code result} is null where it follows the values. */
    record Head(List<Mask> masks, LocalResult result) {
    }

    static Head readBeforeValues(PayloadReader reader, Network network, Expectation.OfUpdate expected) {
        List<Mask> sent = expected.held().masks();
        return switch (expected.task()) {
            case LocalTask.Adjust task -> {
                List<Mask> masks = new ArrayList<>(sent);
                for (GrowthRequest layer : task.layers()) {
                    masks.set(layer.parameter(), adjusted(reader, network, layer, sent.get(layer.parameter())));
                }
                yield new Head(masks, new LocalResult.Adjusted(masks,
                        task.layers().stream().map(GrowthRequest::parameter).toList()));
            }
            case LocalTask.SearchSubNetwork task -> subNetwork(reader, network, task, expected);
            default -> new Head(sent, null);
        };
    }

    private static Mask adjusted(PayloadReader reader, Network network, GrowthRequest layer, Mask sent) {
        Mask mask = MaskCodec.read(reader, sent.size());
        String name = network.parameters().get(layer.parameter()).name();
        if (mask.count() != sent.count()) {
            throw reader.content("layer '" + name + "' comes back with " + mask.count() + " weights, sent were " + sent.count());
        }
        int grown = 0;
        for (int i = 0; i < mask.count(); i++) {
            grown += sent.contains(mask.index(i)) ? 0 : 1;
        }
        if (grown > layer.limit()) {
            throw reader.content("layer '" + name + "' grew " + grown + " weights, asked were at most " + layer.limit());
        }
        return mask;
    }

    private static Head subNetwork(PayloadReader reader, Network network, LocalTask.SearchSubNetwork task, Expectation.OfUpdate expected) {
        List<Mask> sent = expected.held().masks();
        int most = LocalResult.SubNetwork.heldOut(expected.samples(), expected.developmentSamples());
        int heldOut = reader.int32In("held-out samples", most, most);
        int correct = reader.int32In("right answers", 0, heldOut);
        boolean pruned = reader.int8In("pruned flag", 1) == 1;
        List<Mask> masks = pruned ? CachedMasks.read(reader, network) : sent;
        int[] target = LayerCounts.uniform(network, task.density());
        for (int l = 0; l < target.length; l++) {
            int p = network.prunable().get(l);
            Mask mask = masks.get(p);
            int least = Math.min(sent.get(p).count(), target[l]);
            if (mask.count() < least) {
                throw reader.content("layer '" + network.parameters().get(p).name() + "' keeps " + mask.count()
                        + " weights, expected at least " + least);
            }
            for (int i = 0; pruned && i < mask.count(); i++) {
                if (!sent.get(p).contains(mask.index(i))) {
                    throw reader.content("layer '" + network.parameters().get(p).name() + "' keeps position " + mask.index(i)
                            + ", which was pruned before");
                }
            }
        }
        return new Head(masks, new LocalResult.SubNetwork(masks, pruned, heldOut, correct));
    }

    static LocalResult readAfterValues(PayloadReader reader, Network network, Expectation.OfUpdate expected, Head head) {
        List<Mask> masks = expected.held().masks();
        return switch (expected.task()) {
            case LocalTask.Ordinary _ -> new LocalResult.None();
            case LocalTask.Grow task -> new LocalResult.Grown(growth(reader, task.layers(), masks));
            case LocalTask.Extrude task -> new LocalResult.Grown(growth(reader, task.layers(), masks));
            case LocalTask.Vote task -> new LocalResult.Votes(task.layers().stream()
                    .map(layer -> votes(reader, layer, masks.get(layer.parameter()))).toList());
            case LocalTask.Accumulate task -> new LocalResult.Importance(task.upload() ? squares(reader, network) : List.of());
            case LocalTask.Adjust _, LocalTask.SearchSubNetwork _ -> head.result();
        };
    }

    private static List<float[]> squares(PayloadReader reader, Network network) {
        reader.require(4 * network.prunable().stream().mapToLong(p -> network.parameters().get(p).size()).sum());
        return network.prunable().stream()
                .map(p -> reader.float32s(network.parameters().get(p).size(), network.parameters().get(p).name(), true)).toList();
    }

    private static List<Growth> growth(PayloadReader reader, List<GrowthRequest> layers, List<Mask> masks) {
        return layers.stream().map(layer -> growth(reader, layer, masks.get(layer.parameter()))).toList();
    }

    private static Growth growth(PayloadReader reader, GrowthRequest request, Mask mask) {
        int count = reader.int32In("growth pairs", 0, request.limit());
        reader.require(8L * count);
        int[] indices = new int[count];
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            indices[i] = prunedPosition(reader, mask, i == 0 ? -1 : indices[i - 1]);
            values[i] = reader.float32();
            if (!Float.isFinite(values[i]) || values[i] == 0) {
                throw new ProtocolException(Fault.VALUE, "growth gradient at index " + indices[i] + " is " + values[i]
                        + ", expected a finite number other than 0");
            }
        }
        return new Growth(request.parameter(), indices, values);
    }

    private static int[] votes(PayloadReader reader, GrowthRequest request, Mask mask) {
        int count = reader.int32In("votes", 0, request.limit());
        reader.require(4L * count);
        int[] positions = new int[count];
        for (int i = 0; i < count; i++) {
            positions[i] = prunedPosition(reader, mask, i == 0 ? -1 : positions[i - 1]);
        }
        return positions;
    }

    private static int prunedPosition(PayloadReader reader, Mask mask, int previous) {
        int index = reader.int32();
        if (index <= previous || index >= mask.size()) {
            throw reader.content("growth index " + index + " follows " + previous + "; indices must rise strictly and stay below "
                    + mask.size());
        }
        if (mask.contains(index)) {
            throw reader.content("growth index " + index + " is not a pruned position");
        }
        return index;
    }
}
