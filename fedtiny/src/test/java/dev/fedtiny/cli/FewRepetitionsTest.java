package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.Sweep;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FedAvg;
import dev.fedtiny.method.TestResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One or two values have no spread and no saving: the tables and the JSON say so in the place of a figure. */
class FewRepetitionsTest {
    @Test
    void aSweepOfTwoSeedsTellsNoDeviation() {
        assertFalse(table(1).contains("±:"));
        assertTrue(table(2).contains("±: standard deviation over runs, not given for fewer than 3") && !table(2).contains("7.07 %"));
        assertTrue(table(3).contains("10.00 %") && !table(3).contains("not given"), table(3));
    }

    private static String table(int seeds) {
        List<Outcome> outcomes = new ArrayList<>();
        IntStream.range(0, seeds).forEach(seed -> outcomes.add(new Outcome.Done(new Sweep.Run("run" + seed, Map.of("method", "fedavg"),
                Experiment.of(Map.of(Setting.SEED, Integer.toString(seed)))), result(0.5 + 0.1 * seed), false)));
        return SweepTable.of(outcomes).toString();
    }

    private static Runner.Result result(double accuracy) {
        TestResult start = new TestResult(1, 0, 100);
        return new Runner.Result(new FedAvg(), 1, List.of(start, new TestResult(1, (int) Math.round(100 * accuracy), 100)), Costs.NONE, 1,
                1);
    }
}
