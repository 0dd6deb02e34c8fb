package dev.fedtiny.engine.train;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The training loop's inner step, for applications that train a model on samples of their own:
 * {@snippet :
 * Trainer<int[]> trainer = Trainer.of(session)
 *         .optimizer(new AdamW(0.01))
 *         .loss(new CrossEntropy(0.1, ClassWeights.EQUAL))
 *         .clip(new ClipByNorm(1))
 *         .accumulate(4)
 *         .build();
 * double loss = trainer.step(images, labels, 1e-3);
 * }
 * A step allocates nothing. Several trainers may share a session, each with a state of its own.
 *
 * @param <T> the targets of a batch, as the objective wants them: labels are {@code int[]}, values {@code float[]}
 */
public final class Trainer<T> {
    private final Session session;
    private final Objective<T> objective;
    private final Optimizer.Updater updater;
    private final GradientClip.Clipper clipper;
    private final GradientAccumulator accumulator;
    private final int every;
    private Session evaluation;
    /** Batches trained on. */
    private long steps;
    private double measured = Double.NaN;

    private Trainer(Builder<T> builder) {
        this.session = builder.session;
        this.objective = builder.objective;
        this.updater = builder.optimizer.bind(session);
        this.clipper = builder.clip == null ? null : builder.clip.bind(session);
        this.every = builder.every;
        this.accumulator = every > 1 ? new GradientAccumulator(session) : null;
    }

    /**
     * Choices of a trainer; what is not chosen is plain stochastic gradient descent on the cross entropy of labels, a step a batch.
     *
     * @param <T> the targets of a batch
     */
    public static final class Builder<T> {
        private final Session session;
        private final Objective<T> objective;
        private Optimizer optimizer = new Sgd(0, 0);
        private GradientClip clip;
        private int every = 1;

        private Builder(Session session, Objective<T> objective) {
            this.session = session;
            this.objective = objective;
        }

        /**
         * What updates the values.
         *
         * @param other of the values
         * @return this
         */
        public Builder<T> optimizer(Optimizer other) {
            optimizer = Given.notNull(other, "trainer: optimizer", "what updates the values, for example an Sgd");
            return this;
        }

        /**
         * What is minimised: a loss, or a weighted sum of several.
         *
         * @param <U> the loss's kind of targets
         * @param other the sum
         * @return a builder for targets of that kind, with the other choices of this one
         */
        public <U> Builder<U> loss(Objective<U> other) {
            Builder<U> builder = new Builder<>(session, Given.notNull(other, "trainer: loss", "a loss, or a weighted sum of several"));
            builder.optimizer = optimizer;
            builder.clip = clip;
            builder.every = every;
            return builder;
        }

        /**
         * How gradients are limited before the optimiser sees them.
         *
         * @param other the limit
         * @return this
         */
        public Builder<T> clip(GradientClip other) {
            clip = Given.notNull(other, "trainer: clip", "a limit; leave it out where there is none");
            return this;
        }

        /**
         * How many batches make one step of the optimiser: their gradients are put together as those of one large batch would be, each
         * weighing what the objective's first loss divides by (images; with class weights their sum). Batch normalisation sees each by
         * itself. A loss that is not divided ({@link dev.fedtiny.engine.loss.Loss#summed}) weighs 1 in each: the step's is the mean of the
         * batches' sums.
         *
         * @param batches at least 1
         * @return this
         */
        public Builder<T> accumulate(int batches) {
            if (batches < 1) {
                throw new IllegalArgumentException("trainer: accumulating " + batches + " batches, must be at least 1");
            }
            every = batches;
            return this;
        }

        /** {@return the trainer} */
        public Trainer<T> build() {
            return new Trainer<>(this);
        }
    }

    /**
     * Begins to choose.
     *
     * @param session of mode TRAINING
     * @return the choices there are
     * @throws IllegalArgumentException if it is of another mode
     */
    public static Builder<int[]> of(Session session) {
        Given.notNull(session, "trainer: session", "an open session of mode TRAINING");
        ParameterUpdater.checkMode("trainer", session);
        return new Builder<>(session, new CrossEntropy());
    }

