package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.op.Conv2d;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * What one candidate computed for a {@link ConvolutionCase}, and how it is compared: with the reference in double, or bit by bit with
 * another candidate.
 *
 * @param output y, N × K × P × Q
 * @param inputGradient dL/dx, N × C × H × W
 * @param weightGradient dL/dw, one value an active position, in order
 * @param biasGradient dL/db, K values
 */
public record ConvolutionResults(float[] output, float[] inputGradient, float[] weightGradient, float[] biasGradient) {
    /**
     * Half the distance between 1 and the next float. A sum of n terms is off by at most n times this of the sum of their magnitudes, and
     * by about √n times where roundings are independent (Higham, Accuracy and Stability of Numerical Algorithms, 4.2).
     */
    private static final double UNIT_ROUNDOFF = 0x1p-24;
    private static final double SAFETY = 4;

    /** What an operator gives, forward and backward, where its weights hold active positions only, or nothing is pruned. */
    public static ConvolutionResults of(Conv2d conv, ConvolutionCase convolution) {
        Tensor y = conv.forward(convolution.input());
        Conv2d.Gradients gradients = conv.backward(convolution.outputGradient());
        Mask mask = convolution.mask();
        float[] weights = gradients.weights();
        return new ConvolutionResults(y.toNchw(), gradients.input().toNchw(), weights.length == mask.count() ? weights
                : mask.gather(weights),
                gradients.bias());
    }

    /**
     * Compares with {@link Conv2dReference} in double, each element within what rounding to float does: 4·√n·2⁻²⁴ of the sum of its n
     * terms' magnitudes.
     *
     * @throws AssertionError naming the first element that is off
     */
    public void assertClose(ConvolutionCase c) {
        Conv2dReference reference = new Conv2dReference(c.geometry());
        double[] x = wide(c.input().toNchw());
        double[] w = wide(c.weights(ConvolutionAlgorithm.CSR).toDenseArray());
        double[] b = wide(c.bias());
        double[] dy = wide(c.outputGradient().toNchw());
        int images = c.images();
        int pixels = images * c.geometry().output().pixels();
        close(c + ": y", output, reference.forward(images, x, w, b), reference.forward(images, magnitudes(x), magnitudes(w), magnitudes(b)),
                c.geometry().columns() + 1);
        close(c + ": dx", inputGradient, reference.inputGradient(images, w, dy),
                reference.inputGradient(images, magnitudes(w), magnitudes(dy)), c.geometry().groupOutputs() * c.geometry().taps());
        close(c + ": dw", weightGradient, kept(c, reference.weightGradient(images, x, dy)),
                kept(c, reference.weightGradient(images, magnitudes(x), magnitudes(dy))), pixels);
        close(c + ": db", biasGradient, reference.biasGradient(dy), reference.biasGradient(magnitudes(dy)), pixels);
    }

    /**
     * Compares bit by bit: what two forms of the same weights, or two kernels, must give.
     *
     * @param what both are, for the error
     * @throws AssertionError naming the first element that differs
     */
    public void assertSameBits(String what, ConvolutionResults other) {
        same(what + ": y", output, other.output);
        same(what + ": dx", inputGradient, other.inputGradient);
        same(what + ": dw", weightGradient, other.weightGradient);
        same(what + ": db", biasGradient, other.biasGradient);
    }

    private static double[] kept(ConvolutionCase c, double[] all) {
        Mask mask = c.mask();
        double[] kept = new double[mask.count()];
        Arrays.setAll(kept, i -> all[mask.index(i)]);
        return kept;
    }

    private static double[] wide(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    private static double[] magnitudes(double[] values) {
        return Arrays.stream(values).map(Math::abs).toArray();
    }

    private static void close(String what, float[] actual, double[] expected, double[] magnitudes, int terms) {
        sameLength(what, actual.length, expected.length);
        for (int i = 0; i < actual.length; i++) {
            double tolerance = SAFETY * Math.sqrt(terms) * UNIT_ROUNDOFF * magnitudes[i];
            if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
                throw new AssertionError(what + "[" + i + "] is " + actual[i] + ", expected " + expected[i] + " ± " + tolerance);
            }
        }
    }

    private static void same(String what, float[] left, float[] right) {
        sameLength(what, left.length, right.length);
        for (int i = 0; i < left.length; i++) {
            if (Float.floatToRawIntBits(left[i]) != Float.floatToRawIntBits(right[i])) {
                throw new AssertionError(what + "[" + i + "] is " + left[i] + " and " + right[i] + ", expected equal bits");
            }
        }
    }

    private static void sameLength(String what, int left, int right) {
        if (left != right) {
            throw new AssertionError(what + " has " + left + " values, expected " + right);
        }
    }
}
