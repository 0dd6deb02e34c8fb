package dev.fedtiny.experiment;

import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * After which rounds a run's model is evaluated, and what follows from it.
 *
 * @param every so many rounds, and after the last one
 * @param rule what ends the run early
 * @param keepBest whether the best model is kept
 * @param directory of the run
 */
record Judge(int every, EndRule rule, boolean keepBest, RunDirectory directory) {
    /** Whether a model is evaluated after a round, from 1 on. */
    boolean due(int round, int rounds) {
        return round % every == 0 || round == rounds;
    }

    /** A score on the test set; a loss that is no number where the model's outputs are not finite. */
    static TestResult evaluated(Supplier<TestResult> evaluation) {
        try {
            return evaluation.get();
        } catch (ArithmeticException e) {
            return TestResult.notFinite();
        }
    }

    /** A curve with one result more. */
    static List<TestResult> with(List<TestResult> curve, TestResult next) {
        List<TestResult> all = new ArrayList<>(curve);
        all.add(next);
        return all;
    }

    /** Whether a model is the best one and to be kept, when its result follows those of the run so far. */
    boolean best(List<TestResult> curve, TestResult next) {
        return keepBest && next.evaluated() && EndRule.best(with(curve, next)) == curve.size();
    }

    /** Keeps a model as the best one. */
    void keep(MethodState state) throws IOException {
        directory.bestModel(state.model());
    }
}
