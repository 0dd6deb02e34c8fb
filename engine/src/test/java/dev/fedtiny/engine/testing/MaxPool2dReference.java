package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.tensor.Shape;

/**
 * Max pooling without padding; of equal values the first in row-major order wins and gets the gradient.
 *
 * @param input C × H × W
 * @param kernel window height and width
 * @param stride pixels between windows
 */
public record MaxPool2dReference(Shape input, int kernel, int stride) {
    /** C × P × Q; an edge that no whole window covers is dropped. */
    public Shape output() {
        return new Shape(input.channels(), (input.height() - kernel) / stride + 1, (input.width() - kernel) / stride + 1);
    }

    /** Where in x each element of y comes from. */
    public int[] winners(int images, double[] x) {
        Shape out = output();
        int[] winners = new int[images * out.size()];
        int to = 0;
        for (int map = 0; map < images * input.channels(); map++) {
            for (int p = 0; p < out.height(); p++) {
                for (int q = 0; q < out.width(); q++) {
                    winners[to++] = winner(x, (map * input.height() + p * stride) * input.width() + q * stride);
                }
            }
        }
        return winners;
    }

    private int winner(double[] x, int corner) {
        int best = corner;
        for (int r = 0; r < kernel; r++) {
            for (int s = 0; s < kernel; s++) {
                int at = corner + r * input.width() + s;
                if (x[at] > x[best]) {
                    best = at;
                }
            }
        }
        return best;
    }

    /**
     * The smallest distance, over all windows, between the largest value and another one that is not equal to it: how much rounding
     * the choice of the winners endures.
     */
    public double margin(int images, double[] x) {
        Shape out = output();
        double margin = Double.POSITIVE_INFINITY;
        int[] winners = winners(images, x);
        for (int i = 0; i < winners.length; i++) {
            int map = i / out.pixels();
            int corner = (map * input.height() + i / out.width() % out.height() * stride) * input.width() + i % out.width() * stride;
            for (int tap = 0; tap < kernel * kernel; tap++) {
                double gap = x[winners[i]] - x[corner + tap / kernel * input.width() + tap % kernel];
                margin = gap > 0 ? Math.min(margin, gap) : margin;
            }
        }
        return margin;
    }

    /** y of the winners. */
    public double[] forward(double[] x, int[] winners) {
        double[] y = new double[winners.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[winners[i]];
        }
        return y;
    }

    /** dL/dx of dL/dy: each winner gets the sum over the windows it won. */
    public double[] inputGradient(int images, int[] winners, double[] dy) {
        double[] dx = new double[images * input.size()];
        for (int i = 0; i < dy.length; i++) {
            dx[winners[i]] += dy[i];
        }
        return dx;
    }
}
