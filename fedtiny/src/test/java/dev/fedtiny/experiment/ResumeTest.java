package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.report.RunReport;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTest {
    private static final int ROUNDS = 7;

    @TempDir
    private static Path folder;

    private static Experiment experiment;
    private static TrainTest images;
    private static Path whole;

    @BeforeAll
    static void runWithoutInterruption() throws IOException {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        settings.putAll(Map.of(Setting.WIDTH, "2", Setting.ROUNDS, "" + ROUNDS, Setting.DEVICES, "2", Setting.MAX_IMAGES, "120",
                Setting.MAX_TEST_IMAGES, "20", AdjustmentSettings.EVERY, "1", AdjustmentSettings.UNTIL, "5",
                        Setting.DENSITY, "0.2"));
        settings.putAll(Map.of(Setting.PRETRAIN_EPOCHS, "1", FedTiny.SELECTION, "none", Setting.THREADS, "1"));
        experiment = Experiment.of(settings);
        images = experiment.open();
        whole = folder.resolve("whole");
        Runner.run(experiment, images, RunDirectory.create(whole), new Recorder(ROUNDS + 1));
    }

    /** Keeps what it is told, and fails after so many rounds, as a full disk would. */
    private static class Recorder implements Runner.Listener {
        private final int failAfter;
        private final List<String> told = new ArrayList<>();

        private Recorder(int failAfter) {
            this.failAfter = failAfter;
        }

        @Override
        public void started(Method method, InitReport report, TestResult test) {
            told.add("started");
            fail(0);
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            told.add("resumed " + roundsDone);
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            fail(report.round() + 1);
        }

        private void fail(int rounds) {
            if (rounds == failAfter) {
                throw new IllegalStateException("stop after " + rounds);
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

    /** Methods whose memory or devices hold more than masks. */
    @ParameterizedTest
    @ValueSource(strings = {"lotteryfl", "fedrts", "fedsgc", "prunefl", "toy"})
    void methodsWithMemoriesGoOnWithTheSameBits(String method) throws IOException {
        Experiment other = experiment.with(Map.of(Setting.METHOD, method, Setting.ROUNDS, "5", Setting.DROPOUT, "0.2",
                Setting.MIN_REPORTERS, "2", Setting.ON_TOO_FEW, "repeat"));
        goesOnWithTheSameBits(method, other);
    }

    /** What the server's optimiser remembers is a part of the checkpoint; the proximal term of devices is not needed in it. */
    @ParameterizedTest
    @ValueSource(strings = {"momentum", "adam"})
    void optimisersOfTheServerGoOnWithTheSameBits(String optimizer) throws IOException {
        Experiment other = experiment.with(Map.of(Setting.SERVER_OPTIMIZER, optimizer, Setting.FEDPROX_MU, "0.1", Setting.ROUNDS, "5"));
        goesOnWithTheSameBits("server-" + optimizer, other);
        Path plain = folder.resolve("plain-" + optimizer);
        Runner.run(experiment.with(Map.of(Setting.ROUNDS, "5")), images, RunDirectory.create(plain), new Recorder(ROUNDS + 1));
        assertFalse(Arrays.equals(Files.readAllBytes(plain.resolve("model.safetensors")),
                Files.readAllBytes(folder.resolve("server-" + optimizer).resolve("model.safetensors"))));
    }

    @Test
    void aServersStepIsRefusedWhereDevicesGoBack() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> experiment.with(Map.of(Setting.SERVER_OPTIMIZER, "momentum", Setting.METHOD, "lotteryfl")));
        assertTrue(e.getMessage().contains("average with lotteryfl") && e.getMessage().contains("initial values"), e.getMessage());
    }

    private static void goesOnWithTheSameBits(String name, Experiment other) throws IOException {
        Path reference = folder.resolve(name);
        Runner.run(other, images, RunDirectory.create(reference), new Recorder(ROUNDS + 1));
        Path run = interrupted(name + "-interrupted", other, 3);
        Runner.run(other, images, RunDirectory.begun(run), new Recorder(ROUNDS + 1));
        assertArrayEquals(Files.readAllBytes(reference.resolve("model.safetensors")), Files.readAllBytes(run.resolve("model.safetensors")));
        assertEquals(metrics(reference), metrics(run));
    }

    private static Path interrupted(String name, Experiment experiment, int failAfter) throws IOException {
        Path run = folder.resolve(name);
        RunDirectory directory = RunDirectory.create(run);
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, directory, new Recorder(failAfter)));
        return run;
    }

    private static List<String> resume(Path run) throws IOException {
        Recorder recorder = new Recorder(ROUNDS + 1);
        RunDirectory directory = RunDirectory.begun(run);
        Runner.Result result = Runner.run(directory.experiment().withFree(Map.of(Setting.THREADS, "2")), images, directory, recorder);
        assertEquals(ROUNDS + 1, result.curve().size());
        assertArrayEquals(Files.readAllBytes(whole.resolve("model.safetensors")), Files.readAllBytes(run.resolve("model.safetensors")));
        assertEquals(metrics(whole), metrics(run));
        assertTrue(directory.done());
        return recorder.told;
    }

    /** But for times, and for where it went on otherwise than it began. */
    private static List<String> metrics(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream().filter(line -> !line.contains("\"event\":\"resumed\""))
                .map(line -> line.replaceAll("\"(seconds|joules|compilationSeconds)\":(\\[[^\\]]*\\]|[-+.0-9eE]+)", "")).toList();
    }

    /** Bits do not depend on threads, but times do: metrics and report say so. */
    @Test
    void whereItGoesOnOtherwiseThanItBeganIsSaid() throws IOException {
        Path same = interrupted("as-before", experiment, 2);
        Runner.run(experiment, images, RunDirectory.begun(same), new Recorder(ROUNDS + 1));
        assertEquals(List.of(), resumedLines(same));
        Path other = interrupted("otherwise", experiment, 2);
        Recorder again = new Recorder(4);
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment.withFree(Map.of(Setting.THREADS, "3")), images,
                RunDirectory.begun(other), again));
        resume(other);
        List<String> lines = List.of("{\"event\":\"resumed\",\"roundsDone\":2,\"configuration\":{\"threads\":3}}",
                "{\"event\":\"resumed\",\"roundsDone\":4,\"configuration\":{\"threads\":2}}");
        assertEquals(lines, resumedLines(other));
        assertTrue(report(same).contains("kind of processor and number of threads."));
        assertTrue(report(other).contains("The run of this page was not always the same in threads (1; 3; 2): compare"));
    }

    private static List<String> resumedLines(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream().filter(line -> line.contains("\"event\":\"resumed\"")).toList();
    }

    private static String report(Path run) throws IOException {
        Path page = folder.resolve(run.getFileName() + ".html");
        RunReport.read(List.of(run), List.of()).html(page);
        return Files.readString(page);
    }

    @Test
    void goesOnFromTheLastCheckpointWithTheSameBits() throws IOException {
        assertEquals(List.of("resumed 4"), resume(interrupted("each", experiment, 4)));
        // Rounds after the last checkpoint are cut off the metrics and done again.
        Path third = interrupted("third", experiment.with(Map.of(Setting.CHECKPOINT_EVERY, "3")), 5);
        assertEquals(6, metrics(third).size());
        assertEquals(List.of("resumed 3"), resume(third));
        assertEquals(List.of("resumed 0"), resume(interrupted("start", experiment, 0)));
        assertEquals(List.of("resumed " + ROUNDS), resume(interrupted("end", experiment, ROUNDS)));
        // What is done is only read.
        assertEquals(List.of(), resume(third));
    }

    /** As an application does that ends: what is under way ends with its batch, and is not counted. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void anInterruptedRunGoesOn(String threads) throws IOException {
        Path run = folder.resolve("interrupted-" + threads);
        Recorder interrupting = new Recorder(ROUNDS + 1) {
            @Override
            public void round(RoundReport report, TestResult test, int rounds) {
                if (report.number() == 4) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> Runner.run(experiment.withFree(Map.of(Setting.THREADS,
                threads)), images, RunDirectory.create(run), interrupting));
        assertTrue(e.getMessage().startsWith("interrupted "), e.getMessage());
        assertTrue(Thread.interrupted());
        assertEquals(List.of("resumed 4"), resume(run));
    }

    @Test
    void aDamagedCheckpointIsSaidAndThePreviousOneUsed() throws IOException {
        Path run = interrupted("damaged", experiment, 5);
        // Start and rounds alternate: round 5 is in the second file.
        damage(run.resolve("checkpoint-1.bin"));
        List<String> told = resume(run);
        assertEquals(2, told.size(), told.toString());
        assertTrue(told.getFirst().contains("checkpoint-1.bin") && told.getFirst().contains("damaged"), told.toString());
        assertEquals("resumed 4", told.getLast());
        Path both = interrupted("both", experiment, 5);
        damage(both.resolve("checkpoint-0.bin"));
        damage(both.resolve("checkpoint-1.bin"));
        List<String> anew = resume(both);
        assertEquals(List.of(4, "started"), List.of(anew.size(), anew.getLast()));
        // Nothing begins anew without a word.
        Path gone = interrupted("gone", experiment, 5);
        Files.delete(gone.resolve("checkpoint-0.bin"));
        Files.delete(gone.resolve("checkpoint-1.bin"));
        List<String> said = resume(gone);
        assertTrue(said.size() == 2 && said.getFirst().contains("no checkpoint to go on from"), said.toString());
    }

    /** What a line says of its round is lost with it; the model, the test results and the rounds after it are not. */
    @Test
    void lostMetricsDoNotThrowCheckpointsAway() throws IOException {
        List<String> all = metrics(whole);
        for (long kept : new long[] {-1, 0, 100, Files.size(whole.resolve("metrics.jsonl")) / 2}) {
            Path run = interrupted("lost" + kept, experiment, 5);
            Path metrics = run.resolve("metrics.jsonl");
            if (kept < 0) {
                Files.delete(metrics);
            } else {
                Files.write(metrics, Arrays.copyOf(Files.readAllBytes(metrics), (int) kept));
            }
            Recorder recorder = new Recorder(ROUNDS + 1);
            Runner.Result result = Runner.run(experiment, images, RunDirectory.begun(run), recorder);
            assertTrue(recorder.told.getFirst().contains(metrics.toString()) && recorder.told.getFirst().contains("lost"),
                    recorder.told.toString());
            assertEquals("resumed 5", recorder.told.get(1));
            List<String> lines = metrics(run);
            // Two rounds, and the classes at the end.
            assertEquals(all.subList(all.size() - 3, all.size()), lines.subList(lines.size() - 3, lines.size()));
            assertTrue(lines.get(lines.size() - 4).contains("\"event\":\"lost\"")
                    && lines.get(lines.size() - 4).contains("\"roundsDone\":5"), lines.toString());
            assertEquals(all.subList(0, lines.size() - 4), lines.subList(0, lines.size() - 4));
            assertEquals(ROUNDS + 1, result.curve().size());
            assertArrayEquals(Files.readAllBytes(whole.resolve("model.safetensors")),
                    Files.readAllBytes(run.resolve("model.safetensors")));
        }
        // Stopped again at once, the run goes on from where it was: its checkpoint knows what is left of the metrics.
        Path run = interrupted("lost-twice", experiment, 5);
        Files.delete(run.resolve("metrics.jsonl"));
        try (RunJournal journal = new RunJournal(RunDirectory.begun(run), 1, true, _ -> { })) {
            List<String> told = new ArrayList<>();
            assertEquals(5, journal.restore(experiment.plan(images.train()).network(), told::add).orElseThrow().state().round());
            assertEquals(1, told.size());
        }
        Recorder again = new Recorder(ROUNDS + 1);
        Runner.run(experiment, images, RunDirectory.begun(run), again);
        assertEquals(List.of("resumed 5"), again.told);
    }

    /** However long the metrics have become since: no checkpoint that counts on those that are lost is there any more. */
    @Test
    void metricsThatWereLostAreNotCountedOnAgain() throws IOException {
        Path run = interrupted("lost-then-killed", experiment, 4);
        Path metrics = run.resolve("metrics.jsonl");
        byte[] half = Arrays.copyOf(Files.readAllBytes(metrics), (int) Files.size(metrics) / 2);
        Files.write(metrics, half);
        byte[] kept;
        try (RunJournal journal = new RunJournal(RunDirectory.begun(run), 1, true, _ -> { })) {
            journal.restore(experiment.plan(images.train()).network(), _ -> { });
            kept = Files.readAllBytes(metrics);
            while (Files.size(metrics) < 3L * half.length) {
                journal.note(JsonObject.builder().put("event", "personal").build());
            }
        }
        try (RunJournal journal = new RunJournal(RunDirectory.begun(run), 1, true, _ -> { })) {
            assertEquals(4, journal.restore(experiment.plan(images.train()).network(), _ -> { }).orElseThrow().state().round());
            assertArrayEquals(kept, Files.readAllBytes(metrics));
        }
    }

    @Test
    void aDirectoryThatIsRemovedEndsTheRunWithItsName() throws IOException {
        Path run = folder.resolve("removed");
        Recorder recorder = new Recorder(ROUNDS + 1) {
            @Override
            public void started(Method method, InitReport report, TestResult test) {
                PrivateFolder.remove(run);
            }
        };
        FileWriteException e = assertThrows(FileWriteException.class,
                () -> Runner.run(experiment, images, RunDirectory.create(run), recorder));
        assertTrue(e.getMessage().contains(run.resolve("metrics.jsonl").toString()) && e.getMessage().contains("removed"), e.getMessage());
        assertEquals(IoProblem.NOT_FOUND, e.problem());
    }

    @Test
    void nothingIsWrittenThroughALink() throws IOException {
        Path victim = Files.writeString(Files.createDirectory(folder.resolve("victims")).resolve("victim"), "precious");
        Path run = interrupted("linked", experiment, 3);
        Files.delete(run.resolve("metrics.jsonl"));
        Files.createSymbolicLink(run.resolve("metrics.jsonl"), victim);
        FileWriteException metrics = assertThrows(FileWriteException.class,
                () -> Runner.run(experiment, images, RunDirectory.begun(run), new Recorder(99)));
        assertTrue(metrics.getMessage().contains("metrics.jsonl") && metrics.getMessage().contains("symbolic link"), metrics.getMessage());
        Files.delete(run.resolve("metrics.jsonl"));
        // Files that are written whole take a link's place.
        for (String name : new String[] {"checkpoint-0.bin", "model.safetensors", "model.sparse.safetensors", "result.json"}) {
            Files.deleteIfExists(run.resolve(name));
            Files.createSymbolicLink(run.resolve(name), name.equals("result.json") ? folder.resolve("nowhere") : victim);
        }
        Runner.run(experiment, images, RunDirectory.begun(run), new Recorder(99));
        assertArrayEquals(Files.readAllBytes(whole.resolve("model.safetensors")), Files.readAllBytes(run.resolve("model.safetensors")));
        assertFalse(Files.isSymbolicLink(run.resolve("result.json")) || Files.exists(folder.resolve("nowhere")));

        Path processes = interrupted("processes", experiment, 2);
        Experiment inProcesses = RunDirectory.begun(processes).experiment().withFree(Map.of(Setting.DEVICES_ON, "process"));
        Files.createSymbolicLink(processes.resolve("devices"), victim.getParent());
        FileWriteException devices = assertThrows(FileWriteException.class,
                () -> Runner.run(inProcesses, images, RunDirectory.begun(processes), new Recorder(99)));
        assertTrue(devices.getMessage().contains("devices"), devices.getMessage());
        Path logs = Files.createDirectory(folder.resolve("logs"));
        Files.createSymbolicLink(logs.resolve("device-0.log"), victim);
        assertThrows(IOException.class, () -> new DeviceFolder(logs).launcher(new JavaCommand(64, List.of())).log(0));
        assertEquals("precious", Files.readString(victim));
        try (Stream<Path> files = Files.list(victim.getParent())) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void somebodyElsesFilesAreNotTruncated() throws IOException {
        for (String name : new String[] {"metrics.jsonl", "model.safetensors", "checkpoint-0.bin"}) {
            Path other = Files.createDirectory(folder.resolve("other-" + name));
            Files.writeString(other.resolve(name), "precious");
            String message = assertThrows(IllegalArgumentException.class,
                    () -> Runner.run(experiment, images, new RunDirectory(other), new Recorder(99))).getMessage();
            assertTrue(message.contains(name) && message.contains("manifest.json"), message);
            assertEquals("precious", Files.readString(other.resolve(name)));
        }
        Path mine = interrupted("mine", experiment, 2);
        Files.writeString(mine.resolve(".notes.tmp"), "precious");
        resume(mine);
        assertEquals("precious", Files.readString(mine.resolve(".notes.tmp")));
    }

    /** An application's own shutdown hook may wait for the run's thread. */
    @Test
    void aRunWhoseProcessEndsEndsAndWritesNothingMore() throws IOException {
        RunDirectory directory = RunDirectory.create(folder.resolve("ending"));
        List<Integer> stopped = new ArrayList<>();
        try (RunJournal journal = new RunJournal(directory, 1, true, stopped::add)) {
            journal.end();
            String said = assertTimeoutPreemptively(Duration.ofSeconds(60), () -> assertThrows(ProcessEndingException.class,
                    () -> journal.note(JsonObject.builder().put("event", "late").build()))).getMessage();
            assertTrue(said.contains("ending") && said.contains("after round 0"), said);
        }
        assertEquals(List.of(0), stopped);
        assertEquals("", Files.readString(directory.path().resolve("metrics.jsonl")));
        // It holds no run yet, so that there is nothing to go on with.
        String exists = assertThrows(IllegalArgumentException.class, () -> RunDirectory.create(directory.path())).getMessage();
        assertTrue(exists.contains("remove it") && !exists.contains("--resume"), exists);
    }

    private static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 3] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void onlyTheSameExperimentOnTheSameImagesGoesOn() throws IOException {
        Path run = interrupted("same", experiment, 2);
        RunDirectory directory = RunDirectory.begun(run);
        Experiment other = experiment.with(Map.of(Setting.MOMENTUM, "0.5"));
        String settings = assertThrows(IllegalArgumentException.class,
                () -> Runner.run(other, images, directory, new Recorder(99))).getMessage();
        assertTrue(settings.contains("momentum = 0.9, not 0.5"), settings);
        assertThrows(IllegalArgumentException.class, () -> directory.experiment().withFree(Map.of(Setting.SEED, "2")));
        TrainTest fewer = new TrainTest(images.train(), images.test().subset(new int[] {0, 1, 2}));
        String data = assertThrows(DataException.class, () -> Runner.run(experiment, fewer, directory, new Recorder(99))).getMessage();
        assertTrue(data.contains("test images of hash"), data);
        try (ProcessLock _ = directory.lock().orElseThrow()) {
            assertThrows(RunBusyException.class, () -> Runner.run(experiment, images, directory, new Recorder(99)));
        }
        assertEquals(List.of("resumed 2"), resume(run));
        assertTrue(Files.exists(run.resolve("checkpoint-0.bin")) != Files.exists(run.resolve("checkpoint-1.bin")), "one stays");
        assertThrows(DataException.class, () -> RunDirectory.begun(folder.resolve("nowhere")));
        Files.writeString(Files.createDirectory(folder.resolve("odd")).resolve("manifest.json"),
                "{\"configuration\": {\"colour\": \"red\"}}");
        assertThrows(DataException.class, () -> RunDirectory.begun(folder.resolve("odd")));
    }
}
