package dev.fedtiny.engine.train;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.nn.Session;

/** The plain training loop's inner step, for applications that go on training a model on samples of their own. */
public final class Trainer {
    private final Session session;
    private final Optimizer.Updater updater;

    /**
     * Binds an optimiser to a session.
     *
     * @param session of mode TRAINING
     */
    public Trainer(Session session, Optimizer optimizer) {
        this.session = session;
        this.updater = optimizer.bind(session);
    }

    /**
     * One step on a batch; a step of the session's meter, where it has one.
     *
     * @param images N,C,H,W, normalised as the model wants them
     * @param labels one an image
     * @param learningRate at least 0
     * @return the mean cross entropy before the step
     * @throws IllegalArgumentException if there are no images, more than the session's batch, or labels out of range
     */
    public double step(float[] images, int[] labels, double learningRate) {
        Meter meter = session.meter();
        if (meter != null) {
            meter.beginStep();
        }
        session.setImages(images, labels.length);
        System.arraycopy(labels, 0, session.labels(), 0, labels.length);
        session.forward(labels.length);
        double loss = session.lossSum() / labels.length;
        session.backward();
        updater.step(learningRate);
        if (meter != null) {
            meter.endStep(labels.length);
        }
        return loss;
    }
}
