package dev.fedtiny.experiment;

import dev.fedtiny.cluster.Cluster;
import dev.fedtiny.cluster.Job;
import dev.fedtiny.cluster.NodeFacts;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.data.Sha256;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.io.AppendedFile;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.ProcessLock;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.experiment.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The runs of a sweep as tasks of a cluster: each node does as many at a time as it has slots, a run slice by slice, and after every slice
 * the run's directory is here as if it had been done here. So what is done is skipped, what was begun goes on, on any node or without a
 * cluster, and a node that is lost costs one slice of its runs.
 */
public final class ClusterSweep {
    private static final String METRICS = RunDirectory.METRICS;

    private final Cluster cluster;
    private final Path out;
    private final int seconds;
    private final Listener listener;
    private final String id = UUID.randomUUID().toString();
    private final Map<Integer, Outcome> outcomes = new TreeMap<>();
    private final CountDownLatch left;
    /** Numbers of runs of which the listener knows. */
    private final Set<Integer> begun = new HashSet<>();
    /** Images as they are sent, by the settings that decide about them. */
    private final Map<List<String>, Images> images = new HashMap<>();
    private final SweepPace pace = new SweepPace();
    private final AtomicLong slices = new AtomicLong();
    private volatile boolean abandoned;

    private ClusterSweep(Cluster cluster, Path out, int seconds, int runs, Listener listener) {
        this.cluster = cluster;
        this.out = out;
        this.seconds = seconds;
        this.listener = listener;
        this.left = new CountDownLatch(runs);
    }

    /**
     * How far a run has come that a node does.
     *
     * @param node what the node is called
     * @param rounds that are done
     * @param of so many; 0 where that is not known
     * @param accuracy on the test images after the last of them; NaN where it is not known
     * @param notes what a user should know, one sentence each
     */
    public record Advance(String node, int rounds, int of, double accuracy, List<String> notes) {
        /** Keeps its own list. */
        public Advance {
            notes = List.copyOf(notes);
        }
    }

    /** Is told what happens, on any thread, one call at a time. */
    public interface Listener {
        /**
         * A node gets a run's first slice.
         *
         * @param number of the run in the sweep, from 1
         * @param run which run
         */
        void begins(int number, Sweep.Run run);

        /**
         * How long it will take until all runs are done on the nodes of this moment; before {@link #advanced} and {@link #ended}, as soon
         * as it can be told.
         *
         * @param seconds wall time
         */
        default void timeLeft(double seconds) {
        }

        /**
         * A run has come further, and its directory is here.
         *
         * @param number of the run in the sweep, from 1
         * @param run which run
         * @param advance how far
         */
        void advanced(int number, Sweep.Run run, Advance advance);

        /**
         * A run has ended, or need not be begun.
         *
         * @param number of the run in the sweep, from 1
         * @param outcome what became of it
         * @param begun whether a node had got it
         */
        void ended(int number, Outcome outcome, boolean begun);
    }

    /** Hashes and bytes of training and test images. */
    private record Images(String train, Supplier<byte[]> trainBytes, String test, Supplier<byte[]> testBytes) {
    }

    /**
     * Does all runs.
     *
     * @param sweep which runs
     * @param out the directory that holds the runs' directories; may exist
     * @param cluster whose nodes do them; not closed
     * @param seconds after so much time a run's directory comes back, at least 1; a round is never cut
     * @param listener is told what happens
     * @return one outcome a run
     * @throws IllegalStateException if the thread is interrupted; what came back from nodes stays, and the runs may be gone on with at once
     */
    public static List<Outcome> run(Sweep sweep, Path out, Cluster cluster, int seconds, Listener listener) {
        ClusterSweep all = new ClusterSweep(cluster, out, seconds, sweep.runs().size(), listener);
        List<RunJob> jobs = new ArrayList<>();
        for (int number = 1; number <= sweep.runs().size(); number++) {
            all.begin(number, sweep.runs().get(number - 1)).ifPresent(jobs::add);
        }
        try {
            all.plan(jobs);
            cluster.submit(jobs);
            all.left.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            all.abandon(jobs);
            throw new IllegalStateException("interrupted while nodes were at work", e);
        } catch (RuntimeException | Error e) {
            all.abandon(jobs);
            throw e;
        }
        return List.copyOf(all.outcomes.values());
    }

    private void abandon(List<RunJob> jobs) {
        abandoned = true;
        jobs.forEach(job -> job.held.letGo());
    }

    /** Foresees the steps of all runs, where the first one's images are here. Nothing of it may cost a run. */
    private void plan(List<RunJob> jobs) {
        Optional<TrainTest> images = Optional.empty();
        for (RunJob job : jobs) {
            Experiment experiment = job.held.run().experiment();
            try {
                images = images.isPresent() ? images : Optional.of(experiment.open());
                pace.planned(job.held.number(), RunWork.of(experiment, images.get().train(), images.get().test()).whole().steps());
            } catch (RuntimeException e) {
                // A node will tell what is wrong, or how far it has come.
                pace.unforeseen(job.held.number());
            }
        }
    }

