package dev.fedtiny.engine.train;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.NonFiniteException;

/** The plain training loop's inner step, for applications that go on training a model on samples of their own. */
public final class Trainer {
    private final Session session;
    private final Optimizer.Updater updater;
    /** Steps begun. */
    private long steps;

    /**
     * Binds an optimiser to a session. Several trainers may share a session, each with a state of its own.
     *
     * @param session of mode TRAINING
     * @throws IllegalArgumentException if it is of another mode
     */
    public Trainer(Session session, Optimizer optimizer) {
        if (session.mode() != Mode.TRAINING) {
            throw new IllegalArgumentException("trainer: the session is for " + session.mode() + ", training needs one of mode "
                    + Mode.TRAINING + "; open it so");
        }
        this.session = session;
        this.updater = optimizer.bind(session);
    }

    /**
     * One step on a batch; a step of the session's meter, where it has one. Masks may change between two steps ({@link Session#load}): the
     * optimiser's state follows.
     *
     * @param images N,C,H,W, normalised as the model wants them, finite, exactly one a label
     * @param labels one an image
     * @param learningRate at least 0
     * @return the mean cross entropy before the step
     * @throws IllegalArgumentException if there are no images, more than the session's batch, other than one a label, labels out of range,
     *     or the rate is negative or not finite; nothing has changed then
     * @throws NonFiniteException naming step and layer, parameter or image where a value stopped being finite, unless the session was
     * opened
     *     with {@link dev.fedtiny.engine.model.FiniteCheck#OFF}; parameters are as before the step, unless it was the step itself that made
     *     them infinite
     * @throws IllegalStateException if the session is closed or another thread is inside
     */
    public double step(float[] images, int[] labels, double learningRate) {
        try (Session.Hold _ = session.hold()) {
            check(images, labels, learningRate);
            steps++;
            Meter meter = session.meter();
            if (meter != null) {
                meter.beginStep();
            }
            double loss = run(images, labels, learningRate);
            if (meter != null) {
                meter.endStep(labels.length);
            }
            return loss;
        } catch (NonFiniteException e) {
            throw e.in("training step " + steps);
        }
    }

    private double run(float[] images, int[] labels, double learningRate) {
        session.setImages(images, labels.length);
        System.arraycopy(labels, 0, session.labels(), 0, labels.length);
        session.forward(labels.length);
        double loss = session.lossSum() / labels.length;
        session.backward();
        updater.step(learningRate);
        return loss;
    }

    private void check(float[] images, int[] labels, double learningRate) {
        if (labels.length < 1 || labels.length > session.batch()) {
            throw new IllegalArgumentException("trainer: " + labels.length + " labels, must be in [1, " + session.batch()
                    + "], the session's batch");
        }
        int size = session.network().input().size();
        if (images.length != (long) labels.length * size) {
            throw new IllegalArgumentException("trainer: " + labels.length + " labels and " + images.length + " values of images; "
                    + labels.length + " images of " + session.network().input() + " have " + (long) labels.length * size);
        }
        int classes = session.network().classes();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("trainer: image " + i + " has label " + labels[i] + ", must be in [0, " + classes + ")");
            }
        }
        if (!(learningRate >= 0 && Float.isFinite((float) learningRate))) {
            throw new IllegalArgumentException("trainer: learning rate " + learningRate + ", must be at least 0 and finite in single "
                    + "precision");
        }
    }
}
