package dev.fedtiny.federation;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Statistics;
import dev.fedtiny.protocol.Update;
import java.util.ArrayList;
import java.util.List;

/**
 * How large an answer is, part by part, in Euclidean norms: what it would change of the trained values, of the running means and of the
 * running standard deviations, and the gradients that came of every layer asked. Sums in double. Answers of one
 * round have the same parts in the same order, those of devices that are asked for less the first of them.
 */
final class PartNorms {
    private final List<String> names = new ArrayList<>();
    private final List<Double> norms = new ArrayList<>();
    private final List<Integer> factors = new ArrayList<>();

    private PartNorms() {
    }

    private void add(String name, double norm, int factor) {
        names.add(name);
        norms.add(norm);
        factors.add(factor);
    }

    String name(int part) {
        return names.get(part);
    }

    /** One a part. */
    double[] norms() {
        return norms.stream().mapToDouble(norm -> norm).toArray();
    }

    /** How many times the bound this part may measure. */
    int factor(int part) {
        return factors.get(part);
    }

    /**
     * Of an update, against what its device was sent; of a device that began from the values that it holds, against these.
     *
     * @param assignment what the device got
     */
    static PartNorms of(Server.Assignment assignment, Update update) {
        ModelState sent = assignment.model();
        Network network = sent.network();
        List<Mask> masks = update.result().masks(sent.masks());
        double[] squares = ValueSort.sums();
        for (int p = 0; p < masks.size(); p++) {
            Mask mask = masks.get(p);
            float[] before = update.result().fromHeldValues() ? mask.gather(assignment.held().get(p))
                    : mask.equals(sent.mask(p)) ? sent.values(p) : mask.gather(sent.dense(p));
            Parameter parameter = network.parameters().get(p);
            squares[ValueSort.of(parameter.kind()).ordinal()] += squaredChange(parameter.kind(), update.values().get(p), before);
        }
        PartNorms norms = new PartNorms();
        norms.add("change of the weights", norm(squares, ValueSort.TRAINED), 1);
        norms.addStatistics("", squares);
        update.result().parts(network).forEach(part -> norms.add(part.name(), part.norm(), Robustness.UNSTEADY_FACTOR));
        return norms;
    }

    /** Of recalibrated statistics, against those of the model before. */
    static PartNorms of(Network network, RunningStatistics before, Statistics statistics) {
        List<Integer> positions = RunningStatistics.positions(network);
        PartNorms norms = new PartNorms();
        for (int c = 0; c < statistics.candidates().size(); c++) {
            double[] squares = ValueSort.sums();
            for (int i = 0; i < positions.size(); i++) {
                Kind kind = network.parameters().get(positions.get(i)).kind();
                float[] measured = statistics.candidates().get(c).values().get(i);
                squares[ValueSort.of(kind).ordinal()] += squaredChange(kind, measured, before.values().get(i));
            }
            norms.addStatistics(" of candidate " + (c + 1), squares);
        }
        return norms;
    }

    private void addStatistics(String of, double[] squares) {
        add("change of the running means" + of, norm(squares, ValueSort.RUNNING_MEAN), Robustness.UNSTEADY_FACTOR);
        add("change of the running standard deviations" + of, norm(squares, ValueSort.RUNNING_VARIANCE), Robustness.UNSTEADY_FACTOR);
    }

    private static double norm(double[] squares, ValueSort sort) {
        return Math.sqrt(squares[sort.ordinal()]);
    }

    private static double squaredChange(Kind kind, float[] values, float[] before) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double change = kind == Kind.RUNNING_VARIANCE ? Math.sqrt(values[i]) - Math.sqrt(before[i]) : (double) values[i] - before[i];
            sum += change * change;
        }
        return sum;
    }
}
