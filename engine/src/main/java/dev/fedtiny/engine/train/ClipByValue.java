package dev.fedtiny.engine.train;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;

/**
 * Every gradient by itself at least −most and at most most, as {@code torch.nn.utils.clip_grad_value_}.
 *
 * @param most the largest magnitude that stays as it is; above 0
 */
public record ClipByValue(double most) implements GradientClip {
    /** Checks the range. */
    public ClipByValue {
        if (!((float) most > 0 && Float.isFinite((float) most))) {
            throw new IllegalArgumentException("clip by value: " + most + ", must be above 0 and finite in single precision");
        }
    }

    @Override
    public Clipper bind(Session session) {
        return new GradientBlocks(session) {
            @Override
            public double clip() {
                double largest = largest();
                if (!(largest <= most)) {
                    change();
                }
                return largest;
            }

            @Override
            double measure(float[] gradient, int from, int to) {
                float largest = 0;
                for (int i = from; i < to; i++) {
                    largest = Math.max(largest, Math.abs(gradient[i]));
                }
                return largest;
            }

            @Override
            void change(float[] gradient, int from, int to) {
                for (int i = from; i < to; i++) {
                    gradient[i] = Math.clamp(gradient[i], -(float) most, (float) most);
                }
            }
        };
    }

    @Override
    public long bytes(Network network, int[] kept) {
        return GradientBlocks.bytes(network, kept);
    }
}
