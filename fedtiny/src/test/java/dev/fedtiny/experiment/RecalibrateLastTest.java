package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The setting {@code recalibrate-last}: a second accuracy and a second model beside the first, which stay as they are. */
class RecalibrateLastTest {
    private static final int ROUNDS = 3;

    @TempDir
    private Path folder;

    private static Experiment experiment(String... more) {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>();
        for (String setting : new String[] {"method=fl-pqsu", "width=2", "rounds=" + ROUNDS, "devices=3", "max-images=150",
            "max-test-images=40", "density=0.2", "pretrain-epochs=1", "batch=16", "threads=1", "recalibrate-last=true"}) {
            given.put(SettingIndex.of(setting.substring(0, setting.indexOf('='))), setting.substring(setting.indexOf('=') + 1));
        }
        for (String setting : more) {
            given.put(SettingIndex.of(setting.substring(0, setting.indexOf('='))), setting.substring(setting.indexOf('=') + 1));
        }
        return Experiment.of(given);
    }

    /** Fails where it is told to, as a process that is killed there would. */
    private static final class Stopping implements Runner.Listener {
        private final boolean atRecalibration;
        private int resumedAfter = -1;

        private Stopping(boolean atRecalibration) {
            this.atRecalibration = atRecalibration;
        }

        @Override
        public void started(Method method, InitReport report, TestResult test) {
            // Nobody listens.
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            resumedAfter = roundsDone;
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            // Nobody listens.
        }

        @Override
        public void recalibrated(FinalRecalibration.Outcome outcome, TestResult test) {
            if (atRecalibration) {
                throw new IllegalStateException("stop");
            }
        }

        @Override
        public void warning(String sentence) {
            throw new AssertionError(sentence);
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
            // Nobody listens.
        }
    }

    private Runner.Result run(Experiment experiment, String name) throws IOException {
        return Runner.run(experiment, experiment.open(), RunDirectory.create(folder.resolve(name)), new Stopping(false));
    }

    private byte[] bytes(String run, String file) throws IOException {
        return Files.readAllBytes(folder.resolve(run).resolve(file));
    }

    private List<JsonObject> metrics(String run) throws IOException {
        return Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl")).stream().map(line -> (JsonObject) JsonReader.parse(line))
                .toList();
    }

    @Test
    void theFirstAccuracyAndModelStayAndASecondStandsBeside() throws IOException {
        Experiment experiment = experiment();
        Runner.Result with = run(experiment, "with");
        Runner.Result without = run(experiment("recalibrate-last=false"), "without");
        assertEquals(without.curve(), with.curve());
        assertTrue(without.recalibrated().isEmpty());
        for (String file : List.of("model.safetensors", "model.sparse.safetensors")) {
            assertArrayEquals(bytes("without", file), bytes("with", file));
            assertFalse(Files.exists(folder.resolve("without").resolve(file.replace("model", "model.recalibrated"))));
        }
        TestResult second = with.recalibrated().orElseThrow();
        JsonObject result = (JsonObject) JsonReader.parse(Files.readString(folder.resolve("with/result.json")));
        assertEquals(second.accuracy(), result.object("recalibrated").number("accuracy"), 1e-12);
        assertEquals(second.correct(), result.object("recalibrated").integer("correct"));
        assertEquals(with.last().accuracy(), result.number("accuracy"), 1e-12);
        assertEquals(with, Runner.run(experiment, experiment.open(), RunDirectory.begun(folder.resolve("with")), new Stopping(true)),
                "a run that is done is read with its second score");

        ModelState first = ModelFile.load(folder.resolve("with/model.sparse.safetensors"));
        ModelState model = ModelFile.load(folder.resolve("with/model.recalibrated.sparse.safetensors"));
        assertEquals(first.masks(), model.masks());
        List<Integer> statistics = RunningStatistics.positions(first.network());
        for (int p = 0; p < first.masks().size(); p++) {
            assertEquals(!statistics.contains(p), Arrays.equals(first.values(p), model.values(p)),
                    first.network().parameters().get(p).name());
        }

        JsonObject line = metrics("with").getLast();
        assertEquals("recalibrated", line.string("event"));
        assertEquals(second.accuracy(), line.number("accuracy"), 1e-12);
        assertEquals(3, line.array("reporters").size());
        assertEquals(with.costs().flops() - without.costs().flops(), line.object("costs").integer("flops"));
        assertEquals(with.costs().traffic().bytesUp() - without.costs().traffic().bytesUp(), line.object("costs").integer("bytesUp"));
    }

    @Test
    void theEstimateIsTheRunsCostToTheByte() throws IOException {
        Experiment experiment = experiment();
        Runner.Result result = run(experiment, "run");
        Map<SettingSpec<?>, String> given = experiment.values().given();
        ExactEstimate estimate = Estimate.of(given, true).exact();
        RecalibrationEstimate step = estimate.recalibration().orElseThrow();
        JsonObject costs = metrics("run").getLast().object("costs");
        assertEquals(costs.integer("flops"), step.flops());
        assertEquals(costs.integer("bytesDown"), step.bytesDown());
        assertEquals(costs.integer("bytesUp"), step.bytesUp());
        assertEquals(3, step.devices());
        assertEquals(result.costs().flops(), estimate.totalFlops());
        assertEquals(result.costs().traffic().bytesUp(), estimate.totalBytesUp());
        assertEquals(result.costs().traffic().bytesDown(), estimate.totalBytesDown());
        assertTrue(EstimateJson.of(Estimate.of(given, false)).contains("\"recalibration\""));
        assertFalse(EstimateJson.of(Estimate.of(experiment("recalibrate-last=false").values().given(), false)).contains("recalibration"));
    }

    @Test
    void aRunThatEndsInTheStepDoesItAgain() throws IOException {
        Experiment experiment = experiment("method=fedtiny", "pool=2", "adjust-every=1", "adjust-until=3");
        TrainTest images = experiment.open();
        Runner.Result whole = run(experiment, "whole");
        RunDirectory directory = RunDirectory.create(folder.resolve("stopped"));
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, directory, new Stopping(true)));
        Stopping listener = new Stopping(false);
        Runner.Result resumed = Runner.run(directory.experiment(), images, directory, listener);
        assertEquals(ROUNDS, listener.resumedAfter);
        assertEquals(whole.recalibrated(), resumed.recalibrated());
        assertEquals(whole.costs().traffic(), resumed.costs().traffic());
        for (String file : List.of("model.safetensors", "model.recalibrated.safetensors", "model.recalibrated.sparse.safetensors")) {
            assertArrayEquals(bytes("whole", file), bytes("stopped", file));
        }
        assertEquals(1, metrics("stopped").stream().filter(line -> line.string("event").equals("recalibrated")).count());
        assertNotEquals(whole.last(), whole.recalibrated().orElseThrow());
    }

    @Test
    void whatHasNoAveragedModelOrNoStatisticsIsRefused() {
        String own = assertThrows(IllegalArgumentException.class, () -> experiment("method=lotteryfl")).getMessage();
        assertEquals("recalibrate-last = 'true', expected false: with lotteryfl every device has a model of its own, and there is no last "
                + "averaged one to recalibrate", own);
        Experiment plain = experiment("model=cnn-8-8-8");
        String none = assertThrows(IllegalArgumentException.class, () -> plain.plan(plain.open().train())).getMessage();
        assertEquals("recalibrate-last = 'true', expected false: the network has no batch normalisation whose statistics could be measured",
                none);
    }
}
