package dev.fedtiny.protocol;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import java.util.ArrayList;
import java.util.List;

/**
 * μ and σ² of every batch normalisation.
 *
 * @param values one array a running mean or variance, in {@code state_dict} order; not copied, not to be changed
 */
public record RunningStatistics(List<float[]> values) {
    /** Keeps its own list. */
    public RunningStatistics {
        values = List.copyOf(values);
    }

    /**
     * Positions of the running means and variances among a network's parameters.
     *
     * @param network any
     * @return ascending positions
     */
    public static List<Integer> positions(Network network) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < network.parameters().size(); i++) {
            if (!network.parameters().get(i).kind().trainable()) {
                positions.add(i);
            }
        }
        return positions;
    }

    /**
     * How many numbers they are: 9,600 for ResNet18 of width 64.
     *
     * @param network any
     * @return how many floats
     */
    public static long count(Network network) {
        return positions(network).stream().mapToLong(i -> network.parameters().get(i).size()).sum();
    }

    /**
     * Those of a state.
     *
     * @param state whose arrays are shared
     * @return its means and variances
     */
    public static RunningStatistics of(ModelState state) {
        return new RunningStatistics(positions(state.network()).stream().map(state::values).toList());
    }

    /**
     * The state with these in place of its own.
     *
     * @param state of the same network; not changed
     * @return a new state that shares all other values
     */
    public ModelState in(ModelState state) {
        List<float[]> all = new ArrayList<>(state.allValues());
        List<Integer> positions = positions(state.network());
        for (int i = 0; i < positions.size(); i++) {
            all.set(positions.get(i), values.get(i));
        }
        return ModelState.of(state.network(), state.masks(), all);
    }

    /** Reads those of several candidates: finite, no variance below 0. Everything is there before anything is allocated. */
    static List<RunningStatistics> read(PayloadReader reader, Network network, int candidates) {
        reader.require(4 * candidates * count(network));
        List<RunningStatistics> all = new ArrayList<>();
        for (int c = 0; c < candidates; c++) {
            List<float[]> values = new ArrayList<>();
            for (int position : positions(network)) {
                Parameter parameter = network.parameters().get(position);
                values.add(reader.float32s(parameter.size(), parameter.name(), parameter.kind() == Kind.RUNNING_VARIANCE));
            }
            all.add(new RunningStatistics(values));
        }
        return all;
    }
}
