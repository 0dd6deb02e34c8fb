package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.model.Parameter.Kind;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.LocalTask.Accumulate;
import dev.fedtiny.protocol.LocalTask.Adjust;
import dev.fedtiny.protocol.LocalTask.Extrude;
import dev.fedtiny.protocol.LocalTask.Grow;
import dev.fedtiny.protocol.LocalTask.Guide;
import dev.fedtiny.protocol.LocalTask.Ordinary;
import dev.fedtiny.protocol.LocalTask.SearchSubNetwork;
import dev.fedtiny.protocol.LocalTask.Vote;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The binary form of a {@link LocalTask}, as its records state it. */
final class LocalTaskForm {
    private static final int ORDINARY = 0;
    private static final int GROW = 1;
    private static final int VOTE = 2;
    private static final int ACCUMULATE = 3;
    private static final int ADJUST = 4;
    private static final int EXTRUDE = 5;
    private static final int SEARCH_SUB_NETWORK = 6;

    private LocalTaskForm() {
    }

    /** Exact length. */
    static long bytes(LocalTask task) {
        return 1 + switch (task) {
            case Ordinary _ -> 0;
            case Grow t -> layerBytes(t.layers());
            case Vote t -> layerBytes(t.layers());
            case Accumulate _ -> 1;
            case Adjust t -> layerBytes(t.layers()) + 1 + t.guide()
                    .map(guide -> 16 + guide.directions().stream().mapToLong(d -> directionBytes(d.length)).sum()).orElse(0L);
            case Extrude t -> 16 + layerBytes(t.layers());
            case SearchSubNetwork t -> 25 + t.initial().stream().mapToLong(values -> 4L * values.length).sum();
        };
    }

    private static long layerBytes(List<GrowthRequest> layers) {
        return 4 + 8L * layers.size();
    }

    private static int directionBytes(int positions) {
        return Math.ceilDiv(positions, 4);
    }

    static void write(PayloadWriter writer, LocalTask task) {
        switch (task) {
            case Ordinary _ -> writer.int8(ORDINARY);
            case Grow t -> writeLayers(writer.int8(GROW), t.layers());
            case Vote t -> writeLayers(writer.int8(VOTE), t.layers());
            case Accumulate t -> writer.int8(ACCUMULATE).int8(t.upload() ? 1 : 0);
            case Adjust t -> {
                writeLayers(writer.int8(ADJUST), t.layers());
                writer.int8(t.guide().isPresent() ? 1 : 0);
                t.guide().ifPresent(guide -> {
                    writer.float64(guide.pruneShare()).float64(guide.growShare());
                    guide.directions().forEach(directions -> writer.bytes(packed(directions)));
                });
            }
            case Extrude t -> writeLayers(writer.int8(EXTRUDE).float64(t.penalty()).float64(t.activationShare()), t.layers());
            case SearchSubNetwork t -> {
                writer.int8(SEARCH_SUB_NETWORK).float64(t.threshold()).float64(t.share()).float64(t.density()).int8(t.source().ordinal());
                t.initial().forEach(writer::float32s);
            }
        }
    }

    private static void writeLayers(PayloadWriter writer, List<GrowthRequest> layers) {
        writer.int32(layers.size());
        layers.forEach(request -> writer.int32(request.parameter()).int32(request.limit()));
    }

    private static byte[] packed(byte[] directions) {
        byte[] packed = new byte[directionBytes(directions.length)];
        for (int i = 0; i < directions.length; i++) {
            int code = directions[i] == 0 ? 0 : directions[i] > 0 ? 1 : 2;
            packed[i >> 2] |= (byte) (code << 2 * (i & 3));
        }
        return packed;
    }

