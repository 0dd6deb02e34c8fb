package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.pruning.PositionPosterior;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The form of what a method remembers: its sort, by place in this list, and what the sort holds. New sorts are added at the end. */
enum MemoryForm {
    NONE, GROWN, DIRECTIONS, POSTERIORS, SUB_NETWORKS, BYTES;

    /** The compiler says here when a sort of memory has no form yet. */
    private static MemoryForm of(AlgorithmState memory) {
        return switch (memory) {
            case AlgorithmState.None _ -> NONE;
            case AlgorithmState.Grown _ -> GROWN;
            case AlgorithmState.Directions _ -> DIRECTIONS;
            case AlgorithmState.Posteriors _ -> POSTERIORS;
            case AlgorithmState.SubNetworks _ -> SUB_NETWORKS;
            case AlgorithmState.Bytes _ -> BYTES;
        };
    }

    static void write(CheckpointWriter writer, AlgorithmState memory) throws IOException {
        writer.int8(of(memory).ordinal());
        switch (memory) {
            case AlgorithmState.None _ -> { }
            case AlgorithmState.Grown grown -> writePositions(writer, grown.positions());
            case AlgorithmState.Directions directions -> {
                for (byte[] signs : directions.signs()) {
                    writer.bytes(signs);
                }
                writePositions(writer, directions.grown().positions());
            }
            case AlgorithmState.Posteriors posteriors -> {
                writer.int32(posteriors.layers().size());
                for (PositionPosterior layer : posteriors.layers()) {
                    writer.float32s(layer.alpha()).float32s(layer.beta());
                }
                writePositions(writer, posteriors.grown().positions());
            }
            case AlgorithmState.SubNetworks subNetworks -> writeSubNetworks(writer, subNetworks);
            case AlgorithmState.Bytes own -> writer.int32(own.content().length).bytes(own.content());
        }
    }

    static AlgorithmState read(CheckpointReader reader, Network network) throws IOException {
        return switch (reader.constant("sort of memory", MemoryForm.class)) {
            case NONE -> new AlgorithmState.None();
            case GROWN -> readGrown(reader, network);
            case DIRECTIONS -> readDirections(reader, network);
            case POSTERIORS -> readPosteriors(reader, network);
            case SUB_NETWORKS -> readSubNetworks(reader, network);
            case BYTES -> new AlgorithmState.Bytes(reader.bytes(reader.length("bytes of a method's own", 1)));
        };
    }

    /** Positions by parameter: how many parameters, for each its number and its positions. */
    private static void writePositions(CheckpointWriter writer, Map<Integer, int[]> positions) throws IOException {
        writer.int32(positions.size());
        for (Map.Entry<Integer, int[]> entry : positions.entrySet()) {
            writer.int32(entry.getKey()).positions(entry.getValue());
        }
    }

    private static AlgorithmState.Grown readGrown(CheckpointReader reader, Network network) throws IOException {
        Map<Integer, int[]> positions = new TreeMap<>();
        int entries = reader.int32In("number of parameters", 0, network.parameters().size());
        for (int i = 0; i < entries; i++) {
            int parameter = reader.int32In("parameter", 0, network.parameters().size() - 1);
            positions.put(parameter, reader.positions("grown positions", network.parameters().get(parameter).size()));
        }
        return new AlgorithmState.Grown(positions);
    }

    private static AlgorithmState readDirections(CheckpointReader reader, Network network) throws IOException {
        List<byte[]> signs = new ArrayList<>();
        for (int parameter : network.prunable()) {
            byte[] layer = reader.bytes(network.parameters().get(parameter).size());
            for (byte sign : layer) {
                if (sign < -1 || sign > 1) {
                    throw reader.error("a sign is " + sign + ", expected -1, 0 or 1");
                }
            }
            signs.add(layer);
        }
        return new AlgorithmState.Directions(signs, readGrown(reader, network));
    }

    private static AlgorithmState readPosteriors(CheckpointReader reader, Network network) throws IOException {
        List<Integer> prunable = network.prunable();
        int count = reader.int32();
        if (count != 0 && count != prunable.size()) {
            throw reader.error(count + " layers of beliefs, expected none or " + prunable.size());
        }
        List<PositionPosterior> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int size = network.parameters().get(prunable.get(i)).size();
            float[] alpha = reader.float32s(size);
            layers.add(new PositionPosterior(alpha, reader.float32s(size)));
        }
        return new AlgorithmState.Posteriors(layers, readGrown(reader, network));
    }

    /** Dense values of all parameters, how many devices, and every device's masks of all parameters. */
    private static void writeSubNetworks(CheckpointWriter writer, AlgorithmState.SubNetworks subNetworks) throws IOException {
        for (float[] values : subNetworks.initial()) {
            writer.float32s(values);
        }
        writer.int32(subNetworks.masks().size());
        for (List<Mask> masks : subNetworks.masks()) {
            for (Mask mask : masks) {
                writer.mask(mask);
            }
        }
    }

    private static AlgorithmState readSubNetworks(CheckpointReader reader, Network network) throws IOException {
        List<float[]> initial = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            initial.add(reader.float32s(parameter.size()));
        }
        // A mask takes at least a byte.
        int devices = reader.length("number of devices with masks", network.parameters().size());
        List<List<Mask>> masks = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            List<Mask> own = new ArrayList<>();
            for (Parameter parameter : network.parameters()) {
                own.add(reader.mask(parameter.size()));
            }
            masks.add(own);
        }
        return new AlgorithmState.SubNetworks(masks, initial);
    }
}
