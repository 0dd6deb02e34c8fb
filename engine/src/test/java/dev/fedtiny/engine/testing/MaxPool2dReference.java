package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;

/**
 * Max pooling; padding never wins, and of equal values the first in row-major order wins and gets the gradient.
 *
 * @param geometry windows over C × H × W
 */
public record MaxPool2dReference(Pool2dGeometry geometry) {
    /** C × P × Q. */
    public Shape output() {
        return geometry.output();
    }

    /** Where in x each element of y comes from. */
    public int[] winners(int images, double[] x) {
        int[] winners = new int[images * output().size()];
        for (int i = 0; i < winners.length; i++) {
            winners[i] = -1;
            for (int place : PoolWindowsReference.places(geometry, i)) {
                winners[i] = winners[i] < 0 || x[place] > x[winners[i]] ? place : winners[i];
            }
        }
        return winners;
    }

    /**
     * The smallest distance, over all windows, between the largest value and another one that is not equal to it: how much rounding
     * the choice of the winners endures.
     */
    public double margin(int images, double[] x) {
        double margin = Double.POSITIVE_INFINITY;
        int[] winners = winners(images, x);
        for (int i = 0; i < winners.length; i++) {
            for (int place : PoolWindowsReference.places(geometry, i)) {
                double gap = x[winners[i]] - x[place];
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
        double[] dx = new double[images * geometry.input().size()];
        for (int i = 0; i < dy.length; i++) {
            dx[winners[i]] += dy[i];
        }
        return dx;
    }
}
