package dev.fedtiny.device;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.Restore;
import dev.fedtiny.protocol.RoundPhase;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import java.util.List;
import java.util.Map;

/**
 * One request to train on one device, as a {@link DeviceTask} sees it: the model as it came, the device's data, sessions and epochs with
 * their streams, what the device holds for its method between rounds, and an answer. Not thread-safe.
 */
public final class LocalJob {
    private final Device device;
    private final Train request;
    private final int round;
    private final SessionCache sessions;
    private final long startNanos = System.nanoTime();
    /** Null before the first epoch, and where there is none. */
    private ProximalTerm proximal;

    LocalJob(Device device, Train request, int round, SessionCache sessions) {
        this.device = device;
        this.request = request;
        this.round = round;
        this.sessions = sessions;
    }

    /** {@return the network} */
    public Network network() {
        return device.network();
    }

    /** {@return what was asked} */
    public Train request() {
        return request;
    }

    /** {@return the device's samples, as they are in this turn} */
    public Samples data() {
        return device.data();
    }

    /** {@return positions of the device's development samples} */
    public int[] development() {
        return device.development();
    }

    /** {@return dense values that the device holds for its method; empty where it holds none} See {@link Restore#held}. */
    public List<float[]> heldValues() {
        return device.heldValues();
    }

    /**
     * From now on the device holds these dense values; not copied, not to be changed.
     *
     * @param values one array a parameter
     */
    public void holdValues(List<float[]> values) {
        device.holdValues(values);
    }

    /** {@return whether the server may know no more than sums of what devices tell: then votes are cast where gradients would be sent} */
    public boolean tellsSumsOnly() {
        return device.tellsSumsOnly();
    }

    /**
     * Keeps gradients until they are asked for, or the next work begins.
     *
     * @param dense at all positions of layers that may grow, by parameter; not to be changed
     */
    void keepGradients(Map<Integer, float[]> dense) {
        device.keepGradients(dense);
    }

    /**
     * From now on the device holds these masks in place of those that it was sent.
     *
     * @param masks one a parameter
     */
    public void holdMasks(List<Mask> masks) {
        device.holdMasks(masks);
    }

    /** {@return the model as it came} */
    public ModelState received() {
        return ModelState.of(network(), device.held().masks(), request.values());
    }

    /** {@return A session that trains the model as it came, in the arrays it came in: {@link #received} is of no use afterwards} */
    public Session takeOver() {
        return sessions.training(received(), request.batch(), options(settings().augmentation()), ArrayOwnership.TAKEN_OVER);
    }

    /**
     * A session that trains a model.
     *
     * @param model copied into the session
     * @return the session; valid until another is asked for
     */
    public Session session(ModelState model) {
        return sessions.training(model, request.batch(), options(settings().augmentation()), ArrayOwnership.COPIED);
    }

    /**
     * A session that evaluates a model.
     *
     * @param model copied into the session
     * @return the session; valid until another is asked for
     */
    public Session evaluation(ModelState model) {
        return sessions.session(model, Mode.INFERENCE, request.batch(), options(Augmentation.NONE));
    }

    private SessionOptions options(Augmentation augmentation) {
        return BatchLoader.options(settings().sessions(), data(), augmentation);
    }

    private DeviceSettings settings() {
        return device.settings();
    }

    /**
     * Epochs over all samples with a fresh optimiser.
     *
     * @param session of mode TRAINING
     * @param purpose for example {@code "local"}: names the streams
     * @return one pass at a time
     */
    public Epochs epochs(Session session, String purpose) {
        return accounted(session, new Epochs(session, data(), settings().optimizer(), settings().augmentation(), settings().seed(), purpose,
                round, device.number()));
    }

    /**
     * Epochs over some samples.
     *
     * @param session of mode TRAINING
     * @param purpose names the streams
     * @param samples positions in the device's data
     * @return one pass at a time
     */
    public Epochs epochs(Session session, String purpose, int[] samples) {
        return accounted(session, new Epochs(session, data(), samples, settings().optimizer(), settings().augmentation(),
                settings().seed(), purpose, round, device.number()));
    }

    /** {@return whether growth gradients come from a pass of their own, by {@link #grow}, and not from the last full-size batch} */
    public boolean growsApart() {
        return settings().growthBatch() > 0;
    }

    /**
     * Growth gradients of a model from a pass of their own: forward and backward over the growth batch, drawn for this round, augmented and
     * normalised as in training. No step follows, and the model stays as it is, running statistics included. Ends the session that was
     * asked for before; its arrays are those of a training session of that batch.
     *
     * @param trained copied into a session
     * @param parameters positions of the weights that may grow
     * @param growth one sink a weight
     */
    public void grow(ModelState trained, int[] parameters, GradientSink[] growth) {
        int images = Math.min(settings().growthBatch(), data().count());
        Session session = sessions.training(trained, images, options(settings().augmentation()), ArrayOwnership.COPIED);
        epochs(session, "growth").grow(parameters, growth);
    }

    private Epochs accounted(Session session, Epochs epochs) {
        if (settings().proximal() > 0) {
            proximal = proximal == null ? ProximalTerm.at(session, settings().proximal()) : proximal.under(session);
            epochs.pulledBy(proximal);
        }
        sessions.account(MemoryCategory.OPTIMIZER, epochs.optimizerBytes());
        return epochs.endedBy(sessions.cancellation());
    }

    /**
     * All epochs of the request at its learning rate.
     *
     * @param session holds the model
     * @param epochs over the samples
     * @param backward runs between every step's forward pass and its update
     * @return the cross entropy summed over samples and epochs
     * @throws java.util.concurrent.CancellationException if the work is called off between two batches; to be let through: what the device
     *         holds by then it goes on holding
     */
    public double train(Session session, Epochs epochs, Epochs.Backward backward) {
        double lossSum = 0;
        for (int epoch = 0; epoch < request.epochs(); epoch++) {
            lossSum += epochs.run(request.learningRate(), backward);
        }
        return lossSum;
    }

    /**
     * Arrays beside the session's were allocated for gradients at pruned positions.
     *
     * @param bytes of these arrays
     */
    public void allocated(long bytes) {
        sessions.account(MemoryCategory.TOP_K, bytes);
    }

    /**
     * The answer.
     *
     * @param trained may be live: the answer is encoded before the session does anything else
     * @param lossSum cross entropy summed over samples and epochs
     * @param result what the task answers beside the values
     * @return the answer
     * @throws ArithmeticException if a value is not finite, or the loss not that of a model that learns
     */
    public Update answer(ModelState trained, double lossSum, LocalResult result) {
        sessions.account(request.task().grows() ? RoundPhase.GROWTH : RoundPhase.TRAINING);
        double most = Evaluation.FAILED_LOSS * data().count() * request.epochs();
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
        return new Update(request.maskVersion(), data().count(), lossSum, System.nanoTime() - startNanos, trained.allValues(), result);
    }
}