    /**
     * One batch; a step of the session's meter, where it has one. Masks may change between two steps ({@link Session#load}): the
     * optimiser's state follows.
     *
     * @param images N,C,H,W, normalised as the model wants them, finite; 1 to the session's batch of them
     * @param targets of these images
     * @param learningRate at least 0; without meaning for a batch that is only accumulated
     * @return the objective's value, the mean over the batch, before the step
     * @throws IllegalArgumentException if there are no images, a part of one, or more than the session's batch, targets do not fit, or the
     *     rate is negative or not finite; nothing has changed then
     * @throws NonFiniteException naming step and layer, parameter, image or target where a value stopped being finite, unless the session
     *     was opened with {@link dev.fedtiny.engine.model.FiniteCheck#OFF}; parameters are as before the step, unless it was the step
     *     itself that made them infinite
     * @throws IllegalStateException if the session is closed or another thread is inside
     */
    public double step(float[] images, T targets, double learningRate) {
        Given.notNull(images, "trainer: images", "values of the images in the order N,C,H,W");
        try (Session.Hold _ = session.hold()) {
            int count = count(images.length);
            double weight = begin(count, targets, learningRate);
            session.setImages(images, count);
            return run(count, targets, weight, learningRate);
        } catch (NonFiniteException e) {
            throw e.in("training step " + (steps + 1));
        }
    }

    /**
     * As {@link #step(float[], Object, double)} where the session holds images as bytes
     * ({@link dev.fedtiny.engine.model.SessionOptions#withImages}).
     *
     * @param images N,C,H,W, as they come; 1 to the session's batch of them
     * @param targets of these images
     * @param learningRate at least 0; without meaning for a batch that is only accumulated
     * @return the objective's value, the mean over the batch, before the step
     * @throws IllegalStateException if the session holds images as floats, is closed, or another thread is inside
     */
    public double step(byte[] images, T targets, double learningRate) {
        Given.notNull(images, "trainer: images", "bytes of the images in the order N,C,H,W");
        try (Session.Hold _ = session.hold()) {
            int count = count(images.length);
            double weight = begin(count, targets, learningRate);
            session.setImages(images, count);
            return run(count, targets, weight, learningRate);
        } catch (NonFiniteException e) {
            throw e.in("training step " + (steps + 1));
        }
    }

    /** Checks everything but the images; answers what the batch weighs. */
    private double begin(int count, T targets, double learningRate) {
        updater.checkRate(learningRate);
        double weight = session.checkTargets(objective, targets, count);
        if (session.meter() != null) {
            session.meter().beginStep();
        }
        return weight;
    }

    private double run(int count, T targets, double weight, double learningRate) {
        session.forward(count);
        double loss = session.backward(objective, targets);
        update(weight, learningRate);
        if (session.meter() != null) {
            session.meter().endStep(count);
        }
        steps++;
        return loss;
    }

    private void update(double weight, double learningRate) {
        if (accumulator == null) {
            optimize(learningRate);
            return;
        }
        accumulator.add(weight);
        if (accumulator.batches() == every) {
            accumulator.mean();
            optimize(learningRate);
        }
    }

    private void optimize(double learningRate) {
        if (clipper != null) {
            measured = clipper.clip();
        }
        updater.step(learningRate);
    }

    private int count(int values) {
        int size = session.network().input().size();
        int count = values / size;
        if (count < 1 || count > session.batch() || values % size != 0) {
            throw new IllegalArgumentException("trainer: " + values + " values of images; an image of " + session.network().input()
                    + " has " + size + ", and there may be 1 to " + session.batch() + " of them, the session's batch");
        }
        return count;
    }

    /**
     * The optimiser's step for batches that have been accumulated and are fewer than a step has, as at the end of an epoch; nothing where
     * there are none.
     *
     * @param learningRate at least 0
     * @throws IllegalStateException if the session was loaded since the last batch, or the last batch failed in its backward pass: what
     *     has been accumulated goes into the step of the batches that follow; also if the session is closed, or another thread is inside
     */
    public void finish(double learningRate) {
        updater.checkRate(learningRate);
        try (Session.Hold _ = session.hold()) {
            if (accumulator != null && accumulator.batches() > 0) {
                session.checkGradients();
                accumulator.mean();
                optimize(learningRate);
            }
        }
    }