    /**
     * Reads a task for a model under masks, which have been checked.
     *
     * @throws ProtocolException if it is none that such a model allows
     */
    static LocalTask read(PayloadReader reader, Network network, List<Mask> masks) {
        int code = reader.int8In("task", SEARCH_SUB_NETWORK);
        return switch (code) {
            case ORDINARY -> new Ordinary();
            case GROW -> new Grow(readLayers(reader, network, masks));
            case VOTE -> new Vote(readLayers(reader, network, masks));
            case ACCUMULATE -> new Accumulate(reader.int8In("upload flag", 1) == 1);
            case ADJUST -> {
                List<GrowthRequest> layers = readLayers(reader, network, masks);
                yield new Adjust(layers, reader.int8In("guide flag", 1) == 1 ? Optional.of(readGuide(reader, network, layers))
                        : Optional.empty());
            }
            case EXTRUDE -> {
                double penalty = reader.finite("penalty");
                if (penalty < 0) {
                    throw reader.content("penalty is " + penalty + ", expected at least 0");
                }
                double share = within(reader, "activation share", false, true);
                yield new Extrude(readLayers(reader, network, masks), penalty, share);
            }
            default -> readSearch(reader, network, masks);
        };
    }

    private static List<GrowthRequest> readLayers(PayloadReader reader, Network network, List<Mask> masks) {
        int count = reader.int32In("growth layers", 0, network.prunable().size());
        List<GrowthRequest> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            GrowthRequest request = new GrowthRequest(reader.int32(), reader.int32());
            int parameter = request.parameter();
            if (parameter < 0 || parameter >= masks.size() || !network.parameters().get(parameter).prunable()
                    || layers.stream().anyMatch(earlier -> earlier.parameter() == parameter)) {
                throw reader.content("growth is asked of parameter " + parameter + ", which cannot be pruned or was named before");
            }
            Mask mask = masks.get(parameter);
            if (request.limit() < 0 || request.limit() > mask.size() - mask.count()) {
                throw reader.content("growth of " + request.limit() + " is asked of a layer with " + (mask.size() - mask.count())
                        + " pruned weights");
            }
            layers.add(request);
        }
        return layers;
    }

    private static Guide readGuide(PayloadReader reader, Network network, List<GrowthRequest> layers) {
        double pruneShare = within(reader, "share pruned against the directions", true, true);
        double growShare = within(reader, "share grown along the directions", true, true);
        List<byte[]> directions = new ArrayList<>();
        for (GrowthRequest layer : layers) {
            directions.add(unpacked(reader, network.parameters().get(layer.parameter()).size()));
        }
        return new Guide(pruneShare, growShare, directions);
    }

    private static byte[] unpacked(PayloadReader reader, int positions) {
        byte[] packed = reader.bytes(directionBytes(positions));
        byte[] directions = new byte[positions];
        for (int i = 0; i < 4 * packed.length; i++) {
            int code = packed[i >> 2] >> 2 * (i & 3) & 3;
            if (code == 3 || code != 0 && i >= positions) {
                throw reader.content("direction of position " + i + " of " + positions + " has code " + code);
            }
            if (i < positions) {
                directions[i] = (byte) (code == 2 ? -1 : code);
            }
        }
        return directions;
    }

    private static SearchSubNetwork readSearch(PayloadReader reader, Network network, List<Mask> masks) {
        double threshold = within(reader, "accuracy threshold", true, true);
        double share = within(reader, "pruned share", false, false);
        double density = within(reader, "density", false, true);
        SearchSubNetwork.Source[] sources = SearchSubNetwork.Source.values();
        SearchSubNetwork.Source source = sources[reader.int8In("source of initial values", sources.length - 1)];
        if (source == SearchSubNetwork.Source.VALUES && !masks.stream().allMatch(Mask::isFull)) {
            throw reader.content("the values are said to be the initial ones, but they are not dense");
        }
        return new SearchSubNetwork(threshold, share, density, source,
                source == SearchSubNetwork.Source.FOLLOW ? readDense(reader, network) : List.of());
    }

    /** Values of all parameters at all positions. */
    static List<float[]> readDense(PayloadReader reader, Network network) {
        reader.require(4 * network.parameters().stream().mapToLong(Parameter::size).sum());
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            values.add(reader.float32s(parameter.size(), parameter.name(), parameter.kind() == Kind.RUNNING_VARIANCE));
        }
        return values;
    }

    private static double within(PayloadReader reader, String name, boolean zero, boolean one) {
        double value = reader.float64();
        if (!(value > 0 && value < 1 || zero && value == 0 || one && value == 1)) {
            throw new ProtocolException(Fault.CONTENT, name + " is " + value + ", expected " + (zero ? "at least 0" : "more than 0")
                    + " and " + (one ? "at most 1" : "less than 1"));
        }
        return value;
    }
}
