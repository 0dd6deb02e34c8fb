package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.model.Parameter.Kind;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.MessageKind.Direction;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** Reads what a device was asked. */
final class RequestDecoder {
    private final Network network;
    private final CachedMasks held;
    private final int candidates;
    private final IntFunction<float[]> lent;

    RequestDecoder(Network network, CachedMasks held, int candidates) {
        this(network, held, candidates, _ -> null);
    }

    /**
     * A decoder.
     *
     * @param lent for a parameter an array that values to train may be read into, or null; used where it has the right length
     */
    RequestDecoder(Network network, CachedMasks held, int candidates, IntFunction<float[]> lent) {
        this.network = network;
        this.held = held;
        this.candidates = candidates;
        this.lent = lent;
    }

    Codec.Request decode(Frame frame, int device) {
        return decode(frame, new PayloadReader(frame.payload(), frame.kind().toString()), device);
    }

    /** As the other, the payload in a reader. */
    Codec.Request decode(Frame frame, PayloadReader reader, int device) {
        if (frame.kind().direction() != Direction.DOWN) {
            throw new ProtocolException(Fault.TYPE, "a device got " + frame.kind() + ", which only a server gets");
        }
        if (frame.device() != device) {
            throw new ProtocolException(Fault.DEVICE, "device " + device + " got a request for device " + frame.device());
        }
        if (frame.round() < Frame.NO_ROUND) {
            throw new ProtocolException(Fault.ROUND, "request is for round " + Frame.number(frame.round())
                    + ", expected at least " + Frame.number(Frame.NO_ROUND));
        }
        ServerMessage message = switch (frame.kind()) {
            case WELCOME -> new Welcome(reader.int64());
            case RESTORE -> new Restore(version(reader), CachedMasks.read(reader, network),
                    reader.int8In("initial values flag", 1) == 1 ? LocalTaskForm.readDense(reader, network) : List.of());
            case POOL -> pool(reader);
            case CANDIDATE_STATISTICS -> candidateStatistics(reader);
            case TRAIN -> train(reader);
            default -> new Finish();
        };
        reader.end();
        return new Codec.Request(frame.round(), message);
    }

    private static int version(PayloadReader reader) {
        return reader.int32In("mask version", 0, Integer.MAX_VALUE);
    }

    private CandidatePoolMessage pool(PayloadReader reader) {
        CandidatePoolMessage.Task task = CandidatePoolMessage.Task.values()[reader.int8In("task",
                CandidatePoolMessage.Task.values().length - 1)];
        int batch = reader.int32In("batch", 1, Codec.MAXIMUM_BATCH);
        int count = reader.int32In("candidates", 1, Codec.MAXIMUM_CANDIDATES);
        List<Integer> prunable = network.prunable();
        reader.require(4L * count * prunable.size());
        List<int[]> counts = new ArrayList<>();
        int[] largest = new int[prunable.size()];
        for (int c = 0; c < count; c++) {
            int[] kept = new int[prunable.size()];
            for (int l = 0; l < kept.length; l++) {
                kept[l] = reader.int32In("kept weights of a layer", 1, network.parameters().get(prunable.get(l)).size());
                largest[l] = Math.max(largest[l], kept[l]);
            }
            counts.add(kept);
        }
        List<Mask> masks = CachedMasks.read(reader, network);
        for (int l = 0; l < largest.length; l++) {
            if (masks.get(prunable.get(l)).count() != largest[l]) {
                throw reader.content("layer '" + network.parameters().get(prunable.get(l)).name() + "' comes with "
                        + masks.get(prunable.get(l)).count() + " weights, its largest candidate keeps " + largest[l]);
            }
        }
        return new CandidatePoolMessage(task, batch, counts, ModelState.of(network, masks, values(reader, network, masks)));
    }

    private CandidateStatistics candidateStatistics(PayloadReader reader) {
        if (candidates == 0) {
            throw new ProtocolException(Fault.CONTENT, "candidate statistics came before any pool");
        }
        reader.int32In("candidates", candidates, candidates);
        reader.require(4 * candidates * RunningStatistics.count(network));
        List<RunningStatistics> statistics = new ArrayList<>();
        for (int c = 0; c < candidates; c++) {
            statistics.add(RunningStatistics.read(reader, network));
        }
        return new CandidateStatistics(statistics);
    }

    private Train train(PayloadReader reader) {
        int maskVersion = version(reader);
        boolean withMasks = reader.int8In("masks flag", 1) == 1;
        int epochs = reader.int32In("epochs", 1, Codec.MAXIMUM_EPOCHS);
        int batch = reader.int32In("batch", 1, Codec.MAXIMUM_BATCH);
        double learningRate = reader.finite("learning rate");
        if (!(learningRate > 0)) {
            throw reader.content("learning rate is " + learningRate + ", expected more than 0");
        }
        if (!withMasks && maskVersion != held.version()) {
            throw new ProtocolException(Fault.MASK_VERSION, "values for mask version " + maskVersion + " came without the mask, held is "
                    + (held.version() == CachedMasks.NONE ? "none" : "version " + held.version()));
        }
        List<Mask> masks = withMasks ? CachedMasks.read(reader, network) : held.masks();
        LocalTask task = LocalTaskForm.read(reader, network, masks);
        // Who compares with the model as it came must not have it overwritten by training.
        boolean comparesLater = task instanceof LocalTask.Adjust || task instanceof LocalTask.SearchSubNetwork;
        List<float[]> values = values(reader, network, masks, comparesLater ? _ -> null : lent);
        return new Train(maskVersion, withMasks ? Optional.of(masks) : Optional.empty(), values, epochs, batch, learningRate, task);
    }

    /** Values under masks: finite, running variances not negative. Everything is there before anything is allocated. */
    static List<float[]> values(PayloadReader reader, Network network, List<Mask> masks) {
        return values(reader, network, masks, _ -> null);
    }

    private static List<float[]> values(PayloadReader reader, Network network, List<Mask> masks, IntFunction<float[]> lent) {
        reader.require(4 * masks.stream().mapToLong(Mask::count).sum());
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < masks.size(); i++) {
            Parameter parameter = network.parameters().get(i);
            values.add(reader.float32s(masks.get(i).count(), parameter.name(), parameter.kind() == Kind.RUNNING_VARIANCE,
                    lent.apply(i)));
        }
        return values;
    }
}
