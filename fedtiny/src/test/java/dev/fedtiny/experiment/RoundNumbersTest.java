package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.experiment.metrics.MetricsFile;
import dev.fedtiny.experiment.metrics.MetricsFormat;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds have one number, from 1 on, wherever a person or a program reads it; files of the first release counted from 0. */
class RoundNumbersTest {
    private static final int ROUNDS = 6;

    @TempDir
    private static Path folder;

    private static Map<SettingSpec<?>, String> settings;
    private static Experiment experiment;
    private static TrainTest images;
    private static Path whole;

    /** Fails after some rounds, as a full disk would; never for 0. */
    private record Listener(int failAfter) implements Runner.Listener {
        @Override
        public void started(Method method, InitReport report, TestResult test) {
            assertEquals("fedtiny", method.name());
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            assertEquals(4, roundsDone);
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            assertEquals(report.round() + 1, report.number());
            if (report.number() == failAfter) {
                throw new IllegalStateException("stop");
            }
        }

        @Override
        public void warning(String sentence) {
            assertTrue(sentence.contains("parts of the network"), sentence);
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
            throw new AssertionError("nobody stops the process");
        }
    }

    @BeforeAll
    static void run() throws IOException {
        settings = new LinkedHashMap<>();
        settings.putAll(Map.of(Setting.WIDTH, "2", Setting.ROUNDS, "" + ROUNDS, Setting.DEVICES, "3", Setting.MAX_IMAGES, "120",
                Setting.MAX_TEST_IMAGES, "20", AdjustmentSettings.EVERY, "2", AdjustmentSettings.UNTIL, "7",
                        AdjustmentSettings.GRANULARITY, "entire"));
        settings.putAll(Map.of(Setting.DENSITY, "0.5", Setting.PRETRAIN_EPOCHS, "1", FedTiny.SELECTION, "none",
                Setting.THREADS, "1",
                Setting.DROPOUT, "0.25", Setting.ON_TOO_FEW, "repeat"));
        experiment = Experiment.of(settings);
        images = experiment.open();
        whole = folder.resolve("whole");
        Runner.run(experiment, images, RunDirectory.create(whole), new Listener(0));
    }

    private static List<JsonObject> lines(Path run) throws IOException {
        return Files.readAllLines(run.resolve(RunDirectory.METRICS)).stream().map(line -> (JsonObject) JsonReader.parse(line)).toList();
    }

    private static List<Long> adjusting(List<JsonObject> lines) {
        return lines.stream().filter(line -> line.find("adjustments").isPresent() && !line.array("adjustments").isEmpty())
                .map(line -> line.integer("round")).toList();
    }

