package dev.fedtiny.protocol;

import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.method.AdjustTask;
import dev.fedtiny.method.FedMef;
import dev.fedtiny.method.GrowTask;
import dev.fedtiny.method.PruneFl;
import dev.fedtiny.method.SubNetworkSearch;
import dev.fedtiny.method.VoteTask;
import java.util.List;

/** Lengths of frames as the comments of their messages state them, added up apart from the code that writes them. */
public final class FrameLengths {
    private FrameLengths() {
    }

    /** Masks of the prunable parameters. */
    public static long masks(Network network, List<Mask> masks) {
        return network.prunable().stream().mapToLong(i -> MaskCodec.encodedBytes(masks.get(i))).sum();
    }

    private static long layers(LocalTask task) {
        return 4 + 8L * task.layers().size();
    }

    private static long floats(List<float[]> arrays) {
        return arrays.stream().mapToLong(array -> 4L * array.length).sum();
    }

    /** 43 bytes, masks where they are sent, the task, 4 bytes a value. */
    public static long train(ModelState model, boolean withMasks, LocalTask task) {
        return 43 + (withMasks ? masks(model.network(), model.masks()) : 0) + 4 * model.valueCount() + 1 + switch (task) {
            case PlainTraining _ -> 0;
            case GrowTask _, VoteTask _ -> layers(task);
            case PruneFl.AccumulateTask _ -> 1;
            case AdjustTask t -> layers(t) + 1 + t.guide()
                    .map(guide -> 16 + guide.directions().stream().mapToLong(d -> Math.ceilDiv(d.length, 4)).sum()).orElse(0L);
            case FedMef.ExtrudeTask _ -> 16 + layers(task);
            case SubNetworkSearch t -> 25 + floats(t.initial());
            default -> throw new AssertionError(task);
        };
    }

    /** 46 bytes, the result, 4 bytes a value. */
    public static long update(ModelState model, LocalResult result) {
        return 46 + 4 * model.valueCount() + switch (result) {
            case LocalResult.None _ -> 0;
            case GrowTask.Grown r -> r.layers().stream().mapToLong(growth -> 4 + 8L * growth.indices().length).sum();
            case VoteTask.Votes r -> r.positions().stream().mapToLong(positions -> 4 + 4L * positions.length).sum();
            case PruneFl.Importance r -> floats(r.squares());
            case AdjustTask.Adjusted r -> r.layers().stream().mapToLong(layer -> MaskCodec.encodedBytes(r.masks().get(layer))).sum();
            case SubNetworkSearch.SubNetwork r -> 9 + (r.pruned() ? masks(model.network(), r.masks()) : 0);
            default -> throw new AssertionError(result);
        };
    }
}
