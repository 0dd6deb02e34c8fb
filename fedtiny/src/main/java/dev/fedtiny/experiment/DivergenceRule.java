package dev.fedtiny.experiment;

import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What a run does when a round spoils the model: when the model, or its loss on the server's images, is no longer finite or more than
 * {@value #FAR_WORSE} times what it was (or what guessing has), or when nobody reports since training diverges on the devices. A run
 * whose last round does so has diverged, whatever the rule. Where noise hides whether anybody took part only the model is looked at.
 *
 * @param reaction what happens
 * @param maximumGoBacks after so many rounds in which the run went back, one after the other, it stops all the same
 */
public record DivergenceRule(Reaction reaction, int maximumGoBacks) {
    /** So many times the last good loss is no step in training that one would want to keep. */
    private static final double FAR_WORSE = 100;

    /** What happens after a round that spoilt the model. */
    public enum Reaction {
        /** The model of the round before stays, and the next round begins. */
        GO_BACK,
        /** The run ends with the model of the round before. */
        STOP
    }

    /** Checks the range. */
    public DivergenceRule {
        Objects.requireNonNull(reaction, "reaction");
        if (maximumGoBacks < 1) {
            throw new IllegalArgumentException("divergence: " + maximumGoBacks + " rounds to go back in, expected at least 1");
        }
    }

    /** Whether a run ends that had to go back in so many rounds, one after the other, the last included. */
    boolean ends(int goBacks) {
        return reaction == Reaction.STOP || goBacks > maximumGoBacks;
    }

    /**
     * Why a round's outcome is not to be kept; empty where it is.
     *
     * @param after the state that the round gave
     * @param test its result, of which a loss that is not finite has been seen; may be one of no evaluation
     * @param before the last good result of an evaluation
     * @param hidden whether noise hides who took part, so that nothing may follow from it
     */
    static Optional<String> trouble(RoundReport report, MethodState after, TestResult test, TestResult before, boolean hidden) {
        long diverged = report.failures().stream().filter(failure -> failure.cause() == DeviceFailure.Cause.DIVERGED).count();
        if (!hidden && report.reporters().isEmpty() && 2 * diverged > report.failures().size()) {
            return Optional.of("training diverged on " + (diverged == 1 ? "the device" : diverged + " devices") + " and nobody reported");
        }
        Optional<String> notFinite = notFinite(after);
        if (notFinite.isPresent()) {
            return Optional.of("the model has values that are not finite (" + notFinite.get() + ")");
        }
        return trouble(test, before, after.model().network().classes());
    }

    /** The same of a result alone; empty where nothing was evaluated. */
    static Optional<String> trouble(TestResult test, TestResult before, int classes) {
        if (!test.evaluated()) {
            return Optional.empty();
        }
        if (!Double.isFinite(test.loss())) {
            return Optional.of("the model's loss on the test images is not finite");
        }
        if (test.loss() > FAR_WORSE * Math.max(before.loss(), Math.log(classes))) {
            return Optional.of(String.format(Locale.ROOT, "the model's loss on the test images is %.4g, after %.4g before", test.loss(),
                    before.loss()));
        }
        return Optional.empty();
    }

    /**
     * The last good result of a curve. A run that goes back to a model that nobody had looked at, since not every round is evaluated, may
     * have kept one that was spoilt as well: what comes after must not be measured by that.
     *
     * @param curve the start, which is good, and then every round
     * @param classes logits of the network
     */
    static TestResult lastGood(List<TestResult> curve, int classes) {
        TestResult good = curve.getFirst();
        for (TestResult test : curve) {
            good = test.evaluated() && trouble(test, good, classes).isEmpty() ? test : good;
        }
        return good;
    }

    private static Optional<String> notFinite(MethodState state) {
        try {
            state.model().check();
            return Optional.empty();
        } catch (IllegalStateException e) {
            return Optional.of(e.getMessage());
        }
    }
}
