package dev.fedtiny.engine.train;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;

/**
 * The gradients of a session's trained parameters in blocks of one size, each parameter's beginning anew: threads share them, and what is
 * measured of each is put together in their order.
 */
abstract class GradientBlocks implements GradientClip.Clipper {
    /** Values of a block. */
    static final int BLOCK = 4096;

    private final Session session;
    private final int[] parameters;
    private final Workers.Task measuring = (worker, workers) -> each(worker, workers, true);
    private final Workers.Task changing = (worker, workers) -> each(worker, workers, false);
    private double[] measured = new double[0];

    GradientBlocks(Session session) {
        ParameterUpdater.checkMode("clipper", session);
        this.session = session;
        this.parameters = PositionState.trained(session);
        fit();
    }

    /** What a block is measured by. */
    abstract double measure(float[] gradient, int from, int to);

    /** Changes a block. */
    abstract void change(float[] gradient, int from, int to);

    private static int blocks(int values) {
        return Math.ceilDiv(values, BLOCK);
    }

    static long bytes(Network network, int[] active) {
        Settings.checkKept("clip", network, active);
        long blocks = 0;
        for (int i = 0; i < active.length; i++) {
            blocks += network.isTrained(i) ? blocks(active[i]) : 0;
        }
        return 8 * blocks;
    }

    private void fit() {
        int blocks = 0;
        for (int parameter : parameters) {
            blocks += blocks(session.gradient(parameter).length);
        }
        if (blocks != measured.length) {
            measured = new double[blocks];
        }
    }

    private void measureAll() {
        try (Session.Hold _ = session.hold()) {
            session.checkGradients();
            fit();
            session.workers().run(measuring);
        }
    }

    /** The sum of the blocks' measures. */
    final double sum() {
        measureAll();
        double sum = 0;
        for (double one : measured) {
            sum += one;
        }
        return sum;
    }

    /** The largest of the blocks' measures. */
    final double largest() {
        measureAll();
        double largest = 0;
        for (double one : measured) {
            largest = Math.max(largest, one);
        }
        return largest;
    }

    /** Changes all blocks. */
    final void change() {
        try (Session.Hold _ = session.hold()) {
            session.workers().run(changing);
        }
    }

    private void each(int worker, int workers, boolean measures) {
        int block = 0;
        for (int parameter : parameters) {
            float[] gradient = session.gradient(parameter);
            for (int from = 0; from < gradient.length; from += BLOCK, block++) {
                if (block % workers != worker) {
                    continue;
                }
                int to = Math.min(gradient.length, from + BLOCK);
                if (measures) {
                    measured[block] = measure(gradient, from, to);
                } else {
                    change(gradient, from, to);
                }
            }
        }
    }

    @Override
    public final long bytes() {
        return 8L * measured.length;
    }
}
