package dev.fedtiny.engine.train;

import java.util.List;

/**
 * Stochastic gradient descent as {@code torch.optim.SGD} has it: g ← g + λ·w; v ← μ·v + (1 − τ)·g, in the first step v ← g; w ← w − lr·v,
 * or with Nesterov's momentum w ← w − lr·(g + μ·v). All trained values decay, biases and γ, β too ({@link ParameterGroups} except some).
 * Products and sums are rounded one by one, so bits do not depend on the machine. Remembers v where there is momentum.
 *
 * @param momentum μ, in [0, 1)
 * @param dampening τ, in [0, 1]; 0 with Nesterov's momentum
 * @param weightDecay λ, at least 0
 * @param nesterov whether the step looks ahead along the momentum; needs one
 */
public record Sgd(double momentum, double dampening, double weightDecay, boolean nesterov) implements UpdateRule {
    private static final List<String> STATE = List.of("momentum");

    /** Checks the ranges. */
    public Sgd {
        Settings.checkShare("sgd", "momentum", momentum);
        Settings.checkDecay("sgd", weightDecay);
        if (!(dampening >= 0 && dampening <= 1)) {
            throw new IllegalArgumentException("sgd: dampening " + dampening + ", must be in [0, 1]");
        }
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new IllegalArgumentException("sgd: Nesterov's momentum with momentum " + momentum + " and dampening " + dampening
                    + "; it needs momentum above 0 and no dampening");
        }
    }

    /**
     * Without dampening, and without looking ahead.
     *
     * @param momentum share of the last step that goes on, in [0, 1)
     * @param weightDecay L2 penalty, added to the gradient; at least 0
     */
    public Sgd(double momentum, double weightDecay) {
        this(momentum, 0, weightDecay, false);
    }

    /**
     * With Nesterov's momentum.
     *
     * @param momentum share of the last step that goes on, in [0, 1)
     * @param weightDecay L2 penalty, added to the gradient; at least 0
     * @return the optimiser
     */
    public static Sgd nesterov(double momentum, double weightDecay) {
        return new Sgd(momentum, 0, weightDecay, true);
    }

    @Override
    public String kind() {
        return "sgd";
    }

    @Override
    public List<String> state() {
        return momentum > 0 ? STATE : List.of();
    }

    @Override
    public void update(double rate, long step, float[] values, float[] gradient, float[][] state, int from, int to) {
        if (momentum == 0) {
            plain(values, gradient, from, to, (float) rate, (float) weightDecay);
        } else if (nesterov) {
            lookingAhead(values, gradient, state[0], from, to, (float) rate);
        } else if (dampening == 0 || step == 1) {
            withMomentum(values, gradient, state[0], from, to, (float) rate, (float) weightDecay, (float) momentum);
        } else {
            dampened(values, gradient, state[0], from, to, (float) rate);
        }
    }

    private static void plain(float[] w, float[] g, int from, int to, float rate, float decay) {
        for (int i = from; i < to; i++) {
            w[i] -= rate * (g[i] + decay * w[i]);
        }
    }

    private static void withMomentum(float[] w, float[] g, float[] v, int from, int to, float rate, float decay, float momentum) {
        for (int i = from; i < to; i++) {
            float velocity = momentum * v[i] + (g[i] + decay * w[i]);
            v[i] = velocity;
            w[i] -= rate * velocity;
        }
    }

    private void dampened(float[] w, float[] g, float[] v, int from, int to, float rate) {
        float decay = (float) weightDecay;
        float keep = (float) momentum;
        float take = (float) (1 - dampening);
        for (int i = from; i < to; i++) {
            float velocity = keep * v[i] + take * (g[i] + decay * w[i]);
            v[i] = velocity;
            w[i] -= rate * velocity;
        }
    }

    private void lookingAhead(float[] w, float[] g, float[] v, int from, int to, float rate) {
        float decay = (float) weightDecay;
        float keep = (float) momentum;
        for (int i = from; i < to; i++) {
            float slope = g[i] + decay * w[i];
            float velocity = keep * v[i] + slope;
            v[i] = velocity;
            w[i] -= rate * (slope + keep * velocity);
        }
    }
}
