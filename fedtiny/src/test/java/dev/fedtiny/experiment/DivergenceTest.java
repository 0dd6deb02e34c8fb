package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.report.RunReport;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose learning rate no model survives. */
class DivergenceTest {
    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();

    private Experiment experiment(Map<SettingSpec<?>, String> more) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>(
                Map.of(Setting.MODEL, "cnn-8-8-8", Setting.DEVICES, "3", Setting.MAX_IMAGES, "140",
                Setting.MAX_TEST_IMAGES, "40", Setting.ROUNDS, "9", Setting.DENSITY, "0.2", Setting.LEARNING_RATE, "1e10",
                Setting.LEARNING_RATE_LAST, "1e9", Setting.PRETRAIN_EPOCHS, "1", Setting.THREADS, "1"));
        settings.put(Setting.PARTITION, "iid");
        settings.putAll(more);
        return Experiment.of(settings);
    }

    private Runner.Result run(Experiment experiment, RunDirectory directory) throws IOException {
        TrainTest images = experiment.open();
        return Runner.run(experiment, images, directory, new Runner.Listener() {
            @Override
            public void started(Method method, InitReport report, TestResult test) {
            }

            @Override
            public void resumed(Method method, int roundsDone, TestResult test) {
            }

            @Override
            public void round(RoundReport report, TestResult test, int rounds) {
                assertTrue(Double.isFinite(test.loss()));
            }

            @Override
            public void warning(String sentence) {
                warnings.add(sentence);
            }

            @Override
            public void stopped(int roundsDone, int rounds) {
            }
        });
    }

    private static List<JsonObject> metrics(RunDirectory directory) throws IOException {
        return Files.readAllLines(directory.path().resolve(RunDirectory.METRICS)).stream().map(line -> (JsonObject) JsonReader.parse(line))
                .toList();
    }

    @Test
    void aRunThatDivergesGoesBackThreeTimesAndEndsSayingSoEverywhere() throws IOException {
        RunDirectory directory = RunDirectory.create(folder.resolve("run"));
        Runner.Result result = run(experiment(Map.of()), directory);
        assertEquals(4, result.diverged().orElseThrow().round());
        assertEquals(5, result.curve().size());
        assertEquals(1, result.curve().stream().distinct().count(), "the model of the start stays");
        assertEquals(4, warnings.size(), warnings.toString());
        assertTrue(warnings.getFirst().startsWith("round 1: ") && warnings.getFirst().contains("went back"), warnings.toString());
        assertTrue(warnings.getLast().contains("the run has diverged"), warnings.toString());
        List<JsonObject> lines = metrics(directory);
        assertEquals("diverged", lines.getLast().string("event"));
        assertEquals(4, lines.getLast().integer("round"));
        assertEquals(4, lines.stream().filter(line -> line.find("wentBack").isPresent()).count());
        JsonObject json = (JsonObject) JsonReader.parse(Files.readString(directory.path().resolve(RunDirectory.RESULT)));
        assertTrue(json.bool("diverged"));
        assertEquals(4, json.object("divergence").integer("round"));
        ModelFile.load(directory.path().resolve("model.safetensors")).check();
        Path page = folder.resolve("report.html");
        RunReport.read(List.of(directory.path()), List.of()).html(page);
        assertTrue(Files.readString(page).contains("diverged: the run ended"));
        // Who goes on with it is told the same.
        assertEquals(result.diverged(), run(experiment(Map.of()), directory).diverged());
    }

    /** Killed between the last checkpoint and the result. */
    @Test
    void aRunThatHadDivergedAndLostItsResultHasDivergedAgain() throws IOException {
        for (String most : List.of("9", "2")) {
            RunDirectory directory = RunDirectory.create(folder.resolve("killed " + most));
            Experiment experiment = experiment(Map.of(Setting.ROUNDS, most, Setting.METHOD, "fedavg"));
            TrainTest images = experiment.open();
            List<String> told = new ArrayList<>();
            assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, directory, new Quiet() {
                @Override
                public void warning(String sentence) {
                    told.add(sentence);
                    if (sentence.contains("has diverged")) {
                        throw new IllegalStateException("killed");
                    }
                }
            }));
            assertFalse(directory.done());
            Path page = folder.resolve("killed.html");
            RunReport.read(List.of(directory.path()), List.of()).html(page);
            assertTrue(Files.readString(page).contains("<b>unfinished: "), "in no mean");
            Runner.Result result = run(experiment, directory);
            Divergence divergence = result.diverged().orElseThrow();
            assertTrue(told.getLast().startsWith("round " + divergence.round() + ": " + divergence.reason() + ";"),
                    told + " " + divergence);
            assertEquals(most.equals("2") ? 2 : 4, divergence.round());
            assertEquals(1, metrics(directory).stream().filter(line -> line.string("event").equals("diverged")).count());
        }
    }

    /** That no device reported must not change a model whose noise hides it. */
    @Test
    void underNoiseNothingFollowsFromWhoDiverged() throws IOException {
        RunDirectory directory = RunDirectory.create(folder.resolve("run"));
        Runner.Result result = run(experiment(Map.of(Setting.METHOD, "fedavg", Setting.DP_NOISE, "1e-3", Setting.DP_CLIP, "1e-3",
                Setting.UPDATE_BOUND, "0", Setting.ROUNDS, "2")), directory);
        assertTrue(result.diverged().isEmpty(), result.diverged().toString());
        assertTrue(metrics(directory).stream().noneMatch(line -> line.find("wentBack").isPresent()));
        assertEquals(List.of(), warnings);
    }

    @Test
    void stopEndsAtTheFirstRoundThatSpoilsTheModel() throws IOException {
        Runner.Result result = run(experiment(Map.of(Setting.ON_DIVERGENCE, "stop")), RunDirectory.create(folder.resolve("run")));
        assertEquals(1, result.diverged().orElseThrow().round());
        assertEquals(2, result.curve().size());
    }

    @Test
    void aRunWhoseLastRoundSpoilsTheModelHasDiverged() throws IOException {
        Runner.Result result = run(experiment(Map.of(Setting.ROUNDS, "2")), RunDirectory.create(folder.resolve("run")));
        assertEquals(2, result.diverged().orElseThrow().round());
        assertEquals(3, result.curve().size());
        assertTrue(warnings.getLast().contains("the run has diverged"), warnings.toString());
    }

    /**
     * The server takes the first round's step three thousand times as far, at which nobody looks; the second, which is looked at, goes back
     * to that. How bad that model is must not be what the rounds after it are measured by.
     */
    @Test
    void aSpoiltModelThatNobodyHadLookedAtIsNoYardstick() throws IOException {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>(Map.of(Setting.METHOD, "fedavg", Setting.ROUNDS, "4",
                Setting.EVALUATE_EVERY, "2", Setting.LEARNING_RATE, "0.05", Setting.LEARNING_RATE_LAST, "1e-30"));
        settings.put(Setting.UPDATE_BOUND, "0");
        settings.putAll(Map.of(Setting.SERVER_OPTIMIZER, "momentum", Setting.SERVER_MOMENTUM, "0", Setting.SERVER_LEARNING_RATE,
                "3e3"));
        RunDirectory directory = RunDirectory.create(folder.resolve("run"));
        Experiment experiment = experiment(settings);
        List<String> told = new ArrayList<>();
        Runner.Result result = Runner.run(experiment, experiment.open(), directory, new Quiet() {
            @Override
            public void warning(String sentence) {
                told.add(sentence);
            }
        });
        assertTrue(told.getFirst().startsWith("round 2: ") && told.getFirst().contains("which is spoilt, too"), told.toString());
        assertEquals(4, result.diverged().orElseThrow(() -> new AssertionError(told + " " + result.curve())).round());
        assertTrue(((JsonObject) JsonReader.parse(Files.readString(directory.path().resolve(RunDirectory.RESULT)))).bool("diverged"));
    }

    @Test
    void theLastGoodResultIsOneThatWasGood() {
        TestResult start = new TestResult(2.3, 10, 100);
        TestResult better = new TestResult(1.1, 60, 100);
        TestResult spoilt = new TestResult(1e6, 10, 100);
        TestResult none = TestResult.notEvaluated();
        assertEquals(start, DivergenceRule.lastGood(List.of(start), 10));
        assertEquals(better, DivergenceRule.lastGood(List.of(start, none, better, none), 10));
        assertEquals(better, DivergenceRule.lastGood(List.of(start, better, none, spoilt, none, spoilt), 10));
        assertEquals(start, DivergenceRule.lastGood(List.of(start, new TestResult(Double.POSITIVE_INFINITY, 10, 100)), 10));
    }

    @Test
    void aRunThatIsWellIsMarkedSo() throws IOException {
        RunDirectory directory = RunDirectory.create(folder.resolve("run"));
        Runner.Result result = run(experiment(Map.of(Setting.LEARNING_RATE, "0.05", Setting.LEARNING_RATE_LAST, "0.05", Setting.ROUNDS, "2",
                Setting.METHOD, "fedavg")), directory);
        assertTrue(result.diverged().isEmpty());
        assertEquals(List.of(), warnings);
        assertFalse(((JsonObject) JsonReader.parse(Files.readString(directory.path().resolve(RunDirectory.RESULT)))).bool("diverged"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fedavg", "snip", "synflow"})
    void pretrainingThatDivergesIsNamedBeforeAnyRound(String method) throws IOException {
        RunDirectory directory = RunDirectory.create(folder.resolve("run"));
        Experiment experiment = experiment(Map.of(Setting.PRETRAIN_LEARNING_RATE, "1e30", Setting.METHOD, method, Setting.DENSITY,
                method.equals("fedavg") ? "1" : "0.5"));
        ArithmeticException e = assertThrows(ArithmeticException.class, () -> run(experiment, directory));
        assertTrue(e.getMessage().contains("pretrain"), e.getMessage());
        assertFalse(directory.done());
        assertEquals(0, Files.size(directory.path().resolve(RunDirectory.METRICS)));
    }

    @Test
    void aSweepGoesOnWithItsOtherRuns() throws IOException {
        Map<String, String> file = new LinkedHashMap<>(Map.of("model", "cnn-8-8-8", "devices", "3", "max-images", "140",
                "max-test-images", "40", "rounds", "4", "pretrain-epochs", "1", "method", "fedavg", "schedule", "constant", "adjust-until",
                "3",
                "partition", "iid"));
        file.put("sweep.learning-rate", "1e10, 0.05");
        List<SweepRunner.Outcome> outcomes = SweepRunner.run(Sweep.of(file, Map.of()), folder, new SweepRunner.Listener() {
            @Override
            public Runner.Listener begins(int number, Sweep.Run run, Path directory) {
                return new Quiet();
            }

            @Override
            public void ended(int number, SweepRunner.Outcome outcome) {
            }
        });
        assertTrue(((SweepRunner.Outcome.Done) outcomes.get(0)).result().diverged().isPresent());
        assertTrue(((SweepRunner.Outcome.Done) outcomes.get(1)).result().diverged().isEmpty());
    }

    private static class Quiet implements Runner.Listener {
        @Override
        public void started(Method method, InitReport report, TestResult test) {
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
        }

        @Override
        public void warning(String sentence) {
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
        }
    }
}
