package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.Summand;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a device learnt in a round: θ_k, n_k, and what its task asked for. Payload: mask version (4), n_k (4), summed loss (8), training
 * time (8), then the result as its {@link LocalResult} writes it, with the active values (4 each) in it: after masks, before anything else.
 *
 * @param maskVersion the mask that was sent
 * @param samples n_k
 * @param lossSum cross entropy summed over the samples trained on (n_k, but for held-out ones) and E epochs
 * @param nanos time the device spent training
 * @param values active values, one array a parameter in {@code state_dict} order; not to be changed
 * @param result of the task; its masks, if it has any, are those of the values
 */
public record Update(int maskVersion, int samples, double lossSum, long nanos, List<float[]> values, LocalResult result)
        implements DeviceMessage {
    /** Words of a secure sum before the values: weight, summed loss, samples trained on. */
    public static final int SUM_FIGURES = 3;

    /** Keeps its own lists. */
    public Update {
        values = List.copyOf(values);
        Objects.requireNonNull(result, "result");
    }

    @Override
    public MessageKind kind() {
        return MessageKind.UPDATE;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(maskVersion).int32(samples).float64(lossSum).int64(nanos);
        result.write(writer, network, values);
    }

    /**
     * What it adds to a secure sum, as {@link Train#layout} says.
     *
     * @param task that it answers
     * @param network the run's
     * @return its own arrays, weighed by n_k
     */
    public Summand summand(LocalTask task, Network network) {
        List<float[]> arrays = new ArrayList<>(values);
        if (!task.averagedLengths(network).isEmpty()) {
            arrays.addAll(result.averaged());
        }
        List<byte[]> ballots = new ArrayList<>();
        for (int i = 0; i < task.ballots().size(); i++) {
            ballots.add(Summand.votes(network.parameters().get(task.ballots().get(i).parameter()).size(), result.votes().get(i)));
        }
        return new Summand(samples, List.of(lossSum, (double) samples - result.heldOut()), arrays, ballots);
    }

    /**
     * An update that answers a task.
     *
     * @param held the mask that was sent
     * @param epochs E that were asked for
     * @param batch B that was asked for
     * @param counts what samples the device may state; they may be others than it stated before
     * @param task what was asked
     */
    public record Expected(CachedMasks held, int epochs, int batch, SampleCounts.Range counts, LocalTask task) implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.UPDATE;
        }

        @Override
        public Update read(PayloadReader reader, Network network) {
            int version = reader.int32();
            if (version != held.version()) {
                throw new ProtocolException(Fault.MASK_VERSION, "update is for mask version " + version + ", in force is "
                        + held.version());
            }
            int samples = reader.int32In("samples", counts.least(), counts.most());
            double lossSum = reader.finiteIn("summed loss", 0, Evaluation.FAILED_LOSS * samples * epochs);
            long nanos = reader.int64();
            if (nanos < 0) {
                throw reader.content("time " + nanos + " ns must not be negative");
            }
            UpdateReader update = new UpdateReader(reader, network, held.masks(),
                    new Workload(epochs, batch, samples, counts.split().size(samples)));
            LocalResult result = task.readResult(update);
            return new Update(version, samples, lossSum, nanos, update.values(), result);
        }

        /** Every layer sends as many positions as it may, and a changed mask is a bitmap: real ones are shorter where few weights stay. */
        @Override
        public long longestPayload(Network network) {
            return 4 + 4 + 8 + 8 + 4 * held.valueCount() + task.longestResult(network);
        }
    }
}
