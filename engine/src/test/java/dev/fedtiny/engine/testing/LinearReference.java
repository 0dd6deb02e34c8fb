package dev.fedtiny.engine.testing;

/**
 * y[n,o] = b[o] + Σ over i of w[o,i] · x[n,i].
 *
 * @param inputs values of an image
 * @param outputs values of the result
 */
public record LinearReference(int inputs, int outputs) {
    /** y of x, w and b; {@code bias} is null where there is none. */
    public double[] forward(int images, double[] x, double[] weight, double[] bias) {
        double[] y = new double[images * outputs];
        for (int n = 0; n < images; n++) {
            for (int o = 0; o < outputs; o++) {
                double sum = bias == null ? 0 : bias[o];
                for (int i = 0; i < inputs; i++) {
                    sum += weight[o * inputs + i] * x[n * inputs + i];
                }
                y[n * outputs + o] = sum;
            }
        }
        return y;
    }

    /** dL/dx of dL/dy. */
    public double[] inputGradient(int images, double[] weight, double[] dy) {
        double[] dx = new double[images * inputs];
        for (int n = 0; n < images; n++) {
            for (int o = 0; o < outputs; o++) {
                for (int i = 0; i < inputs; i++) {
                    dx[n * inputs + i] += weight[o * inputs + i] * dy[n * outputs + o];
                }
            }
        }
        return dx;
    }

    /** dL/dw of dL/dy at every position, pruned or not. */
    public double[] weightGradient(int images, double[] x, double[] dy) {
        double[] dw = new double[outputs * inputs];
        for (int n = 0; n < images; n++) {
            for (int o = 0; o < outputs; o++) {
                for (int i = 0; i < inputs; i++) {
                    dw[o * inputs + i] += x[n * inputs + i] * dy[n * outputs + o];
                }
            }
        }
        return dw;
    }

    /** dL/db of dL/dy. */
    public double[] biasGradient(double[] dy) {
        return new Channels(outputs, 1).sums(dy);
    }
}
