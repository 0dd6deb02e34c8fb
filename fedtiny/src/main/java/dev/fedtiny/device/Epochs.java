package dev.fedtiny.device;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.train.Optimizer;
import java.util.Arrays;

/**
 * Trains epochs over a data set with a fresh optimiser: batches of the session's size in an order shuffled before every epoch, the last
 * partial batch kept. Order, augmentation and dropout come from streams named by purpose and indices. Where the thread is interrupted, or
 * the device's work called off, an epoch ends with a {@link java.util.concurrent.CancellationException} before its next batch.
 */
public final class Epochs {
    private final Session session;
    private final Samples data;
    private final Augmentation augmentation;
    private final Optimizer.Updater updater;
    private final BatchLoader loader;
    private final RandomStream shuffling;
    private final RandomStream augmenting;
    private final int[] order;
    private Cancellation cancellation = new Cancellation();
    /** Null where there is none. */
    private ProximalTerm proximal;

    /**
     * Binds everything to one piece of training.
     *
     * @param session of mode TRAINING
     * @param purpose for example {@code "local"}: the streams are called {@code local-shuffle}, {@code local-augment} and
     *        {@code local-dropout}
     * @param indices what tells streams of one purpose apart, for example round and device
     * @param data all samples are trained on
     * @param optimizer bound to the session, with nothing remembered
     * @param augmentation of every image in every epoch anew
     * @param seed of the run
     */
    public Epochs(Session session, Samples data, Optimizer optimizer, Augmentation augmentation, long seed, String purpose,
            long... indices) {
        this(session, data, all(data.count()), optimizer, augmentation, seed, purpose, indices);
    }

    private static int[] all(int count) {
        int[] all = new int[count];
        Arrays.setAll(all, i -> i);
        return all;
    }

    /**
     * Epochs over some samples.
     *
     * @param session of mode TRAINING
     * @param data the samples are some of its images
     * @param samples positions in the data set, at least one
     * @param optimizer bound to the session, with nothing remembered
     * @param augmentation of every image in every epoch anew
     * @param seed of the run
     * @param purpose for example {@code "local"}: names the streams
     * @param indices what tells streams of one purpose apart, for example round and device
     */
    public Epochs(Session session, Samples data, int[] samples, Optimizer optimizer, Augmentation augmentation, long seed, String purpose,
            long... indices) {
        this.session = session;
        this.data = data;
        this.augmentation = augmentation;
        this.updater = optimizer.bind(session);
        this.loader = BatchLoader.forImagesOf(data);
        this.shuffling = RandomStream.of(seed, purpose + "-shuffle", indices);
        this.augmenting = RandomStream.of(seed, purpose + "-augment", indices);
        this.order = samples.clone();
        session.seedDropout(RandomStream.of(seed, purpose + "-dropout", indices).nextLong());
    }

    /** The same epochs with a term in the loss of every step. */
    Epochs pulledBy(ProximalTerm term) {
        proximal = term;
        return this;
    }

    /** The same epochs, which end where this is called. */
    Epochs endedBy(Cancellation called) {
        cancellation = called;
        return this;
    }

    /** Bytes of the optimiser's state, and of what a proximal term pulls to. */
    long optimizerBytes() {
        return updater.bytes() + (proximal == null ? 0 : proximal.bytes());
    }

    /** What happens between a step's forward pass and its update. */
    @FunctionalInterface
    public interface Backward {
        /** The backward pass and nothing else. */
        Backward PLAIN = (session, _) -> session.backward();

        /**
         * Runs the backward pass of the session, and may change gradients afterwards.
         *
         * @param last whether this is the epoch's last full-size batch, or its only one
         * @param session has done the forward pass
         */
        void run(Session session, boolean last);
    }

    /**
     * One epoch.
     *
     * @param learningRate of all its steps
     * @return the cross entropy summed over the samples, each before the step it took part in
     */
    public double run(double learningRate) {
        return run(learningRate, Backward.PLAIN);
    }

    /**
     * One epoch in which the last full-size batch also yields the gradients at pruned positions: one forward and backward serve the
     * ordinary step and the growth, before the step and without weight decay.
     *
     * @param parameters positions of the weights that may grow
     * @param growth one sink a weight
     * @param learningRate of all its steps
     * @return the cross entropy summed over the samples, each before the step it took part in
     */
    public double run(double learningRate, int[] parameters, GradientSink[] growth) {
        return run(learningRate, (current, last) -> {
            if (last) {
                current.backward(parameters, growth);
            } else {
                current.backward();
            }
        });
    }

    /**
     * One epoch with a backward pass of one's own.
     *
     * @param learningRate of all its steps
     * @param backward runs between every step's forward pass and its update
     * @return the cross entropy summed over the samples, each before the step it took part in
     */
    public double run(double learningRate, Backward backward) {
        shuffling.shuffle(order);
        int batch = session.batch();
        int lastFull = Math.max(0, order.length / batch - 1) * batch;
        Meter meter = session.meter();
        double lossSum = 0;
        for (int from = 0; from < order.length; from += batch) {
            int count = Math.min(batch, order.length - from);
            cancellation.check();
            forward(meter, from, count);
            lossSum += session.lossSum();
            backward.run(session, from == lastFull);
            if (proximal != null) {
                proximal.add(session);
            }
            updater.step(learningRate);
            if (meter != null) {
                meter.endStep(count);
            }
        }
        return lossSum;
    }

    /**
     * Gradients at pruned positions from one batch of a new order, with no step: the values stay.
     *
     * @param parameters positions of the weights that may grow
     * @param growth one sink a weight
     */
    void grow(int[] parameters, GradientSink[] growth) {
        shuffling.shuffle(order);
        Meter meter = session.meter();
        int count = Math.min(session.batch(), order.length);
        forward(meter, 0, count);
        session.backward(parameters, growth);
        if (meter != null) {
            meter.endStep(count);
        }
    }

    private void forward(Meter meter, int from, int count) {
        begin(meter);
        loader.load(data, order, from, count, augmentation, augmenting, session);
        BatchLoader.loadLabels(data, order, from, count, session.network().classes(), session.labels());
        loaded(meter, count);
        session.forward(count);
    }

    private static void begin(Meter meter) {
        if (meter != null) {
            meter.beginStep();
            meter.start(meter.operator("images"));
        }
    }

    private void loaded(Meter meter, int count) {
        if (meter != null) {
            meter.stop(PassKind.BATCH, (long) session.options().images().bytesAValue() * count * session.network().input().size());
        }
    }
}