    /**
     * {@return what the gradients of the optimiser's last step were before they were clipped; NaN where nothing clips} See {@link
     * GradientClip}.
     */
    public double gradientSize() {
        return measured;
    }

    /**
     * Images through the network as it is now, in evaluation mode: running statistics, no dropout, nothing changes. The first call opens
     * a session of mode INFERENCE beside the one that trains, which holds memory of its own.
     *
     * @param images as for {@link #step(float[], Object, double)}
     * @return that session after its pass: ask it for loss, outputs or predicted classes; the next call uses it again, or
     *     opens another one where it has been closed
     */
    public Session evaluate(float[] images) {
        Given.notNull(images, "trainer: images", "values of the images in the order N,C,H,W");
        try (Session.Hold _ = session.hold()) {
            int count = count(images.length);
            loadEvaluation();
            evaluation.setImages(images, count);
            evaluation.forward(count);
            return evaluation;
        }
    }

    /**
     * As {@link #evaluate(float[])} where the session holds images as bytes.
     *
     * @param images as for {@link #step(byte[], Object, double)}
     * @return the session of mode INFERENCE after its pass
     */
    public Session evaluate(byte[] images) {
        Given.notNull(images, "trainer: images", "bytes of the images in the order N,C,H,W");
        try (Session.Hold _ = session.hold()) {
            int count = count(images.length);
            loadEvaluation();
            evaluation.setImages(images, count);
            evaluation.forward(count);
            return evaluation;
        }
    }

    private void loadEvaluation() {
        if (evaluation == null || evaluation.isClosed()) {
            evaluation = Session.open(session.state(), Mode.INFERENCE, session.batch(), session.workers(), session.options());
        } else {
            evaluation.load(session.liveState());
        }
    }

    /**
     * {@return the objective's value in evaluation mode; see {@link #evaluate(float[])}}
     *
     * @param images N,C,H,W, normalised as the model wants them
     * @param targets of these images
     */
    public double evaluate(float[] images, T targets) {
        Given.notNull(targets, "trainer: targets", "those of the images");
        return evaluate(images).loss(objective, targets);
    }

    /**
     * {@return the objective's value in evaluation mode; see {@link #evaluate(byte[])}}
     *
     * @param images N,C,H,W, as they come
     * @param targets of these images
     */
    public double evaluate(byte[] images, T targets) {
        Given.notNull(targets, "trainer: targets", "those of the images");
        return evaluate(images).loss(objective, targets);
    }

    /**
     * Writes what the optimiser remembers; see {@link Optimizer.Updater#save}.
     *
     * @param file of safetensors
     * @throws IllegalStateException if batches have been accumulated that no step has used; {@link #finish} first
     * @throws IOException if writing fails; an older file is still there then
     */
    public void save(Path file) throws IOException {
        if (accumulator != null && accumulator.batches() > 0) {
            throw new IllegalStateException("trainer: " + accumulator.batches() + " of " + every
                    + " batches have been accumulated, which a file does not hold; finish the step first");
        }
        updater.save(file);
    }

    /**
     * Reads what {@link #save} has written; batches that have been accumulated are forgotten.
     *
     * @param file of safetensors
     * @throws dev.fedtiny.engine.io.SafetensorsException if the file does not fit; nothing has changed then
     * @throws IOException if reading fails; nothing has changed then
     */
    public void restore(Path file) throws IOException {
        updater.restore(file);
        if (accumulator != null) {
            accumulator.clear();
        }
    }

    /**
     * {@return bytes that accumulating batches takes, beside {@link Optimizer#stateBytes} and {@link GradientClip#bytes}: 4 a trained
     * value}
     *
     * @param network that is trained
     * @param kept active positions of every parameter, in the order of {@link Network#parameters()}
     */
    public static long accumulationBytes(Network network, int[] kept) {
        Settings.checkKept("trainer", network, kept);
        long bytes = 0;
        for (int i = 0; i < kept.length; i++) {
            bytes += network.isTrained(i) ? 4L * kept[i] : 0;
        }
        return bytes;
    }

    /** {@return bytes of all arrays beside the session's: the optimiser's state, accumulated gradients, what clipping needs} */
    public long bytes() {
        return updater.bytes() + (accumulator == null ? 0 : accumulator.bytes()) + (clipper == null ? 0 : clipper.bytes());
    }
}
