package dev.fedtiny.device;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.Growth;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.RoundPhase;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import java.util.Arrays;
import java.util.List;

/** One request to train on one device, and what all kinds of local work need: a session, epochs with their streams, an answer. */
record LocalJob(Network network, Train request, CachedMasks held, int round, int device, Dataset data, DeviceSettings settings,
        SessionCache sessions, long startNanos) {
    /** The model as it came. */
    ModelState received() {
        return ModelState.of(network, held.masks(), request.values());
    }

    /** A session that trains the model as it came, in the arrays it came in: {@link #received} is of no use afterwards. */
    Session takeOver() {
        return session(received(), ArrayOwnership.TAKEN_OVER);
    }

    Session session(ModelState model) {
        return session(model, ArrayOwnership.COPIED);
    }

    private Session session(ModelState model, ArrayOwnership handover) {
        Session session = sessions.training(model, request.batch(), settings.sessions(), handover);
        if (request.task() instanceof LocalTask.Extrude extrude) {
            session.keepActivations(extrude.activationShare());
        }
        return session;
    }

    /** Epochs over all samples with a fresh optimiser. */
    Epochs epochs(Session session, String purpose) {
        return accounted(new Epochs(session, data, settings.optimizer(), settings.augmentation(), settings.seed(), purpose, round, device));
    }

    /** Epochs over some samples. */
    Epochs epochs(Session session, String purpose, int[] samples) {
        return accounted(new Epochs(session, data, samples, settings.optimizer(), settings.augmentation(), settings.seed(), purpose,
                round, device));
    }

    private Epochs accounted(Epochs epochs) {
        sessions.account(MemoryCategory.OPTIMIZER, epochs.optimizerBytes());
        return epochs;
    }

    double rate() {
        return request.learningRate();
    }

    /**
     * The answer.
     *
     * @param trained may be live: the answer is encoded before the session does anything else
     * @throws ArithmeticException if a value is not finite, or the loss not that of a model that learns
     */
    Update answer(ModelState trained, double lossSum, LocalResult result) {
        sessions.account(request.task().grows() ? RoundPhase.GROWTH : RoundPhase.TRAINING);
        double most = Evaluation.FAILED_LOSS * data.count() * request.epochs();
        if (!(lossSum >= 0 && lossSum <= most)) {
            throw new ArithmeticException("training gave the summed loss " + lossSum + ", expected 0 to " + most
                    + "; use a smaller learning rate");
        }
        try {
            trained.check();
        } catch (IllegalStateException e) {
            throw (ArithmeticException) new ArithmeticException("training gave values that are not finite (" + e.getMessage()
                    + "); use a smaller learning rate").initCause(e);
        }
        return new Update(held.version(), data.count(), lossSum, System.nanoTime() - startNanos, trained.allValues(), result);
    }

    static int[] parameters(List<GrowthRequest> layers) {
        return layers.stream().mapToInt(GrowthRequest::parameter).toArray();
    }

    TopK[] buffers(List<GrowthRequest> layers) {
        TopK[] buffers = layers.stream().map(layer -> new TopK(layer.limit())).toArray(TopK[]::new);
        sessions.account(MemoryCategory.TOP_K, Arrays.stream(buffers).mapToLong(TopK::bytes).sum());
        return buffers;
    }

    /** A buffer's entries, by position. */
    static Growth ascending(int parameter, TopK.Entries entries) {
        int count = entries.indices().length;
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            keys[i] = (long) entries.indices()[i] << 32 | i;
        }
        Arrays.sort(keys);
        int[] indices = new int[count];
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            indices[i] = (int) (keys[i] >> 32);
            values[i] = entries.values()[(int) keys[i]];
        }
        return new Growth(parameter, indices, values);
    }
}
