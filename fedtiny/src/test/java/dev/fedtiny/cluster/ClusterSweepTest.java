package dev.fedtiny.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.experiment.ClusterSweep;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Sweep;
import dev.fedtiny.experiment.SweepRunner;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on nodes: the same files as without a cluster, also when nodes die between and in slices. */
@Timeout(300)
class ClusterSweepTest {
    @TempDir
    Path folder;

    private final CountDownLatch ready = new CountDownLatch(1);

    private Sweep sweep() throws Exception {
        Path file = Files.writeString(folder.resolve("s.sweep"), """
                model = cnn-8-8-8
                max-images = 120
                max-test-images = 30
                devices = 3
                rounds = 3
                epochs = 1
                batch = 8
                pretrain-epochs = 1
                public-per-class = 1
                adjust-every = 1
                adjust-until = 2
                density = 0.3
                pool = 2
                threads = 1
                sweep.seed = 1, 2
                case.a = method=fedtiny
                case.b = method=lotteryfl
                """);
        return Sweep.read(file, Map.of());
    }

    private static List<Outcome> run(Sweep sweep, Path out, TurnEngine engine, List<String> said) throws IOException {
        try (Cluster cluster = new Cluster(engine, Platforms.SAME, Cluster.Rules.USUAL, said::add)) {
            // Each has its part, however soon the first would be done alone.
            cluster.await(engine.keys().size());
            return run(sweep, out, cluster, said);
        }
    }

    private static List<Outcome> run(Sweep sweep, Path out, Cluster cluster, List<String> said) {
        return ClusterSweep.run(sweep, out, cluster, 1, new ClusterSweep.Listener() {
            @Override
            public void begins(int number, Sweep.Run run) {
                said.add("begins " + run.name());
            }

            @Override
            public void advanced(int number, Sweep.Run run, ClusterSweep.Advance advance) {
                said.add("advanced " + run.name() + " " + advance.rounds());
            }

            @Override
            public void timeLeft(double seconds) {
                said.add("time left " + (seconds > 0));
            }

            @Override
            public void ended(int number, Outcome outcome, boolean begun) {
                said.add("ended " + outcome.run().name() + " " + begun);
            }
        });
    }

    @Test
    void nodesDoRunsAsThisProcessDoes() throws Exception {
        Sweep sweep = sweep();
        LocalTurnEngine engine = LocalTurnEngine.of(1, 1);
        TurnNode mortal = new TurnNode(1, Optional.empty(), Optional.of("mortal"));
        AtomicBoolean died = new AtomicBoolean();
        engine.join(1, turn -> {
            byte[] answer = mortal.run(turn);
            if (Turn.decode(turn).task().equals("run") && died.compareAndSet(false, true)) {
                engine.kill(1);
            }
            return answer;
        });
        List<String> said = Collections.synchronizedList(new ArrayList<>());
        Path out = folder.resolve("out");
        // A driver that was killed before a node had done anything leaves the file that it had locked.
        Path begun = Files.createDirectories(out.resolve(sweep.runs().getFirst().name()));
        Files.createFile(begun.resolve(".run.lock"));
        Path half = Files.createFile(begun.resolve(".manifest.json.01234567-89ab-cdef-0123-456789abcdef.tmp"));
        List<Outcome> outcomes = run(sweep, out, engine, said);
        assertTrue(died.get());
        assertFalse(Files.exists(half));
        assertEquals(4, outcomes.size());
        List<Outcome> here = SweepRunner.run(sweep, folder.resolve("here"), new Silent());
        for (int i = 0; i < outcomes.size(); i++) {
            Outcome.Done done = assertInstanceOf(Outcome.Done.class, outcomes.get(i), said.toString());
            String name = done.run().name();
            assertArrayEquals(Files.readAllBytes(folder.resolve("here").resolve(name).resolve("model.safetensors")),
                    Files.readAllBytes(out.resolve(name).resolve("model.safetensors")), name);
            assertEquals(((Outcome.Done) here.get(i)).result().curve(), done.result().curve());
            assertFalse(Files.exists(out.resolve(name).resolve("checkpoint-0.bin")));
        }
        assertTrue(said.contains("time left true") && !said.contains("time left false"), said.toString());
        assertTrue(said.indexOf("time left true") < said.lastIndexOf("begins " + outcomes.getLast().run().name()), said.toString());
        said.clear();
        List<Outcome> again = run(sweep, out, LocalTurnEngine.of(1, 1), said);
        assertTrue(again.stream().allMatch(outcome -> outcome instanceof Outcome.Done done && done.before()), again.toString());
        assertFalse(said.stream().anyMatch(line -> line.startsWith("begins")), said.toString());
    }

    /** Nobody waits for ever for runs of whose ends the listener could not be told. */
    @Test
    void aListenerThatFailsDoesNotKeepASweepFromItsEnd() throws Exception {
        LocalTurnEngine engine = new LocalTurnEngine();
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
        engine.join(0, turn -> Turn.decode(turn).task().equals(Turn.ANNOUNCE) ? node.run(turn)
                : new TurnAnswer.Failed(node.facts().id(), "it cannot").encode());
        List<Outcome> outcomes = run(sweep(), folder.resolve("out"), engine, new ArrayList<>() {
            private static final long serialVersionUID = 1;

            @Override
            public boolean add(String said) {
                if (said.startsWith("ended")) {
                    throw new IllegalStateException("unheard");
                }
                return true;
            }
        });
        assertEquals(4, outcomes.size());
        outcomes.forEach(outcome -> assertInstanceOf(Outcome.Failed.class, outcome));
    }

