package dev.fedtiny.device;

import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.protocol.RunningStatistics;

/**
 * Stage one, step 2: forward passes over development data with frozen weights, in which batch normalisation updates μ and σ². No
 * gradients, no labels, no augmentation.
 */
public final class Recalibration {
    /** Names the order of the samples: by seed and device. */
    static final String STREAM = "recalibration-shuffle";

    private static final int MINIMUM_PASSES = 10;
    private static final int MINIMUM_UPDATES = 40;

    private Recalibration() {
    }

    /**
     * max(10, ⌈40 / batches a pass⌉): with fewer updates much of the old statistics survives.
     *
     * @param samples of the development data
     * @param batch images of a forward pass
     * @return passes over the development data
     */
    public static int passes(int samples, int batch) {
        return Math.max(MINIMUM_PASSES, Math.ceilDiv(MINIMUM_UPDATES, Math.ceilDiv(samples, batch)));
    }

    /**
     * Runs the passes on the model in the session and copies its statistics out.
     *
     * @param session of mode STATISTICS
     * @param development positions in the data set
     * @param shuffling of their order, pass by pass
     * @param data the development samples are some of its images
     * @return a copy of μ and σ² afterwards
     * @throws java.util.concurrent.CancellationException if the thread is interrupted between two batches
     */
    public static RunningStatistics run(Session session, Samples data, int[] development, RandomStream shuffling) {
        return run(session, data, development, shuffling, new Cancellation());
    }

    /** The same, which also ends where this is called. */
    static RunningStatistics run(Session session, Samples data, int[] development, RandomStream shuffling, Cancellation cancellation) {
        BatchLoader loader = BatchLoader.forImagesOf(data);
        int[] order = development.clone();
        for (int pass = passes(order.length, session.batch()); pass > 0; pass--) {
            shuffling.shuffle(order);
            for (int from = 0; from < order.length; from += session.batch()) {
                int count = Math.min(session.batch(), order.length - from);
                cancellation.check();
                loader.load(data, order, from, count, session);
                session.forward(count);
            }
        }
        return new RunningStatistics(RunningStatistics.positions(session.network()).stream().map(i -> session.values(i).clone()).toList());
    }
}