    @Test
    void metricsCountFromOne() throws IOException {
        List<JsonObject> lines = lines(whole);
        assertEquals("fedtiny-metrics-2", lines.getFirst().string("format"));
        List<JsonObject> rounds = lines.stream().filter(line -> line.string("event").equals("round")).toList();
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L), rounds.stream().map(line -> line.integer("round")).toList());
        // adjust-every = 2 and adjust-until = 7: r is 2 and 4, so the third and the fifth round.
        assertEquals(List.of(3L, 5L), adjusting(lines));
        int named = 0;
        for (JsonObject line : rounds) {
            for (JsonValue failure : line.array("failures")) {
                assertEquals("simulated dropout in round " + line.integer("round"), ((JsonObject) failure).string("reason"));
                named++;
            }
        }
        assertTrue(named > 0, "a quarter of the devices drops out");
    }

    /** The same file as the first release wrote it. */
    private static String old(String text) {
        StringBuilder old = new StringBuilder();
        for (String line : text.lines().toList()) {
            String changed = line.replace(",\"format\":\"fedtiny-metrics-2\"", "");
            for (int number = 1; number <= ROUNDS; number++) {
                changed = changed.replace("\"round\":" + number + ",", "\"round\":" + (number - 1) + " ,")
                        .replace("in round " + number + "\"", "in round " + (number - 1) + " \"");
            }
            old.append(changed.replace(" ,", ",").replace(" \"", "\"")).append('\n');
        }
        return old.toString();
    }

    private static Path interruptedOfTheFirstRelease(String name) throws IOException {
        Path run = folder.resolve(name);
        assertThrows(IllegalStateException.class,
                () -> Runner.run(experiment, images, RunDirectory.create(run), new Listener(4)));
        Path metrics = run.resolve(RunDirectory.METRICS);
        String before = Files.readString(metrics);
        Files.writeString(metrics, old(before));
        assertNotEquals(before, Files.readString(metrics));
        for (int i = 0; i < 2; i++) {
            Path file = run.resolve("checkpoint-" + i + ".bin");
            Checkpoint checkpoint = Checkpoint.read(file, experiment.plan(images.train()).network());
            String part = before.substring(0, Math.toIntExact(checkpoint.metricsBytes()));
            new Checkpoint(checkpoint.state(), checkpoint.curve(), checkpoint.maxDeviceFlops(), checkpoint.nanos(), old(part).length(),
                    checkpoint.goBacks(), checkpoint.masks()).write(file);
        }
        return run;
    }

    private static List<String> withoutTimes(Path run) throws IOException {
        return Files.readAllLines(run.resolve(RunDirectory.METRICS)).stream()
                .map(line -> line.replaceAll("\"(seconds|joules|compilationSeconds)\":(\\[[^\\]]*\\]|[-+.0-9eE]+)", "")).toList();
    }

    @Test
    void aRunOfTheFirstReleaseGoesOnAndItsLinesAreWrittenAnew() throws IOException {
        Path run = interruptedOfTheFirstRelease("old");
        assertEquals(List.of(0L, 1L, 2L, 3L), lines(run).stream().skip(1).map(line -> line.integer("round")).toList());
        Runner.run(experiment, images, RunDirectory.begun(run), new Listener(0));
        assertEquals(withoutTimes(whole), withoutTimes(run));
        assertArrayEquals(Files.readAllBytes(whole.resolve("model.safetensors")), Files.readAllBytes(run.resolve("model.safetensors")));
    }

    /** A process that ended after it had written the lines anew, before its next checkpoint. */
    @Test
    void linesAreCutOffByRoundsWhereBytesDoNotFit() throws IOException {
        Path run = interruptedOfTheFirstRelease("between");
        Path metrics = run.resolve(RunDirectory.METRICS);
        long bytes = Files.size(metrics);
        long anew;
        try (FileChannel file = FileChannel.open(metrics, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            anew = MetricsFile.cutOff(file, 4, bytes);
            assertTrue(anew > bytes, anew + " bytes");
            assertEquals(anew, MetricsFile.cutOff(file, 4, anew), "what is written anew stays");
            assertEquals(anew, MetricsFile.cutOff(file, 4, bytes), "lines of four rounds");
            assertTrue(MetricsFile.cutOff(file, 3, bytes) < anew);
        }
        assertEquals(withoutTimes(whole).subList(0, 4), withoutTimes(run));
    }

    @Test
    void aLaterFormIsRefusedByName() {
        JsonObject later = JsonObject.builder().put("event", "init").put("format", "fedtiny-metrics-3").build();
        String message = assertThrows(DataException.class, () -> MetricsFormat.of(later)).getMessage();
        assertTrue(message.contains("'fedtiny-metrics-3'") && message.contains("'fedtiny-metrics-2'"), message);
    }

    @Test
    void estimatesCountFromOneToo() {
        ExactEstimate exact = Estimate.of(settings, false).exact();
        assertEquals(List.of(1, 2, 3, 4, 5, 6), exact.rounds().stream().map(RoundEstimate::number).toList());
        JsonObject json = ((JsonObject) JsonReader.parse(EstimateJson.of(Estimate.of(settings, false)))).object("exact");
        assertEquals(1, json.object("firstRound").integer("round"));
        assertEquals(3, json.object("largestAdjustment").integer("round"));
        assertEquals(List.of(3, 5), exact.rounds().stream().filter(RoundEstimate::adjusts).map(RoundEstimate::number).toList());
    }

    /** What a schedule that never adjusts says is in the same numbers. */
    @Test
    void warningsNameTheRoundsThatAdjust() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> experiment.with(Map.of(AdjustmentSettings.EVERY, "5", AdjustmentSettings.UNTIL,
                        "5"))).getMessage();
        assertTrue(message.contains("the first that could is round 6"), message);
    }
}
