package dev.fedtiny.engine.testing;

/** Operators over the channels of one image, C × pixels, in double precision. */
public final class ChannelReference {
    private ChannelReference() {
    }

    /** e^x / Σ e^x over the channels of every pixel. */
    public static double[] softmax(double[] x, int channels) {
        int pixels = x.length / channels;
        double[] y = new double[x.length];
        for (int p = 0; p < pixels; p++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < channels; c++) {
                largest = Math.max(largest, x[c * pixels + p]);
            }
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += Math.exp(x[c * pixels + p] - largest);
            }
            for (int c = 0; c < channels; c++) {
                y[c * pixels + p] = Math.exp(x[c * pixels + p] - largest) / sum;
            }
        }
        return y;
    }

    /** γ (x − mean) / √(variance + ε) + β over the channels of every pixel. */
    public static double[] layerNorm(double[] x, double[] gamma, double[] beta, double epsilon) {
        int pixels = x.length / gamma.length;
        double[] y = new double[x.length];
        for (int p = 0; p < pixels; p++) {
            normalize(x, y, p, pixels, gamma.length, epsilon);
        }
        return scaled(y, gamma, beta);
    }

    /** The same over each group's channels and all pixels. */
    public static double[] groupNorm(double[] x, int groups, double[] gamma, double[] beta, double epsilon) {
        int values = x.length / groups;
        double[] y = new double[x.length];
        for (int group = 0; group < groups; group++) {
            normalize(x, y, group * values, 1, values, epsilon);
        }
        return scaled(y, gamma, beta);
    }

    private static void normalize(double[] x, double[] y, int from, int step, int count, double epsilon) {
        double mean = 0;
        for (int i = 0; i < count; i++) {
            mean += x[from + i * step] / count;
        }
        double variance = 0;
        for (int i = 0; i < count; i++) {
            variance += Math.pow(x[from + i * step] - mean, 2) / count;
        }
        for (int i = 0; i < count; i++) {
            y[from + i * step] = (x[from + i * step] - mean) / Math.sqrt(variance + epsilon);
        }
    }

    private static double[] scaled(double[] y, double[] gamma, double[] beta) {
        int pixels = y.length / gamma.length;
        for (int i = 0; i < y.length; i++) {
            y[i] = y[i] * gamma[i / pixels] + beta[i / pixels];
        }
        return y;
    }
}
