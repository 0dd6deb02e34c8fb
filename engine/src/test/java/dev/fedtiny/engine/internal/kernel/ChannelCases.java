package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.testing.ChannelReference;
import dev.fedtiny.engine.testing.FiniteDifferences;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Calls of {@link ChannelKernel}, each with its result in double; gradients by differences. */
final class ChannelCases {
    private static final int IN = 16;
    private static final int OUT = 8;
    private static final float EPSILON = 1e-3f;
    /** Channels, pixels, groups, lanes with images; the pixels of the third are more than a block. */
    private static final int[][] SHAPES = {{1, 1, 1, 8}, {4, 6, 2, 8}, {2, 71, 1, 5}, {6, 3, 6, 1}, {10, 1, 5, 8}};

    private ChannelCases() {
    }

    /** Every operator over every shape. */
    static List<KernelCase<ChannelKernel>> all() {
        List<KernelCase<ChannelKernel>> cases = new ArrayList<>();
        for (int[] shape : SHAPES) {
            cases.addAll(softmax(shape[0], shape[1]));
            cases.addAll(norms(shape[0], shape[1], shape[2], shape[3]));
        }
        return cases;
    }

    /** Some of them. */
    static List<KernelCase<ChannelKernel>> some() {
        List<KernelCase<ChannelKernel>> cases = new ArrayList<>(softmax(4, 6));
        cases.addAll(norms(4, 6, 2, 7));
        return cases;
    }

    private static List<KernelCase<ChannelKernel>> softmax(int channels, int pixels) {
        int count = channels * pixels * 8;
        float[] x = TestNumbers.floats("softmax", IN + count);
        float[] dy = TestNumbers.floats("softmax dy", IN + count);
        float[] scratch = new float[IN + ChannelKernel.SCRATCH];
        UnaryOperator<double[]> reference = image -> ChannelReference.softmax(image, channels);
        double[] y = forward(x, reference);
        float[] yFloats = new float[IN + count];
        for (int i = 0; i < count; i++) {
            yFloats[IN + i] = (float) y[i];
        }
        double[] dx = backward(x, dy, reference);
        String shape = " " + channels + "×" + pixels;
        List<KernelCase<ChannelKernel>> cases = new ArrayList<>();
        cases.add(KernelCase.of("softmax" + shape, OUT, y, false, 1e-6,
                (kernel, out) -> kernel.softmaxForward(x, IN, channels, pixels * 8, pixels, out, OUT, scratch, IN)));
        for (boolean add : new boolean[] {false, true}) {
            cases.add(KernelCase.of("softmax backward" + shape + " add=" + add, OUT, dx, add, 1e-6,
                    (kernel, out) -> kernel.softmaxBackward(yFloats, IN, dy, IN, channels, pixels * 8, pixels, out, OUT, add, scratch,
                            IN)));
        }
        return cases;
    }

