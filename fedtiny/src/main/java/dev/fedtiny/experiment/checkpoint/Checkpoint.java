package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.protocol.NetworkFingerprint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a run needs to go on: an immutable value. As a file, little-endian: magic (4 bytes), version (4), fingerprint of the network
 * (8), bytes of metrics (8), nanos (8), FLOPs of the largest device-round (8), rounds gone back in (4, from version 2 on), number of test
 * results (4) and each one's loss (8), right answers (4) and images (4), from version 4 on the history of masks ({@link MaskHistory}), the
 * state ({@link StateForm}), CRC32C of everything before it (4).
 *
 * @param state of the next round
 * @param curve test results, the start first and then every round done
 * @param maxDeviceFlops FLOPs of the most expensive round of one device so far
 * @param nanos wall time of the run so far, without what was lost when it stopped
 * @param metricsBytes how long {@code metrics.jsonl} was
 * @param goBacks in how many of the last rounds, one after the other, the run went back to the model before
 * @param masks which weights were ever active
 */
public record Checkpoint(MethodState state, List<TestResult> curve, long maxDeviceFlops, long nanos, long metricsBytes, int goBacks,
        MaskHistory masks) {
    private static final int MAGIC = 'F' | 'T' << 8 | 'C' << 16 | 'P' << 24;
    private static final int VERSION = 5;
    /** Before devices could hold parts of the model. */
    private static final int WITHOUT_PARTS = 4;
    /** Before masks had a history. */
    private static final int WITHOUT_HISTORY = 3;
    /** Before servers had an optimiser. */
    private static final int WITHOUT_SERVER = 2;
    /** Before runs could go back. */
    private static final int FIRST_VERSION = 1;
    private static final int TEST_RESULT_BYTES = 16;

    /** Keeps its own copy; refuses what could be written and not be read. */
    public Checkpoint {
        if (maxDeviceFlops < 0 || nanos < 0 || metricsBytes < 0) {
            throw new IllegalArgumentException("checkpoint: " + maxDeviceFlops + " FLOPs, " + nanos + " ns and " + metricsBytes
                    + " bytes of metrics, expected none below 0");
        }
        curve = List.copyOf(curve);
    }

    /**
     * Of a run of whose masks no history is known.
     *
     * @param state of the next round
     * @param curve test results, the start first and then every round done
     * @param maxDeviceFlops FLOPs of the most expensive round of one device so far
     * @param nanos wall time of the run so far
     * @param metricsBytes how long {@code metrics.jsonl} was
     * @param goBacks in how many of the last rounds, one after the other, the run went back
     */
    public Checkpoint(MethodState state, List<TestResult> curve, long maxDeviceFlops, long nanos, long metricsBytes, int goBacks) {
        this(state, curve, maxDeviceFlops, nanos, metricsBytes, goBacks, MaskHistory.UNKNOWN);
    }

    /** Writes the file; one of that name is replaced in one step, or stays as it is when anything fails. */
    public void write(Path file) throws IOException {
        AtomicFile.write(file, this::writeTo);
    }

    private void writeTo(FileChannel channel) throws IOException {
        CheckpointWriter writer = new CheckpointWriter(channel);
        writer.int32(MAGIC).int32(VERSION).int64(NetworkFingerprint.of(state.model().network())).int64(metricsBytes).int64(nanos)
                .int64(maxDeviceFlops).int32(goBacks).int32(curve.size());
        for (TestResult test : curve) {
            writer.float64(test.loss()).int32(test.correct()).int32(test.count());
        }
        masks.write(writer);
        StateForm.write(writer, state);
        writer.finish();
    }

    /**
     * Reads a file.
     *
     * @param network of the run
     * @throws CheckpointException if the file is damaged, of another version or of another network
     * @throws IOException if it cannot be read
     */
    public static Checkpoint read(Path file, Network network) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            CheckpointReader reader = CheckpointReader.open(file, channel);
            if (reader.int32() != MAGIC) {
                throw new CheckpointException(file, 0, FileSignature.describe(file).orElse("the file does not start as a checkpoint does"));
            }
            int version = reader.int32();
            if (version < FIRST_VERSION || version > VERSION) {
                throw CheckpointException.foreign(file, 4, "version " + version + ", this release reads versions up to " + VERSION
                        + "; go on with the release that wrote it");
            }
            long fingerprint = reader.int64();
            if (fingerprint != NetworkFingerprint.of(network)) {
                throw CheckpointException.foreign(file, 8, "of a network with fingerprint " + Long.toHexString(fingerprint)
                        + ", expected " + Long.toHexString(NetworkFingerprint.of(network)) + "; it belongs to another configuration");
            }
            Checkpoint checkpoint = read(reader, version, network);
            reader.finish();
            return checkpoint;
        }
    }

    private static Checkpoint read(CheckpointReader reader, int version, Network network) throws IOException {
        long metricsBytes = reader.count64("bytes of metrics");
        long nanos = reader.count64("wall time");
        long maxFlops = reader.count64("FLOPs of the largest device-round");
        int goBacks = version == FIRST_VERSION ? 0 : reader.int32In("rounds gone back in", 0, Integer.MAX_VALUE);
        int results = reader.length("number of test results", TEST_RESULT_BYTES);
        List<TestResult> curve = new ArrayList<>();
        for (int i = 0; i < results; i++) {
            double loss = reader.float64();
            int correct = reader.int32In("right answers", 0, Integer.MAX_VALUE);
            curve.add(new TestResult(loss, correct, reader.int32In("test images", correct, Integer.MAX_VALUE)));
        }
        MaskHistory masks = version > WITHOUT_HISTORY ? MaskHistory.read(reader, network) : MaskHistory.UNKNOWN;
        MethodState state = StateForm.read(reader, network, new StateForm.Holds(version > WITHOUT_SERVER, version > WITHOUT_PARTS));
        if (results != state.round() + 1) {
            throw reader.error(results + " test results after round " + state.round() + ", expected " + (state.round() + 1));
        }
        return new Checkpoint(state, curve, maxFlops, nanos, metricsBytes, goBacks, masks);
    }
}
