package dev.fedtiny.engine.train;

import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;

/**
 * The weighted mean of the gradients of several batches. A batch weighs what its loss was divided by, so the mean is that of one large
 * batch. Four bytes a trained value; follows the masks.
 */
final class GradientAccumulator {
    private final Session session;
    private final PositionState sums;
    private final Workers.Task adding = this::add;
    private final Workers.Task dividing = this::divide;
    private double weight;
    private double weights;
    private int batches;

    GradientAccumulator(Session session) {
        this.session = session;
        this.sums = new PositionState(session, _ -> 1);
    }

    /** Adds the gradients of the session's last backward pass. */
    void add(double weight) {
        sums.follow();
        this.weight = weight;
        session.workers().run(adding);
        weights += weight;
        batches++;
    }

    /** Batches added since the last mean. */
    int batches() {
        return batches;
    }

    /** Puts the mean in the place of the session's gradients, and begins anew. */
    void mean() {
        sums.follow();
        session.workers().run(dividing);
        clear();
    }

    /** Forgets what has been added. */
    void clear() {
        sums.clear();
        weights = 0;
        batches = 0;
    }

    private void add(int worker, int workers) {
        float factor = (float) weight;
        for (int slot = 0; slot < sums.parameters().length; slot++) {
            float[] gradient = session.gradient(sums.parameters()[slot]);
            float[] sum = sums.of(slot)[0];
            for (int i = from(gradient, worker, workers); i < from(gradient, worker + 1, workers); i++) {
                sum[i] += factor * gradient[i];
            }
        }
    }

    private void divide(int worker, int workers) {
        float factor = (float) (1 / weights);
        for (int slot = 0; slot < sums.parameters().length; slot++) {
            float[] gradient = session.gradient(sums.parameters()[slot]);
            float[] sum = sums.of(slot)[0];
            for (int i = from(gradient, worker, workers); i < from(gradient, worker + 1, workers); i++) {
                gradient[i] = factor * sum[i];
            }
        }
    }

    private static int from(float[] values, int worker, int workers) {
        return (int) ((long) values.length * worker / workers);
    }

    long bytes() {
        return sums.bytes();
    }
}
