package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.experiment.checkpoint.CheckpointStore;
import dev.fedtiny.experiment.metrics.MetricsFile;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The growing part of a run directory: metrics and checkpoints, kept so that a process may die at any moment. While it is open no other
 * process can go on with this run. When the process is told to end (Ctrl-C, SIGTERM), the last finished round is written as a checkpoint
 * if it is not one yet, whatever is being computed is abandoned, and nothing is written afterwards.
 */
final class RunJournal implements AutoCloseable {
    private final RunDirectory directory;
    private final CheckpointStore checkpoints;
    private final int every;
    private final FileChannel metrics;
    private final Thread hook;
    private final long openedNanos = System.nanoTime();
    private final List<TestResult> curve = new ArrayList<>();
    private long earlierNanos;
    private long dearest;
    private Checkpoint latest;
    private boolean latestWritten;
    private boolean ended;

    /**
     * Opens the journal of a run.
     *
     * @param every rounds between checkpoints
     * @param stopped is told the number of finished rounds when the process is told to end
     * @throws RunBusyException if another process has it open
     */
    RunJournal(RunDirectory directory, int every, IntConsumer stopped) throws IOException {
        this.directory = directory;
        this.checkpoints = new CheckpointStore(directory.path());
        this.every = every;
        this.metrics = FileChannel.open(directory.path().resolve(RunDirectory.METRICS), StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (!ExclusiveFile.lock(metrics)) {
            metrics.close();
            throw new RunBusyException(directory.path());
        }
        this.hook = new Thread(() -> end(stopped), "fedtiny-stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Goes back to the newest good checkpoint: metrics of later rounds are cut off. Without one the run begins anew.
     *
     * @param damaged is told of checkpoints that cannot be used
     */
    Optional<Checkpoint> restore(Network network, Consumer<String> damaged) throws IOException {
        directory.removeLeftovers();
        Optional<Checkpoint> newest = checkpoints.newest(network, metrics.size(), damaged);
        long length = MetricsFile.cutOff(metrics, newest.map(checkpoint -> checkpoint.state().round()).orElse(0),
                newest.map(Checkpoint::metricsBytes).orElse(0L));
        newest.ifPresent(checkpoint -> {
            curve.addAll(checkpoint.curve());
            dearest = checkpoint.dearestDeviceFlops();
            earlierNanos = checkpoint.nanos();
            latest = new Checkpoint(checkpoint.state(), checkpoint.curve(), dearest, earlierNanos, length);
            latestWritten = true;
        });
        if (latest != null && latest.metricsBytes() != newest.get().metricsBytes()) {
            write();
        }
        return newest;
    }

    /**
     * A finished round, or the start.
     *
     * @param last whether no round follows
     */
    synchronized void finished(MethodState state, TestResult test, long dearestDeviceFlops, JsonObject metric, boolean last)
            throws IOException {
        note(metric);
        curve.add(test);
        dearest = Math.max(dearest, dearestDeviceFlops);
        latest = new Checkpoint(state, curve, dearest, nanos(), metrics.position());
        latestWritten = false;
        if (last || state.round() % every == 0) {
            write();
        }
    }

    /** A line of the metrics that belongs to no round. */
    synchronized void note(JsonObject metric) throws IOException {
        holdIfEnded();
        ByteBuffer line = ByteBuffer.wrap((JsonWriter.compact(metric) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            metrics.write(line);
        }
    }

    private void write() throws IOException {
        // A checkpoint counts on its metrics.
        metrics.force(false);
        checkpoints.write(latest);
        latestWritten = true;
    }

    private long nanos() {
        return earlierNanos + System.nanoTime() - openedNanos;
    }

    /** Test results so far. */
    List<TestResult> curve() {
        return List.copyOf(curve);
    }

    /** FLOPs of the dearest round of one device so far. */
    long dearestDeviceFlops() {
        return dearest;
    }

    /** Wall time of all processes that worked on this run, without what was lost. */
    double wallSeconds() {
        return nanos() / 1e9;
    }

    /** Writes the result and lets go of the checkpoints: the run is done. */
    synchronized void done(Runner.Result result) throws IOException {
        holdIfEnded();
        directory.json(RunDirectory.RESULT, RunResults.toJson(result));
        checkpoints.clear();
    }

    /** On the thread that ends the process. */
    private synchronized void end(IntConsumer stopped) {
        if (directory.done()) {
            return;
        }
        ended = true;
        int rounds = latest == null ? 0 : latest.state().round();
        try {
            if (latest != null && !latestWritten) {
                write();
            }
        } catch (IOException e) {
            // The checkpoint before is there; what is lost will be computed again.
            rounds = Math.max(0, rounds - every);
        }
        stopped.accept(rounds);
    }

    /** The process is ending: what comes now must not follow the last checkpoint, and the caller has nothing left to do. */
    private void holdIfEnded() {
        while (ended) {
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody is left to be told.
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook runs.
        }
        metrics.close();
    }
}