    private Optional<RunJob> begin(int number, Sweep.Run run) {
        Path path = out.resolve(run.name());
        try {
            Optional<Runner.Result> before = Runner.finished(run.experiment(), new RunDirectory(path));
            if (before.isPresent()) {
                ended(number, new Outcome.Done(run, before.get(), true));
                return Optional.empty();
            }
            if (!run.experiment().get(Setting.DEVICES_ON).inThisProcess()) {
                throw new IllegalArgumentException("run '" + run.name() + "' has " + Setting.DEVICES_ON.key() + " = "
                        + run.experiment().text(Setting.DEVICES_ON) + ", which spreads its devices, and whole runs are to be spread: leave "
                        + "out one of the two");
            }
            RunDirectory directory = RunDirectory.open(path);
            directory.refuseForeignFiles();
            Optional<ProcessLock> lock = directory.lock();
            if (lock.isEmpty()) {
                ended(number, new Outcome.Elsewhere(run));
                return Optional.empty();
            }
            Held held = new Held(number, run, directory, lock.get());
            try {
                // Whoever had the lock before may have done the run meanwhile.
                Optional<Runner.Result> meanwhile = Runner.finished(run.experiment(), directory);
                if (meanwhile.isPresent()) {
                    held.letGo();
                    ended(number, new Outcome.Done(run, meanwhile.get(), true));
                    return Optional.empty();
                }
                directory.removeLeftovers();
            } catch (IOException | RuntimeException | Error e) {
                held.letGo();
                throw e;
            }
            return Optional.of(new RunJob(held, RunSlice.NEVER, Optional.empty()));
        } catch (IOException | RuntimeException | Error e) {
            ended(number, new Outcome.Failed(run, e));
            return Optional.empty();
        }
    }

    /** Once: a run whose end the listener could not be told has ended all the same. */
    private synchronized void ended(int number, Outcome outcome) {
        if (outcomes.putIfAbsent(number, outcome) != null) {
            return;
        }
        try {
            pace.ended(number);
            tellTimeLeft();
            listener.ended(number, outcome, begun.contains(number));
        } finally {
            // Whoever waits for all runs is not to wait for ever for one whose end nobody could be told.
            left.countDown();
        }
    }

    /** Holds the lock. */
    private void tellTimeLeft() {
        pace.seconds(cluster.nodes().stream().mapToInt(NodeFacts::slots).sum()).ifPresent(listener::timeLeft);
    }

    /** A run that this process has locked. */
    private record Held(int number, Sweep.Run run, RunDirectory directory, ProcessLock lock) {
        /** Puts files here, so that this process may be killed at any moment; none once the run may be another's. */
        synchronized void take(Map<String, byte[]> files) throws IOException {
            if (!lock.isHeld()) {
                throw new IOException("run '" + run.name() + "' was let go of");
            }
            for (String name : RunDirectory.inOrderOfArrival(files.keySet())) {
                if (name.equals(METRICS)) {
                    writeMetrics(ByteBuffer.wrap(files.get(name)));
                } else {
                    write(name, files.get(name));
                }
            }
        }

        /** Removes checkpoints that the run has left behind. */
        synchronized void keepCheckpoints(Set<String> files) throws IOException {
            for (String name : CheckpointStore.NAMES) {
                if (!files.contains(name)) {
                    Files.deleteIfExists(directory.path().resolve(name));
                }
            }
        }

        /** Of the lock, behind files that are under way. */
        synchronized void letGo() {
            try {
                lock.close();
            } catch (IOException e) {
                // It goes with this process at the latest.
            }
        }

        /** In place: lines that are here already are among them, and stay where there is no room for more. */
        private void writeMetrics(ByteBuffer lines) throws IOException {
            try (FileChannel metrics = AppendedFile.open(directory.path().resolve(METRICS))) {
                while (lines.hasRemaining()) {
                    metrics.write(lines, lines.position());
                }
                metrics.truncate(lines.limit());
                metrics.force(false);
            }
        }

        private void write(String name, byte[] bytes) throws IOException {
            AtomicFile.write(directory.path().resolve(name), channel -> {
                ByteBuffer all = ByteBuffer.wrap(bytes);
                while (all.hasRemaining()) {
                    channel.write(all);
                }
            });
        }
    }

    /** One slice of a run. */
    private final class RunJob implements Job {
        private final Held held;
        private final long age;
        private final Optional<String> home;
        /** Of the attempt under way: a node that still does one that was given up keeps something else under its number. */
        private long slice;