    /** A run whose end the listener could not be told is done all the same, and is not told of again. */
    @Test
    void aRunEndsOnce() throws Exception {
        Sweep sweep = small("sweep.seed = 1, 2");
        List<String> ends = Collections.synchronizedList(new ArrayList<>());
        List<Outcome> outcomes = run(sweep, folder.resolve("out"), LocalTurnEngine.of(1, 1), new ArrayList<>() {
            private static final long serialVersionUID = 1;

            @Override
            public boolean add(String said) {
                if (said.startsWith("ended")) {
                    ends.add(said);
                    throw new IllegalStateException("unheard");
                }
                return true;
            }
        });
        outcomes.forEach(outcome -> assertInstanceOf(Outcome.Done.class, outcome));
        assertEquals(List.of("ended seed-1 true", "ended seed-2 true"), List.copyOf(ends));
    }

    /**
     * A node may still be at a slice that it was thought to have lost, and keep what comes of it: nobody goes on with that for what came of
     * the other attempt.
     */
    @Test
    void attemptsAtASliceAreToldApart() throws Exception {
        List<byte[]> attempts = Collections.synchronizedList(new ArrayList<>());
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
        LocalTurnEngine engine = new LocalTurnEngine();
        engine.join(0, bytes -> {
            Turn turn = Turn.decode(bytes);
            if (turn.task().equals("run")) {
                attempts.add(turn.content());
                if (attempts.size() == 1) {
                    throw new IllegalStateException("cut off");
                }
            }
            return node.run(bytes);
        });
        List<Outcome> outcomes = run(small("seed = 1"), folder.resolve("out"), engine, new CopyOnWriteArrayList<>());
        assertInstanceOf(Outcome.Done.class, outcomes.getFirst());
        assertFalse(Arrays.equals(attempts.get(0), attempts.get(1)));
    }

    /** Whoever closes the cluster from another thread has nobody wait for what no node does any more; the run goes on later. */
    @Test
    void aClusterThatIsClosedEndsTheSweep() throws Exception {
        LocalTurnEngine engine = new LocalTurnEngine();
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
        engine.join(0, turn -> {
            if (Turn.decode(turn).task().equals("run")) {
                ready.countDown();
                LockSupport.parkNanos(Duration.ofHours(1).toNanos());
                throw new IllegalStateException("the test is over");
            }
            return node.run(turn);
        });
        Sweep sweep = small("sweep.seed = 1, 2");
        Cluster cluster = new Cluster(engine, Platforms.SAME, Cluster.Rules.USUAL, _ -> { });
        Thread closing = Thread.ofPlatform().start(() -> {
            try {
                ready.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                cluster.close();
            }
        });
        List<Outcome> outcomes = run(sweep, folder.resolve("out"), cluster, new CopyOnWriteArrayList<>());
        closing.join();
        for (Outcome outcome : outcomes) {
            String said = assertInstanceOf(Outcome.Failed.class, outcome).cause().getMessage();
            assertEquals("run '" + outcome.run().name() + "': the cluster was closed before it was done", said);
        }
        assertEquals(2, outcomes.size());
        run(sweep, folder.resolve("out"), LocalTurnEngine.of(1, 1), new CopyOnWriteArrayList<>())
                .forEach(outcome -> assertInstanceOf(Outcome.Done.class, outcome));
    }

    private Sweep small(String line) throws Exception {
        return Sweep.read(Files.writeString(folder.resolve("small.sweep"), "method = fedavg\nwidth = 2\nrounds = 1\ndevices = 2\n"
                + "max-images = 60\nmax-test-images = 20\npretrain-epochs = 0\nthreads = 1\n" + line + "\n"), Map.of());
    }

    @Test
    void anInterruptLetsGoOfTheRuns() throws Exception {
        Sweep sweep = sweep();
        // Whose slices do not end.
        LocalTurnEngine engine = new LocalTurnEngine();
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node"));
        engine.join(0, turn -> {
            if (Turn.decode(turn).task().equals("run")) {
                LockSupport.parkNanos(Duration.ofHours(1).toNanos());
                throw new IllegalStateException("the test is over");
            }
            return node.run(turn);
        });
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread driver = Thread.ofPlatform().start(() -> {
            try {
                run(sweep, folder.resolve("out"), engine, new ArrayList<>() {
                    @Override
                    public boolean add(String said) {
                        if (said.startsWith("begins")) {
                            ready.countDown();
                        }
                        return true;
                    }
                });
            } catch (IOException | IllegalStateException e) {
                end.set(e);
            }
        });
        ready.await();
        driver.interrupt();
        driver.join();
        assertTrue(String.valueOf(end.get()).contains("interrupted while nodes were at work"), String.valueOf(end.get()));
        for (Sweep.Run run : sweep.runs()) {
            ProcessLock.take(folder.resolve("out").resolve(run.name()), "run").orElseThrow().close();
        }
    }

    /** Hears of runs in this process, and says nothing. */
    private static final class Silent implements SweepRunner.Listener, Runner.Listener {
        @Override
        public Runner.Listener begins(int number, Sweep.Run run, Path directory) {
            return this;
        }

        @Override
        public void ended(int number, Outcome outcome) {
        }

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
