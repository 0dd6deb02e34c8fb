package dev.fedtiny.engine.loss;

/** Softmax over one axis of an array, in double. */
final class Softmax {
    private Softmax() {
    }

    /**
     * Puts p = exp(x − max) / Σ exp(x − max) in the place of x.
     *
     * @param from position of the first of them
     * @param stride from one to the next
     * @param count how many
     * @return log Σ exp(x)
     */
    static double inPlace(double[] x, int from, int stride, int count) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < count; c++) {
            largest = Math.max(largest, x[from + c * stride]);
        }
        double sum = 0;
        for (int c = 0; c < count; c++) {
            double e = StrictMath.exp(x[from + c * stride] - largest);
            x[from + c * stride] = e;
            sum += e;
        }
        for (int c = 0; c < count; c++) {
            x[from + c * stride] /= sum;
        }
        return largest + StrictMath.log(sum);
    }
}
