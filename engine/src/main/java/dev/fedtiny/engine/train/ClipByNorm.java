package dev.fedtiny.engine.train;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;

/**
 * All gradients together times min(1, most / (norm + 10⁻⁶)), as {@code torch.nn.utils.clip_grad_norm_}. The norm is the root of all
 * squares, summed in double in blocks of 4096 values that depend on no thread.
 *
 * @param most the largest norm that stays as it is; above 0
 */
public record ClipByNorm(double most) implements GradientClip {
    /** Checks the range. */
    public ClipByNorm {
        if (!(most > 0 && Double.isFinite(most))) {
            throw new IllegalArgumentException("clip by norm: " + most + ", must be above 0 and finite");
        }
    }

    @Override
    public Clipper bind(Session session) {
        return new GradientBlocks(session) {
            private float factor;

            @Override
            public double clip() {
                double norm = StrictMath.sqrt(sum());
                double factor = most / (norm + 1e-6);
                if (!(factor >= 1)) {
                    this.factor = (float) factor;
                    change();
                }
                return norm;
            }

            @Override
            double measure(float[] gradient, int from, int to) {
                double sum = 0;
                for (int i = from; i < to; i++) {
                    sum += (double) gradient[i] * gradient[i];
                }
                return sum;
            }

            @Override
            void change(float[] gradient, int from, int to) {
                for (int i = from; i < to; i++) {
                    gradient[i] *= factor;
                }
            }
        };
    }

    @Override
    public long bytes(Network network, int[] kept) {
        return GradientBlocks.bytes(network, kept);
    }
}
