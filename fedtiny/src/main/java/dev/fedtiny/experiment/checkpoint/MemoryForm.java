package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.method.MethodMemory;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** The form of what a method remembers: its sort, by place in this list, and what the sort holds. New sorts are added at the end. */
enum MemoryForm {
    NONE, GROWN;

    /** The compiler says here when a sort of memory has no form yet. */
    private static MemoryForm of(MethodMemory memory) {
        return switch (memory) {
            case MethodMemory.None _ -> NONE;
            case MethodMemory.Grown _ -> GROWN;
        };
    }

    static void write(CheckpointWriter writer, MethodMemory memory) throws IOException {
        writer.int8(of(memory).ordinal());
        switch (memory) {
            case MethodMemory.None _ -> { }
            case MethodMemory.Grown grown -> writePositions(writer, grown.positions());
        }
    }

    static MethodMemory read(CheckpointReader reader, Network network) throws IOException {
        return switch (reader.constant("sort of memory", MemoryForm.class)) {
            case NONE -> new MethodMemory.None();
            case GROWN -> new MethodMemory.Grown(readPositions(reader, network));
        };
    }

    /** Positions by parameter: how many parameters, for each its number and its positions. */
    private static void writePositions(CheckpointWriter writer, Map<Integer, int[]> positions) throws IOException {
        writer.int32(positions.size());
        for (Map.Entry<Integer, int[]> entry : positions.entrySet()) {
            writer.int32(entry.getKey()).positions(entry.getValue());
        }
    }

    private static Map<Integer, int[]> readPositions(CheckpointReader reader, Network network) throws IOException {
        Map<Integer, int[]> positions = new TreeMap<>();
        int entries = reader.int32In("number of parameters", 0, network.parameters().size());
        for (int i = 0; i < entries; i++) {
            int parameter = reader.int32In("parameter", 0, network.parameters().size() - 1);
            positions.put(parameter, reader.positions("grown positions", network.parameters().get(parameter).size()));
        }
        return positions;
    }
}
