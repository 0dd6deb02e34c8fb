package dev.fedtiny.engine.train;

import dev.fedtiny.engine.internal.check.Given;
import java.util.List;

/**
 * Adam with weight decay beside the gradient (Loshchilov and Hutter 2019), as {@code torch.optim.AdamW} has it: w ← w − lr·λ·w, then Adam's
 * step without decay. Remembers what Adam does.
 *
 * @param adam the step; its own weight decay is 0
 * @param weightDecay λ, at least 0
 */
public record AdamW(Adam adam, double weightDecay) implements UpdateRule {
    /** Checks the ranges. */
    public AdamW {
        Given.notNull(adam, "adamw: adam", "the step, for example new Adam()");
        Settings.checkDecay("adamw", weightDecay);
        if (adam.weightDecay() != 0) {
            throw new IllegalArgumentException("adamw: Adam's own weight decay is " + adam.weightDecay()
                    + ", must be 0; AdamW decays the weights itself");
        }
    }

    /**
     * β 0.9 and 0.999, ε 1e-8, no AMSGrad: PyTorch's defaults, whose weight decay is 0.01.
     *
     * @param weightDecay by which weights shrink beside the step; at least 0
     */
    public AdamW(double weightDecay) {
        this(new Adam(), weightDecay);
    }

    @Override
    public String kind() {
        return "adamw";
    }

    @Override
    public List<String> state() {
        return adam.state();
    }

    @Override
    public void update(double rate, long step, float[] values, float[] gradient, float[][] state, int from, int to) {
        float keep = (float) (1 - rate * weightDecay);
        for (int i = from; i < to; i++) {
            values[i] *= keep;
        }
        adam.update(rate, step, values, gradient, state, from, to);
    }
}
