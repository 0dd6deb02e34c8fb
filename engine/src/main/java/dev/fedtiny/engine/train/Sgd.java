package dev.fedtiny.engine.train;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;

/**
 * Stochastic gradient descent as {@code torch.optim.SGD} has it: g ← g + λ·w; v ← μ·v + g (v starts at 0); w ← w − lr·v. All trainable
 * values decay, biases and γ, β too. Products and sums are rounded one by one, so bits do not depend on the machine.
 *
 * @param momentum μ, in [0, 1)
 * @param weightDecay λ, at least 0
 */
public record Sgd(double momentum, double weightDecay) implements Optimizer {
    /** Checks the ranges. */
    public Sgd {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("sgd: momentum " + momentum + ", must be in [0, 1)");
        }
        if (!(weightDecay >= 0 && Float.isFinite((float) weightDecay))) {
            throw new IllegalArgumentException("sgd: weight decay " + weightDecay + ", must be at least 0 and finite in single precision");
        }
    }

    @Override
    public Updater bind(Session session) {
        return new State(session);
    }

    @Override
    public long stateBytes(Network network, int[] kept) {
        return momentum > 0 ? ParameterUpdater.bufferBytes(network, kept) : 0;
    }

    private final class State extends ParameterUpdater {
        private final float[][] velocities;

        State(Session session) {
            super(session);
            velocities = momentum > 0 ? buffers() : null;
        }

        @Override
        void update(int slot, float[] values, float[] gradient, int from, int to) {
            if (velocities == null) {
                plain(values, gradient, from, to, (float) rate(), (float) weightDecay);
            } else {
                withMomentum(values, gradient, velocities[slot], from, to, (float) rate(), (float) weightDecay, (float) momentum);
            }
        }
    }

    static void plain(float[] w, float[] g, int from, int to, float rate, float decay) {
        for (int i = from; i < to; i++) {
            w[i] -= rate * (g[i] + decay * w[i]);
        }
    }

    static void withMomentum(float[] w, float[] g, float[] v, int from, int to, float rate, float decay, float momentum) {
        for (int i = from; i < to; i++) {
            float velocity = momentum * v[i] + (g[i] + decay * w[i]);
            v[i] = velocity;
            w[i] -= rate * velocity;
        }
    }
}
