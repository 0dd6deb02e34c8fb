package dev.fedtiny.experiment;

import dev.fedtiny.method.TestResult;
import java.util.List;
import java.util.Optional;

/**
 * How the models of a run did on the test images.
 *
 * @param curve the start first and then every round
 * @param window over which the run's accuracy is the mean
 * @param recalibrated the last model with running statistics that devices measured, where that was asked for; never in place of the
 *        curve's last
 * @param best the model kept as the best, where that was asked for
 */
public record Scores(List<TestResult> curve, AccuracyWindow window, Optional<TestResult> recalibrated, Optional<BestModel> best) {
    /** Keeps its own list. */
    public Scores {
        curve = List.copyOf(curve);
    }

    /** {@return the {@link #window}, or the rounds that there are where they are fewer: what texts say that the accuracy is} */
    public AccuracyWindow rounds() {
        return window.within(curve.stream().skip(1).filter(TestResult::evaluated).count());
    }

    /** {@return the run's accuracy, in [0, 1]: the mean over the {@link #window}} */
    public double accuracy() {
        return window.of(curve.stream().mapToDouble(TestResult::accuracy).toArray());
    }
}
