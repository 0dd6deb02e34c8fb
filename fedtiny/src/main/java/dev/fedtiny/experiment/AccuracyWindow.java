package dev.fedtiny.experiment;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What "the accuracy" of a run is, wherever one number stands for it (tables, reports, {@code result.json}, CSV): the mean test accuracy
 * after the last rounds. A single round scatters, and the best one is chosen on the test set; this is neither.
 *
 * @param rounds how many of the last rounds that were evaluated, at least 1; of a shorter run all
 */
public record AccuracyWindow(int rounds) {
    /** Five rounds, unless the setting {@code accuracy-rounds} says otherwise. */
    public static final AccuracyWindow USUAL = new AccuracyWindow(5);

    /** Checks the range. */
    public AccuracyWindow {
        if (rounds < 1) {
            throw new IllegalArgumentException("accuracy over the last " + rounds + " rounds, expected at least 1");
        }
    }

    /**
     * A run's accuracy.
     *
     * @param accuracies in [0, 1], of the start and then after every round; NaN where it was not evaluated or is not known
     * @return the mean over the window; the start's where no round was evaluated; NaN where nothing was
     */
    public double of(double... accuracies) {
        double[] known = Arrays.stream(accuracies).skip(1).filter(Double::isFinite).toArray();
        if (known.length == 0) {
            return accuracies.length == 0 ? Double.NaN : accuracies[0];
        }
        return Arrays.stream(known, Math.max(0, known.length - rounds), known.length).average().orElseThrow();
    }

    /**
     * What a mean is over where there are fewer rounds.
     *
     * @param evaluated how many rounds were evaluated
     * @return a window of at most as many rounds, and of at least one: it gives such a run the same accuracy, and says how it came about
     */
    public AccuracyWindow within(long evaluated) {
        return new AccuracyWindow((int) Math.max(1, Math.min(rounds, evaluated)));
    }

    /**
     * What to say of several runs, of which some may have ended early.
     *
     * @param windows one a run, at least one, each as {@link #within} gives it
     * @return {@code mean of the last 5 rounds}, and that it is of fewer where a run had fewer
     */
    public static String words(List<AccuracyWindow> windows) {
        AccuracyWindow longest = windows.stream().max(Comparator.comparingInt(AccuracyWindow::rounds)).orElseThrow();
        return longest + (windows.stream().allMatch(longest::equals) ? "" : ", of a run with fewer all of them");
    }

    /** {@return for headings: {@code mean of the last 5 rounds}} */
    @Override
    public String toString() {
        return rounds == 1 ? "after the last round" : "mean of the last " + rounds + " rounds";
    }
}
