package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.experiment.Divergence;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Scores;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.Sweep;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FedAvg;
import dev.fedtiny.method.TestResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private static Outcome done(String method, int seed, Runner.Result result) {
        return new Outcome.Done(new Sweep.Run(method + seed, Map.of("method", method),
                Experiment.of(Map.of(Setting.SEED, Integer.toString(seed)))), result, false);
    }

    /** A second accuracy of those runs that have one; what diverged is counted and in no mean. */
    @Test
    void recalibratedAccuraciesHaveAColumnAndDivergedRunsAreSaid() {
        List<Outcome> outcomes = new ArrayList<>();
        for (int seed = 1; seed <= 3; seed++) {
            Runner.Result plain = result(0.2 + 0.1 * seed);
            Scores scores = new Scores(plain.curve(), plain.scores().window(), Optional.of(new TestResult(1, 40 + 10 * seed, 100)),
                    Optional.empty());
            outcomes.add(done("fedtiny", seed, new Runner.Result(plain.method(), 1, scores, Costs.NONE, 1, plain.times(), Optional.empty(),
                    Optional.empty())));
            outcomes.add(done("snip", seed, seed == 2 ? new Runner.Result(plain.method(), 1, plain.scores(), Costs.NONE, 1, plain.times(),
                    Optional.of(new Divergence(1, "the loss is not finite")), Optional.empty()) : plain));
        }
        String table = SweepTable.of(outcomes).toString();
        List<String> lines = table.lines().toList();
        assertTrue(lines.get(0).matches("method +runs +accuracy +± +recalibrated +± +density.*"), table);
        assertTrue(lines.get(1).matches("fedtiny +3 +40\\.00 % +10\\.00 % +60\\.00 % +10\\.00 % .*"), table);
        assertTrue(lines.get(2).matches("snip +2 of 3: 1 diverged +40\\.00 % +– .*"), table);
        assertTrue(table.contains("recalibrated: the last model with running statistics that devices measured"), table);
        List<JsonValue> groups = ((JsonValue.JsonArray) SweepTable.of(outcomes).json()).values();
        assertEquals(0.6, ((JsonObject) groups.getFirst()).number("recalibratedAccuracy"), 1e-12);
        assertEquals(0.1, ((JsonObject) groups.getFirst()).number("recalibratedStandardDeviation"), 1e-12);
        assertEquals(1, ((JsonObject) groups.getLast()).integer("diverged"));
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