    private static List<KernelCase<ChannelKernel>> norms(int channels, int pixels, int groups, int lanes) {
        int count = channels * pixels * 8;
        float[] x = TestNumbers.floats("norm", IN + count);
        float[] dy = TestNumbers.floats("norm dy", IN + count);
        float[] gamma = TestNumbers.floats("gamma", channels);
        float[] beta = TestNumbers.floats("beta", channels);
        float[] scratch = new float[IN + ChannelKernel.SCRATCH];
        double[] wideGamma = TestNumbers.widened(gamma);
        double[] wideBeta = TestNumbers.widened(beta);
        UnaryOperator<double[]> layer = image -> ChannelReference.layerNorm(image, wideGamma, wideBeta, EPSILON);
        UnaryOperator<double[]> group = image -> ChannelReference.groupNorm(image, groups, wideGamma, wideBeta, EPSILON);
        String shape = " " + channels + "×" + pixels + " groups=" + groups + " lanes=" + lanes;
        List<KernelCase<ChannelKernel>> cases = new ArrayList<>();
        cases.add(KernelCase.of("layerNorm" + shape, OUT, forward(x, layer), false, 1e-5,
                (kernel, out) -> kernel.layerNormForward(x, IN, channels, pixels * 8, pixels, gamma, beta, EPSILON, out, OUT, scratch,
                        IN)));
        cases.add(KernelCase.of("groupNorm" + shape, OUT, forward(x, group), false, 1e-5,
                (kernel, out) -> kernel.groupNormForward(x, IN, channels, pixels, groups, gamma, beta, 0, EPSILON, out, OUT, scratch, IN)));
        for (boolean add : new boolean[] {false, true}) {
            double[] sums = new double[2 * channels];
            cases.add(KernelCase.<ChannelKernel>of("layerNorm backward add=" + add + shape, OUT, backward(x, dy, layer), add, 1e-4,
                    (kernel, out) -> kernel.layerNormBackward(x, IN, dy, IN, channels, pixels * 8, pixels, lanes, gamma, EPSILON, out, OUT,
                            add, sums, channels, sums, 0, scratch, IN)).with(sums, parameters(x, dy, gamma, beta, lanes,
                            (image, g, b) -> ChannelReference.layerNorm(image, g, b, EPSILON))));
            double[] groupSums = new double[2 * channels];
            cases.add(KernelCase.<ChannelKernel>of("groupNorm backward add=" + add + shape, OUT, backward(x, dy, group), add, 1e-4,
                    (kernel, out) -> kernel.groupNormBackward(x, IN, dy, IN, channels, pixels, groups, lanes, gamma, 0, EPSILON, out, OUT,
                            add, groupSums, channels, groupSums, 0, scratch, IN)).with(groupSums, parameters(x, dy, gamma, beta, lanes,
                            (image, g, b) -> ChannelReference.groupNorm(image, groups, g, b, EPSILON))));
        }
        return cases;
    }

    private interface Norm {
        double[] of(double[] image, double[] gamma, double[] beta);
    }

    private static double[] forward(float[] x, UnaryOperator<double[]> operator) {
        double[] y = new double[x.length - IN];
        for (int lane = 0; lane < 8; lane++) {
            scatter(operator.apply(image(x, lane)), y, lane);
        }
        return y;
    }

    private static double[] backward(float[] x, float[] dy, UnaryOperator<double[]> operator) {
        double[] dx = new double[x.length - IN];
        for (int lane = 0; lane < 8; lane++) {
            double[] gradient = image(dy, lane);
            scatter(FiniteDifferences.gradient(image(x, lane), v -> FiniteDifferences.dot(operator.apply(v), gradient)), dx, lane);
        }
        return dx;
    }

    /** Gradients of β and then of γ, summed over the lanes that hold images. */
    private static double[] parameters(float[] x, float[] dy, float[] gamma, float[] beta, int lanes, Norm norm) {
        double[] sums = new double[2 * gamma.length];
        double[] wideGamma = TestNumbers.widened(gamma);
        double[] wideBeta = TestNumbers.widened(beta);
        for (int lane = 0; lane < lanes; lane++) {
            double[] image = image(x, lane);
            double[] gradient = image(dy, lane);
            double[] dBeta = FiniteDifferences.gradient(wideBeta, v -> FiniteDifferences.dot(norm.of(image, wideGamma, v), gradient));
            double[] dGamma = FiniteDifferences.gradient(wideGamma, v -> FiniteDifferences.dot(norm.of(image, v, wideBeta), gradient));
            for (int c = 0; c < gamma.length; c++) {
                sums[c] += dBeta[c];
                sums[gamma.length + c] += dGamma[c];
            }
        }
        return sums;
    }

    private static double[] image(float[] x, int lane) {
        double[] image = new double[(x.length - IN) / 8];
        for (int i = 0; i < image.length; i++) {
            image[i] = x[IN + i * 8 + lane];
        }
        return image;
    }

    private static void scatter(double[] image, double[] y, int lane) {
        for (int i = 0; i < image.length; i++) {
            y[i * 8 + lane] = image[i];
        }
    }
}
