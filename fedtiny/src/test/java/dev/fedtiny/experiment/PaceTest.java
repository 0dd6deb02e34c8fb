package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.experiment.Pace.Kind;
import dev.fedtiny.experiment.Pace.Step;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The estimator with recorded times: no clock is looked at. */
class PaceTest {
    private static Step round(double flops) {
        return new Step("fedtiny", Kind.ROUND, flops);
    }

    private static Step adjustment(double flops) {
        return new Step("fedtiny", Kind.ADJUSTMENT, flops);
    }

    private static Step start(String method) {
        return new Step(method, Kind.START, 1);
    }

    @Test
    void roundsOfAKindTakeTimeInProportionToTheirWork() {
        Pace pace = new Pace();
        pace.measured(start("fedtiny"), 40);
        pace.measured(round(1e9), 2);
        pace.measured(round(1e9), 4);
        pace.measured(adjustment(2e9), 12);
        assertEquals(OptionalDouble.of(3 + 3 + 6 + 12), pace.seconds(List.of(round(1e9), round(1e9), adjustment(1e9), adjustment(2e9))));
        assertEquals(OptionalDouble.of(0), pace.seconds(List.of()));
    }

    @Test
    void aKindThatHasNotBeenSeenIsJudgedByItsFlops() {
        Pace pace = new Pace();
        pace.measured(round(1e9), 2);
        assertEquals(OptionalDouble.of(5), pace.seconds(List.of(adjustment(2.5e9))));
        // Once it has been seen, by its own time.
        pace.measured(adjustment(2.5e9), 10);
        assertEquals(OptionalDouble.of(10), pace.seconds(List.of(adjustment(2.5e9))));
    }

    @Test
    void whatCannotBeToldIsNotTold() {
        Pace pace = new Pace();
        assertEquals(OptionalDouble.empty(), pace.seconds(List.of(round(1e9))));
        // What comes before the rounds says nothing of them, nor they of it.
        pace.measured(start("fedtiny"), 40);
        assertEquals(OptionalDouble.empty(), pace.seconds(List.of(round(1e9))));
        pace.measured(round(1e9), 1);
        assertEquals(OptionalDouble.of(1), pace.seconds(List.of(round(1e9))));
        assertEquals(OptionalDouble.of(40), pace.seconds(List.of(start("snip"))));
        assertEquals(OptionalDouble.empty(), new Pace().seconds(List.of(start("snip"))));
    }

    @Test
    void theLastTenStepsCountSoThatAChangeOfPaceIsNoticed() {
        Pace pace = new Pace();
        for (int i = 0; i < 50; i++) {
            pace.measured(round(1e9), 9);
        }
        for (int i = 0; i < 10; i++) {
            pace.measured(round(1e9), 3);
        }
        assertEquals(OptionalDouble.of(30), pace.seconds(Collections.nCopies(10, round(1e9))));
    }

    @Test
    void anotherMethodOfASweepIsJudgedByTheFirstOnesRounds() {
        Pace pace = new Pace();
        pace.measured(start("fedtiny"), 20);
        pace.measured(round(1e9), 2);
        Step dense = new Step("fedavg", Kind.ROUND, 10e9);
        assertEquals(OptionalDouble.of(20 + 20), pace.seconds(List.of(start("fedavg"), dense)));
        pace.measured(dense, 15);
        assertEquals(OptionalDouble.of(15), pace.seconds(List.of(dense)));
        // A method's own rounds of another kind are nearer than another method's of the same.
        assertEquals(OptionalDouble.of(2), pace.seconds(List.of(adjustment(1e9))));
    }

    @Test
    void stepsWithoutFlopsCountOneByOne() {
        Pace pace = new Pace();
        pace.measured(round(0), 2);
        pace.measured(round(0), 4);
        assertEquals(OptionalDouble.of(6), pace.seconds(List.of(round(0), round(0))));
        assertThrows(IllegalArgumentException.class, () -> round(-1));
        assertThrows(IllegalArgumentException.class, () -> round(Double.NaN));
    }