        /** After a slice. */
        RunJob(Held held, long age, Optional<String> home) {
            this.held = held;
            this.age = age;
            this.home = home;
        }

        @Override
        public String what() {
            return "run '" + held.run().name() + "'";
        }

        @Override
        public String task() {
            return RunSlices.NAME;
        }

        @Override
        public Optional<String> home() {
            return home;
        }

        @Override
        public boolean wanted() {
            return !abandoned;
        }

        @Override
        public Work work() {
            synchronized (ClusterSweep.this) {
                if (begun.add(held.number())) {
                    listener.begins(held.number(), held.run());
                }
            }
            slice = slices.incrementAndGet();
            try {
                Map<String, Supplier<byte[]>> objects = new LinkedHashMap<>();
                Map<String, Supplier<byte[]>> spare = new LinkedHashMap<>();
                List<String> sent = new ArrayList<>();
                if (!held.run().experiment().text(Setting.DATA).equals(Datasets.DEMO)
                        && held.run().experiment().get(Setting.DEVICE_DATA) == EngineHosting.DataPlace.SENT) {
                    Images packed = packed(held.run().experiment());
                    objects.put(packed.train(), packed.trainBytes());
                    objects.put(packed.test(), packed.testBytes());
                    sent.addAll(List.of(packed.train(), packed.test()));
                }
                Map<String, String> hashes = new LinkedHashMap<>();
                held.directory().files().forEach((name, bytes) -> {
                    hashes.put(name, Sha256.of(bytes));
                    spare.put(hashes.get(name), () -> bytes);
                });
                return new Work(new RunSlice(id, held.run().name(), held.run().experiment().print(), sent, age, slice, seconds,
                        hashes).encode(), objects, spare);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void done(NodeFacts node, byte[] content) {
            if (abandoned) {
                return;
            }
            try {
                RunSlice.Answer answer = RunSlice.Answer.decode(content);
                held.take(answer.files());
                if (answer.end() == RunSlice.End.DONE || answer.end() == RunSlice.End.PAUSED) {
                    held.keepCheckpoints(answer.files().keySet());
                    synchronized (ClusterSweep.this) {
                        pace.advanced(held.number(), answer.times());
                        tellTimeLeft();
                        listener.advanced(held.number(), held.run(), new Advance(node.name(), answer.rounds(), answer.of(),
                                answer.accuracy(), answer.notes()));
                    }
                }
                switch (answer.end()) {
                    case PAUSED -> cluster.submit(List.of(new RunJob(held, slice, Optional.of(node.id()))));
                    case DONE -> close(new Outcome.Done(held.run(), Runner.finished(held.run().experiment(), held.directory())
                            .orElseThrow(() -> new IOException("what came back holds no result")), false));
                    case WRONG_SETTINGS -> close(new Outcome.Failed(held.run(), new IllegalArgumentException(on(node, answer))));
                    case WRONG_DATA -> close(new Outcome.Failed(held.run(), new DataException(on(node, answer))));
                    case FAILED -> close(new Outcome.Failed(held.run(), new IOException(on(node, answer))));
                }
            } catch (IOException | RuntimeException | Error e) {
                close(new Outcome.Failed(held.run(), e));
            }
        }

        private static String on(NodeFacts node, RunSlice.Answer answer) {
            return answer.sentence() + " (on node '" + node.name() + "')";
        }

        @Override
        public void failed(String sentence) {
            close(new Outcome.Failed(held.run(), new IOException(sentence)));
        }

        private void close(Outcome outcome) {
            held.letGo();
            ended(held.number(), outcome);
        }
    }

    private Images packed(Experiment experiment) {
        boolean drawn = experiment.get(Setting.MAX_IMAGES) > 0 || experiment.get(Setting.MAX_TEST_IMAGES) > 0
                || experiment.get(Setting.VALIDATION_IMAGES) > 0;
        List<String> key = new ArrayList<>();
        Stream.of(Setting.DATA, Setting.LABELS, Setting.DATASET, Setting.MAX_IMAGES, Setting.MAX_TEST_IMAGES, Setting.VALIDATION_IMAGES)
                .map(experiment::text).forEach(key::add);
        key.add(drawn ? experiment.text(Setting.SEED) : "");
        synchronized (images) {
            return images.computeIfAbsent(key, _ -> {
                TrainTest opened = experiment.open();
                return new Images(Sha256.of(bytes(opened.train())), () -> bytes(opened.train()), Sha256.of(bytes(opened.test())),
                        () -> bytes(opened.test()));
            });
        }
    }

    private static byte[] bytes(Dataset dataset) {
        try {
            Path folder = Files.createTempDirectory("fedtiny-images");
            Path file = folder.resolve("images");
            try {
                ImageFile.write(dataset, file);
                return Files.readAllBytes(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the images cannot be packed", e);
        }
    }
}
