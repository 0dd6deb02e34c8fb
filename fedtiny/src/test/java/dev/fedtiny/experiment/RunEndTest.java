package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a run is, when its model is looked at, and what ends it: all of it the same for a run that was interrupted or given more. */
class RunEndTest {
    private static final int ROUNDS = 6;

    @TempDir
    private static Path folder;

    private static Experiment experiment;
    private static TrainTest images;
    private static Runner.Result whole;

    @BeforeAll
    static void runToTheEnd() throws IOException {
        Map<SettingSpec<?>, String> settings = new HashMap<>(Map.of(Setting.WIDTH, "2", Setting.ROUNDS, "" + ROUNDS, Setting.DEVICES, "2",
                Setting.MAX_IMAGES, "160", Setting.VALIDATION_IMAGES, "40", AdjustmentSettings.EVERY, "2", AdjustmentSettings.UNTIL, "5",
                Setting.DENSITY, "0.2", Setting.SCHEDULE, "constant", Setting.LEARNING_RATE, "0.05"));
        settings.putAll(Map.of(Setting.PRETRAIN_EPOCHS, "1", FedTiny.SELECTION, "none", Setting.THREADS, "1", Setting.KEEP_BEST, "true",
                Setting.BASELINE, "false"));
        experiment = Experiment.of(settings);
        images = experiment.open();
        whole = Runner.run(experiment, images, RunDirectory.create(folder.resolve("whole")), new Recorder(99));
    }

    private static class Recorder implements Runner.Listener {
        private final int failAfter;
        private final List<String> told = new ArrayList<>();

        private Recorder(int failAfter) {
            this.failAfter = failAfter;
        }

        @Override
        public void started(Method method, InitReport report, TestResult test) {
            told.add("started");
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            told.add("resumed " + roundsDone);
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            if (report.number() == failAfter) {
                throw new IllegalStateException("stop after " + failAfter);
            }
        }

        @Override
        public void warning(String sentence) {
            told.add(sentence);
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
            told.add("stopped");
        }
    }

    private static byte[] bytes(String run, String file) throws IOException {
        return Files.readAllBytes(folder.resolve(run).resolve(file));
    }

    private static Runner.Result run(String name, Experiment what) throws IOException {
        return Runner.run(what, images, RunDirectory.create(folder.resolve(name)), new Recorder(99));
    }

    private static Runner.Result interrupted(String name, Experiment what, int after) throws IOException {
        RunDirectory directory = RunDirectory.create(folder.resolve(name));
        assertThrows(IllegalStateException.class, () -> Runner.run(what, images, directory, new Recorder(after)));
        return Runner.run(what, images, directory, new Recorder(99));
    }

