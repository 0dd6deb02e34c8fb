package dev.fedtiny.report;

import dev.fedtiny.experiment.AccuracyWindow;
import dev.fedtiny.report.RunRecord.Cost;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;

/**
 * A cost at which runs are compared: what each had reached when it had spent so much.
 *
 * @param name for rows and columns
 * @param spent of a run, added up: one value after the start and one after every round
 * @param text writes an amount with its unit
 */
record ComparedCost(String name, Function<RunRecord, double[]> spent, DoubleFunction<String> text) {
    /** Shares that differ by rounding alone are equal. */
    private static final double ROUNDING = 1e-12;

    /** In the order of tables. */
    static final List<ComparedCost> ALL = List.of(
            new ComparedCost("bytes sent", RunRecord::sent, bytes -> Units.megabytes(Math.round(bytes))),
            new ComparedCost("FLOPs", run -> run.spent(Cost.FLOPS), Units::scientific),
            new ComparedCost("device FLOPs", ComparedCost::busiest, Units::scientific),
            new ComparedCost("time of rounds", run -> run.spent(Cost.SECONDS), seconds -> Units.fixed(seconds, 1) + " s"));

    /** What these are, for notes. */
    static final String MEANING = "FLOPs: of all devices and the server; device FLOPs: of the device that had most to do in each round; "
            + "time of rounds: measured, the virtual machine's warm-up in the first ones included, evaluation not";

    /**
     * What a run had reached.
     *
     * @param rounds that it could pay; -1 where it could not even pay its start, and so had no model
     * @param accuracy its one accuracy, had it ended there: the mean of the last rounds that it could pay; NaN where nothing was evaluated
     * @param last the accuracy after the last of these rounds that was evaluated; NaN likewise
     */
    record Reached(int rounds, double accuracy, double last) {
        /** Whether it had a model by then. */
        boolean started() {
            return rounds >= 0;
        }
    }

    /** What the device that had most to do in a round did, added up over rounds. */
    private static double[] busiest(RunRecord run) {
        double[] spent = new double[run.rounds().size() + 1];
        for (int i = 1; i < spent.length; i++) {
            double most = RunRecord.maxDeviceFlops(run.rounds().get(i - 1));
            spent[i] = spent[i - 1] + (Double.isNaN(most) ? 0 : most);
        }
        return spent;
    }

    /** What a run spent in all. */
    double total(RunRecord run) {
        double[] all = spent.apply(run);
        return all[all.length - 1];
    }

    /** What a run had reached when it had spent a budget. */
    Reached at(RunRecord run, double budget, AccuracyWindow window) {
        double[] all = spent.apply(run);
        double[] accuracies = run.accuracies();
        int last = -1;
        while (last + 1 < all.length && all[last + 1] <= budget * (1 + ROUNDING)) {
            last++;
        }
        double[] payable = Arrays.copyOf(accuracies, last + 1);
        return new Reached(last, window.of(payable), Arrays.stream(payable).filter(Double::isFinite).reduce(Double.NaN,
                (_, later) -> later));
    }
}