    @Test
    void aRunsStepsAreItsStartAndItsRoundsWithTheirWork() {
        Map<SettingSpec<?>, String> settings = new HashMap<>();
        settings.putAll(Map.of(Setting.MODEL, "cnn-8-8-8", Setting.DEVICES, "20", Setting.SAMPLE, "5", Setting.ROUNDS, "9",
                Setting.DENSITY, "0.2", AdjustmentSettings.EVERY, "2", AdjustmentSettings.UNTIL, "5"));
        Experiment experiment = Experiment.of(settings);
        RunWork work = RunWork.of(experiment, Datasets.demo().train(), Datasets.demo().test());
        List<Step> steps = work.whole().steps();
        assertFalse(work.whole().atMost());
        assertEquals(10 + 10, steps.size(), "a start and nine rounds, each of them evaluated");
        assertEquals(Kind.START, steps.getFirst().kind());
        List<Step> adjustments = steps.stream().filter(step -> step.kind() == Kind.ADJUSTMENT).toList();
        List<Step> rounds = steps.stream().filter(step -> step.kind() == Kind.ROUND).toList();
        assertTrue(adjustments.size() >= 2 && rounds.size() >= 5, steps.toString());
        // A growth batch is more work than none, and all rounds without are alike.
        assertTrue(adjustments.stream().allMatch(step -> step.flops() > rounds.getFirst().flops()), steps.toString());
        assertEquals(1, rounds.stream().mapToDouble(Step::flops).distinct().count());
        ExactEstimate exact = DryRun.of(experiment, Datasets.demo(), false);
        assertEquals(1, rounds.getFirst().flops() / exact.ordinary().flops(), 0.5, "the dry run's count, with shares as they are drawn");
    }

    private static RunWork work(String... settings) {
        Map<SettingSpec<?>, String> all = new HashMap<>(Map.of(Setting.MODEL, "resnet8", Setting.WIDTH, "4", Setting.DEVICES, "10",
                Setting.ROUNDS, "9", Setting.DENSITY, "0.2", AdjustmentSettings.EVERY, "2", AdjustmentSettings.UNTIL, "5",
                Setting.MAX_IMAGES, "400", Setting.MAX_TEST_IMAGES, "200"));
        for (String setting : settings) {
            String[] parts = setting.split("=");
            all.put(SettingIndex.of(parts[0]), parts[1]);
        }
        Experiment experiment = Experiment.of(all);
        TrainTest images = experiment.open();
        return RunWork.of(experiment, images.train(), images.test());
    }

    /** Which of rounds 1 to 9, and the start as 0, are followed by an evaluation. */
    private static List<Integer> evaluated(List<Step> steps) {
        List<Integer> rounds = new ArrayList<>();
        int round = -1;
        for (Step step : steps) {
            round += step.kind() == Kind.EVALUATION ? 0 : 1;
            if (step.kind() == Kind.EVALUATION) {
                rounds.add(round);
            }
        }
        return rounds;
    }

    @Test
    void evaluationsAreStepsOfTheirOwnWhereTheyAreDue() {
        assertEquals(List.of(0, 4, 8, 9), evaluated(work("evaluate-every=4").whole().steps()));
        assertEquals(List.of(0, 3, 4, 6, 8, 9), evaluated(work("evaluate-every=4", "evaluate-devices=3").whole().steps()));
        List<Step> steps = work("evaluate-every=4", "evaluate-devices=4").whole().steps();
        double test = steps.get(1).flops();
        double both = steps.stream().filter(step -> step.kind() == Kind.EVALUATION).skip(1).findFirst().orElseThrow().flops();
        // 200 test images, and 10 devices with 40 each.
        assertEquals(3, both / test, 1e-9);
        assertEquals(List.of(0, 4, 8, 9, 9, 9), evaluated(work("evaluate-every=4", "recalibrate-last=true",
                "evaluate-personal=true").whole()
                .steps()), "and what is behind the last round");
    }

    @Test
    void whatMayEndEarlyIsSaidToTakeAtMostSoLong() {
        assertTrue(work("target-accuracy=0.9").whole().atMost());
        assertTrue(work("patience=2").whole().atMost());
        assertFalse(work("evaluate-every=3").whole().atMost());
    }

    @Test
    void rarelyEvaluatedRoundsAreNotJudgedByThoseThatAre() {
        Pace pace = new Pace();
        Step evaluation = new Step("fedtiny", Kind.EVALUATION, 1e9);
        pace.measured(round(1e9), 1);
        pace.measured(evaluation, 7);
        assertEquals(OptionalDouble.of(3 * 1 + 7), pace.seconds(List.of(round(1e9), round(1e9), round(1e9), evaluation)));
        // Before the first one a pass is judged by what rounds take for their work.
        Pace resumed = new Pace();
        resumed.measured(round(3e9), 3);
        assertEquals(OptionalDouble.of(1), resumed.seconds(List.of(evaluation)));
    }
}
