package dev.fedtiny.method;

import dev.fedtiny.engine.model.Network;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which positions each layer's last adjustment grew, to tell later how many of them lasted. In a checkpoint: number of parameters (4), for
 * each its position (4) and its grown positions.
 *
 * @param positions ascending flat indices by parameter, for layers adjusted at least once; not copied, not to be changed
 */
public record GrownPositions(Map<Integer, int[]> positions) implements AlgorithmState {
    /** How checkpoints know it. */
    public static final Kind KIND = new Kind("grown", 1, GrownPositions::read);

    /** Keeps its own map, in parameter order. */
    public GrownPositions {
        positions = Collections.unmodifiableMap(new TreeMap<>(positions));
    }

    /** Before the first adjustment. */
    public GrownPositions() {
        this(Map.of());
    }

    /**
     * A memory of this sort as it is, the start of one for any other.
     *
     * @param memory of a state
     * @return that memory, or an empty one
     */
    public static GrownPositions of(AlgorithmState memory) {
        return memory instanceof GrownPositions grown ? grown : new GrownPositions();
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public void write(StateWriter writer) throws IOException {
        writer.int32(positions.size());
        for (Map.Entry<Integer, int[]> entry : positions.entrySet()) {
            writer.int32(entry.getKey()).positions(entry.getValue());
        }
    }

    /** Reads one, as a state or as a part of one. */
    static GrownPositions read(StateReader reader, Network network) throws IOException {
        Map<Integer, int[]> positions = new TreeMap<>();
        int entries = reader.int32In("number of parameters", 0, network.parameters().size());
        for (int i = 0; i < entries; i++) {
            int parameter = reader.int32In("parameter", 0, network.parameters().size() - 1);
            positions.put(parameter, reader.positions("grown positions", network.parameters().get(parameter).size()));
        }
        return new GrownPositions(positions);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GrownPositions that && positions.keySet().equals(that.positions.keySet())
                && positions.keySet().stream().allMatch(p -> Arrays.equals(positions.get(p), that.positions.get(p)));
    }

    @Override
    public int hashCode() {
        return positions.keySet().hashCode();
    }
}
