package dev.fedtiny.experiment;

import dev.fedtiny.method.TestResult;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * When a run ends before its last round, and which of its models is the best: by the accuracy after rounds that were evaluated, on the
 * images that a run is evaluated on. Those are validation images where the run has set some apart, and the test images otherwise. A pure
 * function of the curve, so that a run that goes on decides as one that was never interrupted.
 *
 * @param target accuracy in (0, 1] that is enough; empty: none is
 * @param patience rounds without a better accuracy than before, after which the run ends; 0: it does not
 * @param judgedBy the images that decide, in words
 */
public record EndRule(Optional<Double> target, int patience, String judgedBy) {
    /** {@return whether a run may end before its last round at all} */
    public boolean ends() {
        return target.isPresent() || patience > 0;
    }

    /**
     * Whether a run ends here.
     *
     * @param curve the start first and then every round done
     * @return why; empty where it goes on, or the last round was not evaluated
     */
    public Optional<EarlyStop> after(List<TestResult> curve) {
        int round = curve.size() - 1;
        TestResult last = curve.getLast();
        if (round == 0 || !last.evaluated()) {
            return Optional.empty();
        }
        if (target.isPresent() && last.accuracy() >= target.get()) {
            return Optional.of(new EarlyStop(round, EarlyStop.Cause.TARGET, String.format(Locale.ROOT, "accuracy %.4f on the %s reached "
                    + "target-accuracy = %s", last.accuracy(), judgedBy, target.get())));
        }
        int best = best(curve);
        if (patience > 0 && round - best >= patience) {
            return Optional.of(new EarlyStop(round, EarlyStop.Cause.PATIENCE, String.format(Locale.ROOT, "accuracy on the %s was best "
                    + "%s, %.4f, and has not risen for patience = %d rounds", judgedBy, best == 0 ? "at the start" : "after round " + best,
                    curve.get(best).accuracy(), patience)));
        }
        return Optional.empty();
    }

    /**
     * The first of the models with the highest accuracy.
     *
     * @param curve the start first and then every round done; at least one was evaluated
     * @return after how many rounds it was evaluated
     */
    public static int best(List<TestResult> curve) {
        int best = -1;
        for (int round = 0; round < curve.size(); round++) {
            TestResult test = curve.get(round);
            if (test.evaluated() && (best < 0 || test.accuracy() > curve.get(best).accuracy())) {
                best = round;
            }
        }
        if (best < 0) {
            throw new IllegalArgumentException("best of " + curve.size() + " results, none of which was evaluated");
        }
        return best;
    }
}