    /** Lines of rounds without what a clock says. */
    private static List<String> accuracies(String run) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl"))) {
            JsonObject entry = (JsonObject) JsonReader.parse(line);
            if (entry.string("event").equals("round")) {
                lines.add(entry.integer("round") + " " + entry.find("accuracy").map(Object::toString).orElse("-") + " "
                        + entry.number("trainLoss"));
            }
        }
        return lines;
    }

    /** Rounds behind which devices' own images were evaluated. */
    private static List<Integer> evaluatedOnDevices(String run) throws IOException {
        List<Integer> rounds = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl"))) {
            JsonObject entry = (JsonObject) JsonReader.parse(line);
            if (entry.string("event").equals("round") && entry.find("deviceAccuracy").isPresent()) {
                rounds.add((int) entry.integer("round"));
            }
        }
        return rounds;
    }

    private static JsonObject result(String run) throws IOException {
        return (JsonObject) JsonReader.parse(Files.readString(folder.resolve(run).resolve("result.json")));
    }

    private static RunDirectory extended(String run, Map<SettingSpec<?>, String> end) throws IOException {
        RunDirectory directory = RunDirectory.begun(folder.resolve(run));
        RunExtension.apply(List.of(new RunExtension(directory, directory.experiment().withFree(end))), images.train());
        return directory;
    }

    private static String refusal(String run, Map<SettingSpec<?>, String> end) {
        return assertThrows(IllegalArgumentException.class, () -> extended(run, end)).getMessage();
    }

    @Test
    void aModelIsLookedAtEverySoManyRoundsAndAtTheEnd() throws IOException {
        Experiment every = experiment.with(Map.of(Setting.EVALUATE_EVERY, "4"));
        Runner.Result result = run("every", every);
        assertEquals(List.of(true, false, false, false, true, false, true), result.curve().stream().map(TestResult::evaluated).toList());
        assertEquals(whole.curve().get(4), result.curve().get(4));
        assertEquals(whole.last(), result.last());
        assertArrayEquals(bytes("whole", "model.safetensors"), bytes("every", "model.safetensors"));
        assertEquals((whole.curve().get(4).accuracy() + whole.last().accuracy()) / 2, result.accuracy(), 1e-12,
                "rounds that were not evaluated do not count");
        List<String> lines = accuracies("every");
        for (int round = 1; round <= ROUNDS; round++) {
            assertEquals(round == 4 || round == ROUNDS, !lines.get(round - 1).contains(" - "), lines.toString());
        }
        Runner.Result again = interrupted("every-interrupted", every, 3);
        assertEquals(result.curve(), again.curve());
        assertArrayEquals(bytes("every", "model.safetensors"), bytes("every-interrupted", "model.safetensors"));
        // Read from its file it is the same.
        assertEquals(result.curve(), Runner.finished(every, new RunDirectory(folder.resolve("every"))).orElseThrow().curve());
    }

    @Test
    void theBestModelIsTheFirstOfTheHighestAccuracyAndIsKept() throws IOException {
        BestModel best = whole.scores().best().orElseThrow();
        double highest = whole.curve().stream().mapToDouble(TestResult::accuracy).max().orElseThrow();
        assertEquals(highest, best.test().accuracy());
        assertTrue(whole.curve().subList(0, best.round()).stream().allMatch(test -> test.accuracy() < highest));
        assertEquals("validation images", best.judgedBy());
        Experiment upToBest = experiment.with(Map.of(Setting.ROUNDS, "" + Math.max(1, best.round())));
        run("up-to-best", upToBest);
        if (best.round() > 0) {
            assertArrayEquals(bytes("up-to-best", "model.safetensors"), bytes("whole", "model.best.safetensors"));
        }
        Experiment rarely = experiment.with(Map.of(Setting.CHECKPOINT_EVERY, "5"));
        interrupted("best-interrupted", rarely, 4);
        assertArrayEquals(bytes("whole", "model.best.safetensors"), bytes("best-interrupted", "model.best.safetensors"));
        assertEquals(best.round(), result("best-interrupted").object("best").integer("round"));
        assertFalse(Files.exists(run("no-best", experiment.with(Map.of(Setting.KEEP_BEST, "false", Setting.ROUNDS, "1")))
                .scores().best().isPresent() ? folder : folder.resolve("no-best/model.best.safetensors")));
    }

    /** A round whose checkpoint could not be written is done again, and with noise comes to another model: nothing of it may stay. */
    @Test
    void theBestModelIsOfNoRoundThatIsThrownAway() throws IOException {
        Experiment rising = Experiment.of(Map.of(Setting.METHOD, "fedavg", Setting.WIDTH, "2", Setting.ROUNDS, "2", Setting.DEVICES, "2",
                Setting.MAX_IMAGES, "60", Setting.MAX_TEST_IMAGES, "20", Setting.PRETRAIN_EPOCHS, "0", Setting.THREADS, "1", Setting.SEED,
                "5")).with(Map.of(Setting.KEEP_BEST, "true", Setting.BASELINE, "false"));
        TrainTest few = rising.open();
        int best = Runner.run(rising, few, RunDirectory.create(folder.resolve("rising")), new Recorder(99)).scores().best().orElseThrow()
                .round();
        assertTrue(best > 0, "the start is not the best model");
        RunDirectory directory = RunDirectory.create(folder.resolve("thrown-away"));
        Path next = directory.path().resolve("checkpoint-" + best % 2 + ".bin");
        Path kept = directory.path().resolve("model.best.safetensors");
        byte[][] before = new byte[1][];
        assertThrows(IOException.class, () -> Runner.run(rising, few, directory, new Recorder(99) {
            @Override
            public void round(RoundReport report, TestResult test, int rounds) {
                block(report.number());
            }

            @Override
            public void started(Method method, InitReport report, TestResult test) {
                block(0);
            }

            private void block(int done) {
                if (done == best - 1) {
                    try {
                        before[0] = Files.readAllBytes(kept);
                        Files.deleteIfExists(next);
                        Files.createDirectory(next);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        }));
        assertArrayEquals(before[0], Files.readAllBytes(kept));
        Files.delete(next);
        // Nor may it be missing where the process ended between the checkpoint and the file.
        assertThrows(IllegalStateException.class, () -> Runner.run(rising, few, directory, new Recorder(best)));
        Files.write(kept, before[0]);
        Runner.run(rising, few, directory, new Recorder(99));
        assertArrayEquals(bytes("rising", "model.best.safetensors"), Files.readAllBytes(kept));
    }

    @Test
    void aRunEndsWhenItIsGoodEnough() throws IOException {
        double target = whole.curve().get(EndRule.best(whole.curve())).accuracy();
        int round = Math.max(1, EndRule.best(whole.curve()));
        Experiment enough = experiment.with(Map.of(Setting.TARGET_ACCURACY, "" + whole.curve().get(round).accuracy()));
        Runner.Result result = run("enough", enough);
        int first = 1;
        while (whole.curve().get(first).accuracy() < whole.curve().get(round).accuracy()) {
            first++;
        }
        assertTrue(target > 0 && result.curve().size() == first + 1, result.curve() + " of " + whole.curve());
        if (first < ROUNDS) {
            EarlyStop stop = result.stopped().orElseThrow();
            assertEquals(EarlyStop.Cause.TARGET, stop.cause());
            assertTrue(stop.reason().contains("validation images"), stop.reason());
            assertEquals("TARGET", result("enough").object("stopped").string("cause"));
            assertEquals(Optional.of(stop), Runner.finished(enough, new RunDirectory(folder.resolve("enough"))).orElseThrow().stopped());
        }
    }

    @Test
    void aRunEndsWhenItBecomesNoBetterAndAsAWhenItWasInterrupted() throws IOException {
        // With a rate that changes nothing, accuracy stays within an image or two and soon does not rise for two rounds.
        Experiment still = experiment.with(Map.of(Setting.LEARNING_RATE, "1e-12", Setting.PATIENCE, "2", Setting.ROUNDS, "40",
                Setting.EVALUATE_DEVICES, "1000"));
        Runner.Result result = run("still", still);
        EarlyStop stop = result.stopped().orElseThrow();
        assertEquals(EarlyStop.Cause.PATIENCE, stop.cause());
        int done = result.curve().size() - 1;
        assertEquals(done, stop.round());
        assertEquals(done - 2, EndRule.best(result.curve()));
        assertEquals(List.of(done), evaluatedOnDevices("still"), "the last round, whatever it is");
        Runner.Result again = interrupted("still-interrupted", still, 1);
        assertEquals(result.curve(), again.curve());
        assertEquals(result.stopped(), again.stopped());
        // Killed between the last checkpoint and the result, it ends at the same place again.
        Path lost = folder.resolve("still-interrupted").resolve("result.json");
        Files.delete(lost);
        assertEquals(result.stopped(), Runner.run(still, images, RunDirectory.begun(folder.resolve("still-interrupted")),
                new Recorder(99)).stopped());
        // Without the rule it goes on from where it stopped.
        RunDirectory directory = extended("still", Map.of(Setting.PATIENCE, "0", Setting.ROUNDS, "" + (done + 1)));
        Runner.Result longer = Runner.run(directory.experiment(), images, directory, new Recorder(99));
        assertEquals(done + 2, longer.curve().size());
        assertTrue(longer.stopped().isEmpty());
    }

    @Test
    void aFinishedRunIsGivenMoreRoundsWithTheBitsOfALongerOne() throws IOException {
        run("shorter", experiment.with(Map.of(Setting.ROUNDS, "4")));
        assertEquals(List.of(), RunExtension.apply(List.of(new RunExtension(RunDirectory.begun(folder.resolve("shorter")),
                experiment.with(Map.of(Setting.ROUNDS, "4")))), images.train()), "the end is the same");
        // One with devices on other machines stays as it is.
        Path served = Files.createDirectory(folder.resolve("shorter").resolve("federation"));
        String refused = refusal("shorter", Map.of(Setting.ROUNDS, "" + ROUNDS));
        assertTrue(refused.contains("devices on other machines") && refused.contains("--set init="), refused);
        Files.delete(served);
        assertTrue(RunDirectory.begun(folder.resolve("shorter")).done());
        RunDirectory directory = extended("shorter", Map.of(Setting.ROUNDS, "" + ROUNDS));
        assertFalse(directory.done());
        // Interrupted again on the way.
        assertThrows(IllegalStateException.class, () -> Runner.run(directory.experiment(), images, directory, new Recorder(5)));
        Recorder recorder = new Recorder(99);
        Runner.Result result = Runner.run(directory.experiment(), images, directory, recorder);
        assertEquals(List.of("resumed 5"), recorder.told);
        assertEquals(whole.curve(), result.curve());
        assertEquals(whole.costs().flops(), result.costs().flops());
        assertEquals(whole.costs().traffic(), result.costs().traffic());
        assertEquals(accuracies("whole"), accuracies("shorter"));
        for (String file : List.of("model.safetensors", "model.sparse.safetensors", "model.best.safetensors")) {
            assertArrayEquals(bytes("whole", file), bytes("shorter", file), file);
        }
        JsonObject manifest = (JsonObject) JsonReader.parse(Files.readString(folder.resolve("shorter").resolve("manifest.json")));
        assertEquals(1, manifest.array("extended").size());
        assertEquals(ROUNDS, manifest.object("configuration").integer("rounds"));
    }

    @Test
    void whatALongerRunWouldHaveDoneOtherwiseIsRefused() throws IOException {
        run("cosine", experiment.with(Map.of(Setting.SCHEDULE, "cosine", Setting.ROUNDS, "2")));
        String schedule = refusal("cosine", Map.of(Setting.ROUNDS, "4"));
        assertTrue(schedule.contains("learning rate of round 2") && schedule.contains("schedule = constant"), schedule);
        run("automatic", experiment.with(Map.of(AdjustmentSettings.EVERY, "0", AdjustmentSettings.UNTIL, "0", Setting.ROUNDS, "2")));
        String adjustments = refusal("automatic", Map.of(Setting.ROUNDS, "60"));
        assertTrue(adjustments.contains("adjust-until"), adjustments);
        run("odd", experiment.with(Map.of(Setting.EVALUATE_EVERY, "2", Setting.ROUNDS, "3")));
        String odd = refusal("odd", Map.of(Setting.ROUNDS, "4"));
        assertTrue(odd.contains("round 3 was evaluated only because it was the last"), odd);
        run("bare", experiment.with(Map.of(Setting.KEEP_CHECKPOINT, "false", Setting.ROUNDS, "2")));
        String bare = refusal("bare", Map.of(Setting.ROUNDS, "4"));
        assertTrue(bare.contains("no checkpoint of its end") && bare.contains("--set init="), bare);
        assertTrue(refusal("whole", Map.of(Setting.ROUNDS, "3")).contains("6 rounds are done already"));
        String earlier = refusal("whole", Map.of(Setting.TARGET_ACCURACY, "1e-9"));
        assertTrue(earlier.contains("it would have stopped after round 1"), earlier);
        assertThrows(IllegalArgumentException.class, () -> extended("whole", Map.of(Setting.SEED, "2")));
        RunDirectory unseen = RunDirectory.create(folder.resolve("unseen"));
        Experiment rarely = experiment.with(Map.of(Setting.EVALUATE_EVERY, "4"));
        assertThrows(IllegalStateException.class, () -> Runner.run(rarely, images, unseen, new Recorder(3)));
        String last = refusal("unseen", Map.of(Setting.ROUNDS, "3"));
        assertTrue(last.contains("round 3 would be the last, and was not evaluated (evaluate-every = 4)"), last);
        // Nothing was touched.
        assertTrue(RunDirectory.begun(folder.resolve("cosine")).done());
    }

    @Test
    void testImagesDecideNothingInSilence() throws IOException {
        Experiment byTest = experiment.with(Map.of(Setting.VALIDATION_IMAGES, "0", Setting.ROUNDS, "1", Setting.PATIENCE, "3",
                Setting.MAX_TEST_IMAGES, "20"));
        Recorder recorder = new Recorder(99);
        Runner.run(byTest, byTest.open(), RunDirectory.create(folder.resolve("by-test")), recorder);
        assertTrue(recorder.told.getFirst().contains("patience, keep-best decide by the test images")
                && recorder.told.getFirst().contains("set validation-images"), recorder.told.toString());
        assertTrue(experiment.decidedByTest().isEmpty());
        assertTrue(byTest.with(Map.of(Setting.PATIENCE, "0", Setting.KEEP_BEST, "false")).decidedByTest().isEmpty());
    }

    @Test
    void curvesDecide() {
        List<TestResult> curve = new ArrayList<>(Arrays.asList(new TestResult(2, 1, 10), new TestResult(2, 5, 10),
                TestResult.notEvaluated(), new TestResult(2, 5, 10)));
        EndRule rule = new EndRule(Optional.of(0.6), 3, "test images");
        assertTrue(rule.after(curve).isEmpty());
        assertEquals(1, EndRule.best(curve));
        curve.add(new TestResult(1, 4, 10));
        EarlyStop stop = rule.after(curve).orElseThrow();
        assertEquals("stopped after round 4: accuracy on the test images was best after round 1, 0.5000, and has not risen for "
                + "patience = 3 rounds", stop.toString());
        curve.set(4, TestResult.notEvaluated());
        assertTrue(rule.after(curve).isEmpty(), "nobody has looked");
        curve.set(4, new TestResult(1, 6, 10));
        assertEquals(EarlyStop.Cause.TARGET, rule.after(curve).orElseThrow().cause());
        assertTrue(Double.isNaN(TestResult.notEvaluated().accuracy()));
    }
}
