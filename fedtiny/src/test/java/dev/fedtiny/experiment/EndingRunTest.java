package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cluster.TurnNode;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.experiment.checkpoint.CheckpointStore;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose process is told to end, and runs that two processes are to begin: one leaves what is the other's. */
class EndingRunTest {
    private static final Experiment EXPERIMENT = Experiment.of(Map.of(Setting.METHOD, "fedavg", Setting.WIDTH, "2", Setting.ROUNDS, "2",
            Setting.DEVICES, "2", Setting.MAX_IMAGES, "60", Setting.MAX_TEST_IMAGES, "20", Setting.PRETRAIN_EPOCHS, "0", Setting.THREADS,
            "1", Setting.BASELINE, "false"));

    @TempDir
    private Path folder;

    /** Fails after its first round. */
    private static final class Silent implements Runner.Listener {
        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            throw new IllegalStateException("stop");
        }

        @Override
        public void warning(String sentence) {
            throw new AssertionError(sentence);
        }
    }

    /** In a process of its own, which is told to end while the run's own hook has not come by: the run's thread holds its monitor. */
    static final class Ending {
        private Ending() {
        }

        public static void main(String[] folders) throws IOException {
            RunDirectory directory = RunDirectory.begun(Path.of(folders[0]));
            RunSlices slices = new RunSlices(Path.of(folders[1]));
            TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
            RunJournal journal = new RunJournal(directory, 100, true, rounds -> System.out.println("stopped " + rounds));
            journal.restore(EXPERIMENT.network(EXPERIMENT.open().train()), _ -> { });
            Checkpoint round = checkpoint(Path.of(folders[2]));
            JsonObject line = JsonObject.builder().put("event", "personal").build();
            journal.finished(round.state(), round.curve().getLast(), 0, line, 0, false);
            synchronized (journal) {
                Thread.ofPlatform().daemon().start(() -> System.exit(0));
                while (!ending()) {
                    LockSupport.parkNanos(1_000_000);
                }
                try {
                    journal.note(line);
                    System.out.println("noted");
                } catch (ProcessEndingException e) {
                    System.out.println("refused");
                }
                // Or it would linger.
                Thread.currentThread().interrupt();
                try {
                    System.out.println(RunSlice.Answer.decode(slices.run(new RunSlice("sweep", "run", EXPERIMENT.print(), List.of(), 0, 1,
                            0, Map.of()).encode(), node)).end());
                } catch (ProcessEndingException e) {
                    System.out.println("for another node");
                }
                journal.close();
            }
        }

        private static boolean ending() {
            try {
                Runtime.getRuntime().removeShutdownHook(Thread.currentThread());
                return false;
            } catch (IllegalStateException e) {
                return true;
            }
        }
    }

    private static Checkpoint checkpoint(Path run) throws IOException {
        return new CheckpointStore(run).newest(EXPERIMENT.network(EXPERIMENT.open().train()), Long.MAX_VALUE, sentence -> {
            throw new AssertionError(sentence);
        }).orElseThrow();
    }

    /** A run that has failed after its first round, with a checkpoint of every round or of the start alone. */
    private Path begun(int checkpointEvery) throws IOException {
        Path run = folder.resolve("every-" + checkpointEvery);
        Experiment experiment = EXPERIMENT.with(Map.of(Setting.CHECKPOINT_EVERY, Integer.toString(checkpointEvery)));
        TrainTest images = experiment.open();
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, RunDirectory.create(run), new Silent()));
        return run;
    }

    /**
     * Hooks run side by side: where that of device processes, or of a node's folder, comes first, no round without them is taken for a
     * round, no slice for one that failed; and the last round is safe though the run's thread leaves before the hook that writes it.
     */
    @Test
    void whatHappensOnceTheProcessEndsIsNoPartOfARun() throws Exception {
        Path run = begun(100);
        assertEquals(0, checkpoint(run).state().round());
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Ddev.fedtiny.kernels=scalar", "-cp",
                System.getProperty("java.class.path"),
                Ending.class.getName(), run.toString(), Files.createDirectory(folder.resolve("node")).toString(), begun(1).toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertEquals(List.of("stopped 1", "refused", "for another node"), said.lines().toList());
        assertEquals(1, checkpoint(run).state().round(), "the round that was not safe yet");
    }

    /** Of two that begin a run at the same time the one that is late leaves the other's manifest as it is. */
    @Test
    void whoIsLateWritesNothing() throws IOException {
        TrainTest images = EXPERIMENT.open();
        RunDirectory directory = RunDirectory.create(folder.resolve("run"));
        try (ProcessLock _ = directory.lock().orElseThrow()) {
            assertThrows(RunBusyException.class, () -> Runner.run(EXPERIMENT, images, directory, new Silent()));
            assertFalse(Files.exists(directory.path().resolve("manifest.json")));
            // The other has begun meanwhile: nothing here is foreign.
            Files.writeString(directory.path().resolve("metrics.jsonl"), "");
            assertThrows(IllegalArgumentException.class, directory::refuseForeignFiles);
            directory.json("manifest.json", Manifest.of(EXPERIMENT, images).object());
            directory.refuseForeignFiles();
        }
        assertTrue(Files.exists(directory.path().resolve("manifest.json")));
    }
}
