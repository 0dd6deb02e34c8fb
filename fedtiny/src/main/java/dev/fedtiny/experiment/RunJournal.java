package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.AppendedFile;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.experiment.checkpoint.CheckpointStore;
import dev.fedtiny.experiment.checkpoint.MaskHistory;
import dev.fedtiny.experiment.metrics.MetricsFile;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The growing part of a run directory, of which the caller holds the lock: metrics and checkpoints, kept so that a process may die at any
 * moment. When the process is told to end (Ctrl-C, SIGTERM), the last finished round is written as a checkpoint
 * if it is not one yet, whatever is being computed is abandoned, and nothing is written afterwards: the run's thread ends with a
 * {@link ProcessEndingException}, also where it comes by before the hook that writes, and where hooks of others have ended its devices.
 */
final class RunJournal implements AutoCloseable {
    private final RunDirectory directory;
    private final CheckpointStore checkpoints;
    private final int every;
    private final boolean keepsCheckpoint;
    private final Path metricsFile;
    private final FileChannel metrics;
    private final IntConsumer stopped;
    private final Thread hook;
    private final long openedNanos = System.nanoTime();
    private final List<TestResult> curve = new ArrayList<>();
    private long earlierNanos;
    private long maxFlops;
    private Checkpoint latest;
    private boolean latestWritten;
    private int safeRounds;
    private boolean ended;

