package dev.fedtiny.engine.train;

import java.util.List;
import java.util.stream.Stream;

/**
 * RMSprop as {@code torch.optim.RMSprop} has it: g ← g + λ·w; s ← α·s + (1 − α)·g²; d = g / (√s + ε), or with centring
 * d = g / (√(s − m²) + ε) for m ← α·m + (1 − α)·g; w ← w − lr·d, or with momentum v ← μ·v + d; w ← w − lr·v. Remembers s, and m and v
 * where there are such.
 *
 * @param alpha α, in [0, 1)
 * @param epsilon ε, above 0
 * @param weightDecay λ, at least 0
 * @param momentum μ, in [0, 1)
 * @param centered whether the gradient's own mean is taken off its square
 */
public record RmsProp(double alpha, double epsilon, double weightDecay, double momentum, boolean centered) implements UpdateRule {
    private static final String SQUARE = "second_moment";
    private static final String MEAN = "first_moment";
    private static final String VELOCITY = "momentum";

    /** Checks the ranges. */
    public RmsProp {
        Settings.checkShare("rmsprop", "alpha", alpha);
        Settings.checkShare("rmsprop", "momentum", momentum);
        Settings.checkEpsilon("rmsprop", epsilon);
        Settings.checkDecay("rmsprop", weightDecay);
    }

    /** α 0.99, ε 1e-8, nothing else: PyTorch's defaults. */
    public RmsProp() {
        this(0.99, 1e-8, 0, 0, false);
    }

    @Override
    public String kind() {
        return "rmsprop";
    }

    @Override
    public List<String> state() {
        return Stream.of(SQUARE, centered ? MEAN : null, momentum > 0 ? VELOCITY : null).filter(name -> name != null).toList();
    }

    @Override
    public void update(double rate, long step, float[] values, float[] gradient, float[][] state, int from, int to) {
        float[] square = state[0];
        float[] mean = centered ? state[1] : null;
        float[] velocity = momentum > 0 ? state[centered ? 2 : 1] : null;
        float keep = (float) alpha;
        float take = (float) (1 - alpha);
        float small = (float) epsilon;
        float decay = (float) weightDecay;
        float push = (float) momentum;
        float size = (float) rate;
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * values[i];
            float s = keep * square[i] + take * g * g;
            square[i] = s;
            if (mean != null) {
                float m = keep * mean[i] + take * g;
                mean[i] = m;
                // Not below 0 but by rounding.
                s = Math.max(0, s - m * m);
            }
            float d = g / ((float) Math.sqrt(s) + small);
            if (velocity != null) {
                d += push * velocity[i];
                velocity[i] = d;
            }
            values[i] -= size * d;
        }
    }
}
