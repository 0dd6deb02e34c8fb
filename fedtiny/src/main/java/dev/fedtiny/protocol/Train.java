package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.SumLayout;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A round's work: θ, the mask when its version changed, and what to do besides training. Answered by {@link Update}. Payload: mask
 * version (4), whether masks follow (1), epochs (4), batch (4), learning rate (8), masks of the prunable parameters
 * ({@link MaskCodec}) if any, the task as {@link TaskKind} has it (1 or more), then all active values (4 each).
 *
 * @param maskVersion the mask the values belong to
 * @param masks one a parameter, if the device does not hold this version
 * @param values active values, one array a parameter in {@code state_dict} order; not to be changed
 * @param epochs E
 * @param batch B
 * @param learningRate of every local step
 * @param task what the device does besides E epochs of training
 */
public record Train(int maskVersion, Optional<List<Mask>> masks, List<float[]> values, int epochs, int batch, double learningRate,
        LocalTask task) implements ServerMessage, MaskedWork {
    /** The most images of a batch that may be asked for. */
    public static final int MAXIMUM_BATCH = 1 << 16;
    /** The most local epochs that may be asked for. */
    public static final int MAXIMUM_EPOCHS = 1 << 16;

    /** Keeps its own lists. */
    public Train {
        masks = masks.map(List::copyOf);
        values = List.copyOf(values);
        Objects.requireNonNull(task, "task");
    }

    @Override
    public MessageKind kind() {
        return MessageKind.TRAIN;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(maskVersion).int8(masks.isPresent() ? 1 : 0).int32(epochs).int32(batch).float64(learningRate);
        masks.ifPresent(all -> writer.masks(network, all));
        task.kind().write(writer);
        task.write(writer);
        writer.float32s(values);
    }

    /** Weight, summed loss, samples trained on, values, arrays beside them; then a ballot a position of every layer that may grow. */
    @Override
    public SumLayout layout(Network network, List<Mask> held, int devices) {
        long words = Update.SUM_FIGURES + masks.orElse(held).stream().mapToLong(Mask::count).sum()
                + task.averagedLengths(network).stream().mapToLong(length -> length).sum();
        long ballots = task.ballots().stream().mapToLong(layer -> network.parameters().get(layer.parameter()).size()).sum();
        return SumLayout.of(Math.toIntExact(words), Math.toIntExact(ballots), devices);
    }

    static Train read(PayloadReader reader, RequestContext context) {
        int maskVersion = reader.maskVersion();
        boolean withMasks = reader.int8In("masks flag", 1) == 1;
        int epochs = reader.int32In("epochs", 1, MAXIMUM_EPOCHS);
        int batch = reader.int32In("batch", 1, MAXIMUM_BATCH);
        double learningRate = reader.finite("learning rate");
        if (!(learningRate > 0)) {
            throw reader.content("learning rate is " + learningRate + ", expected more than 0");
        }
        CachedMasks held = context.held();
        if (!withMasks && maskVersion != held.version()) {
            throw new ProtocolException(Fault.MASK_VERSION, "values for mask version " + maskVersion + " came without the mask, held is "
                    + (held.version() == CachedMasks.NONE ? "none" : "version " + held.version()));
        }
        List<Mask> masks = withMasks ? reader.masks(context.network()) : held.masks();
        LocalTask task = TaskKind.read(reader, context.tasks()).reader().read(reader, context.network(), masks);
        List<float[]> values = reader.values(context.network(), masks, task.comparesLater() ? _ -> null : context.lent());
        return new Train(maskVersion, withMasks ? Optional.of(masks) : Optional.empty(), values, epochs, batch, learningRate, task);
    }
}