    /**
     * Opens the journal of a run.
     *
     * @param every rounds between checkpoints
     * @param keepsCheckpoint whether the last one stays when the run is done
     * @param stopped is told the number of finished rounds when the process is told to end
     * @throws dev.fedtiny.engine.io.FileWriteException if the metrics cannot be opened or are a link
     */
    RunJournal(RunDirectory directory, int every, boolean keepsCheckpoint, IntConsumer stopped) throws IOException {
        this.directory = directory;
        this.checkpoints = new CheckpointStore(directory.path());
        this.every = every;
        this.keepsCheckpoint = keepsCheckpoint;
        this.metricsFile = directory.path().resolve(RunDirectory.METRICS);
        this.metrics = AppendedFile.open(metricsFile);
        this.stopped = stopped;
        this.hook = new Thread(this::end, "fedtiny-stop");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            metrics.close();
            throw new ProcessEndingException(e);
        }
    }

    /**
     * Goes back to the newest good checkpoint: metrics of later rounds are cut off. Without one the run begins anew, and metrics that are
     * there are dropped with a warning. Metrics that were lost are not needed to go on: whole lines that are left stay, an event
     * {@code lost} follows them.
     *
     * @param warnings is told of checkpoints that cannot be used, and of metrics that are lost
     */
    Optional<Checkpoint> restore(Network network, Consumer<String> warnings) throws IOException {
        directory.removeLeftovers();
        long there = metrics.size();
        Optional<Checkpoint> newest = checkpoints.newest(network, there, warnings);
        if (newest.isEmpty() && there > 0) {
            warnings.accept("'" + directory.path() + "' holds metrics and no checkpoint to go on from: the run begins anew, and the "
                    + there + " bytes of '" + metricsFile.getFileName() + "' are dropped");
        }
        long wanted = newest.map(Checkpoint::metricsBytes).orElse(0L);
        long length = cutOff(newest.map(checkpoint -> checkpoint.state().round()).orElse(0), wanted);
        newest.ifPresent(checkpoint -> {
            curve.addAll(checkpoint.curve());
            maxFlops = checkpoint.maxDeviceFlops();
            earlierNanos = checkpoint.nanos();
            latest = new Checkpoint(checkpoint.state(), checkpoint.curve(), maxFlops, earlierNanos, length, checkpoint.goBacks(),
                    checkpoint.masks());
            latestWritten = true;
            safeRounds = latest.state().round();
        });
        if (wanted > there) {
            warnings.accept("'" + metricsFile + "' has " + length + " bytes in whole lines of the " + wanted + " it had after round "
                    + latest.state().round() + ": the other lines are lost, and with them what reports say of their rounds; the model and "
                    + "the test results are not");
            note(Metrics.lost(latest.state().round(), wanted - length));
            latest = new Checkpoint(latest.state(), latest.curve(), maxFlops, earlierNanos, metrics.position(),
                    latest.goBacks(), latest.masks());
        }
        if (latest != null && latest.metricsBytes() != wanted) {
            forced();
            checkpoints.rewrite(latest);
        }
        return newest;
    }

    private long cutOff(int rounds, long bytes) throws IOException {
        try {
            return MetricsFile.cutOff(metrics, rounds, bytes);
        } catch (IOException e) {
            throw new FileWriteException(metricsFile, e);
        }
    }

    /**
     * A finished round, or the start.
     *
     * @param metric its line, which gets what happened to masks
     * @param goBacks in how many of the last rounds, one after the other, the run went back
     * @param safe whether a checkpoint is due in any case: no round follows, or a file was written that belongs to this one
     * @return the next round, where all before it is safe now; empty where no checkpoint was due
     */
    synchronized Optional<Integer> finished(MethodState state, TestResult test, long maxDeviceFlops, JsonObject metric, int goBacks,
            boolean safe) throws IOException {
        MaskHistory.Step masks = latest == null ? MaskHistory.begin(state.model())
                : latest.masks().step(latest.state().model(), state.model());
        note(masks.addedTo(metric));
        curve.add(test.score());
        maxFlops = Math.max(maxFlops, maxDeviceFlops);
        latest = new Checkpoint(state, curve, maxFlops, nanos(), metrics.position(), goBacks, masks.history());
        latestWritten = false;
        if (safe || state.round() % every == 0) {
            write();
            return Optional.of(state.round());
        }
        return Optional.empty();
    }

    /**
     * A line of the metrics that belongs to no round.
     *
     * @throws dev.fedtiny.engine.io.FileWriteException if it cannot be written, or somebody has removed the file
     * @throws ProcessEndingException if the process is ending
     */
    synchronized void note(JsonObject metric) throws IOException {
        refuseIfEnded();
        ByteBuffer line = ByteBuffer.wrap((JsonWriter.compact(metric) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            if (Files.notExists(metricsFile)) {
                // Bytes could still be written, to a file that nobody can find any more.
                throw new NoSuchFileException(metricsFile.toString());
            }
            while (line.hasRemaining()) {
                metrics.write(line);
            }
        } catch (IOException e) {
            throw new FileWriteException(metricsFile, e);
        }
    }

    /** A checkpoint counts on its metrics. */
    private void forced() throws IOException {
        try {
            metrics.force(false);
        } catch (IOException e) {
            throw new FileWriteException(metricsFile, e);
        }
    }

    private void write() throws IOException {
        forced();
        checkpoints.write(latest);
        latestWritten = true;
        safeRounds = latest.state().round();
    }

    private long nanos() {
        return earlierNanos + System.nanoTime() - openedNanos;
    }

    /** Test results so far. */
    List<TestResult> curve() {
        return List.copyOf(curve);
    }

    /** The last result of a model that was evaluated. */
    TestResult lastEvaluated() {
        return curve.stream().filter(TestResult::evaluated).reduce((_, later) -> later).orElseThrow();
    }

    /** Why the run went back in a round; empty where it did not, or its line is lost. */
    Optional<String> wentBack(int round) throws IOException {
        return MetricsFile.wentBack(metricsFile, round);
    }

    /** FLOPs of the most expensive round of one device so far. */
    long maxDeviceFlops() {
        return maxFlops;
    }

    /** Wall time of all processes that worked on this run, without what was lost, and what its lines say of rounds. */
    RunTimes times() throws IOException {
        return RunTimes.of(nanos() / 1e9, metricsFile);
    }

    /** Writes the result, when all that it counts on is on the disk, and lets go of the checkpoints but the last: the run is done. */
    synchronized void done(Runner.Result result, Optional<JsonObject> privacy) throws IOException {
        refuseIfEnded();
        forced();
        directory.json(RunDirectory.RESULT, RunResults.toJson(result, privacy));
        if (keepsCheckpoint) {
            checkpoints.keepNewest();
        } else {
            checkpoints.clear();
        }
    }

    /** The process ends: on the thread of the hook or on the run's, whichever is first. */
    synchronized void end() {
        if (ended || directory.done()) {
            return;
        }
        ended = true;
        int rounds = latest == null ? 0 : latest.state().round();
        try {
            if (latest != null && !latestWritten) {
                write();
            }
        } catch (IOException | RuntimeException | Error e) {
            // The checkpoint before is there; what is lost will be computed again.
            rounds = safeRounds;
        }
        stopped.accept(rounds);
    }

    /** What comes now must not follow the last checkpoint. Whoever waits for the run's thread, as a shutdown hook may, sees it end. */
    private void refuseIfEnded() {
        if (ProcessEnd.hasBegun()) {
            end();
        }
        if (ended) {
            throw new ProcessEndingException(safeRounds);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and what the hook writes needs the metrics open.
            end();
        }
        metrics.close();
    }
}
