package dev.fedtiny.federation;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.protocol.RunningStatistics;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What devices' values were before, and what sort each array is: against it an update's change is measured.
 *
 * @param values arrays in the order of the updates; not to be changed
 * @param kinds one an array
 */
public record Baseline(List<float[]> values, List<Kind> kinds) {
    /** Keeps its own lists. */
    public Baseline {
        values = List.copyOf(values);
        kinds = List.copyOf(kinds);
        if (values.size() != kinds.size()) {
            throw new IllegalArgumentException("baseline: " + values.size() + " arrays of " + kinds.size() + " kinds, expected one each");
        }
    }

    /**
     * The values of a model, for updates under its masks.
     *
     * @param model as it was sent
     * @return its values
     */
    public static Baseline of(ModelState model) {
        return new Baseline(model.allValues(), model.network().parameters().stream().map(Parameter::kind).toList());
    }

    /**
     * The values of a model at all positions, for updates under any masks.
     *
     * @param model as the server has it
     * @return its values, 0 where it holds none
     */
    public static Baseline dense(ModelState model) {
        List<Parameter> parameters = model.network().parameters();
        return new Baseline(IntStream.range(0, parameters.size()).mapToObj(model::dense).toList(),
                parameters.stream().map(Parameter::kind).toList());
    }

    /**
     * Running statistics, for those that devices recalibrated.
     *
     * @param network to which they belong
     * @param statistics before
     * @return their values
     */
    public static Baseline of(Network network, RunningStatistics statistics) {
        return new Baseline(statistics.values(),
                RunningStatistics.positions(network).stream().map(p -> network.parameters().get(p).kind()).toList());
    }
}
