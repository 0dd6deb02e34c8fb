package dev.fedtiny.engine.op;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.conv.PackedWeights;
import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.sparse.BitmaskWeights;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.CsrWeights;
import dev.fedtiny.engine.sparse.DenseWeights;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * A convolution over weights of any form, on one thread, on kernels of one's choice: N × C × H × W to N × K × P × Q by the formula of
 * {@link Conv2dGeometry}, with any stride, padding, dilation and groups; N × C × L is a height of 1.
 *
 * <p>The weights' own type says how it is computed. {@link CsrWeights} and {@link BitmaskWeights} are what the engine computes with: pruned
 * positions cost nothing. From here to the sparse loop are three steps: {@code internal.conv.CsrPack} takes the rows, columns
 * and values of CSR weights, its {@code forward} calls {@code ConvolutionKernel.sparse}, and behind that are
 * {@code internal.kernel.scalar.ScalarConvolutionKernel}, the loop in a dozen lines, and {@code internal.kernel.simd.SparseConvolution},
 * the same with vectors. {@link DenseWeights} take {@code ConvolutionKernel.dense}.
 *
 * <p>Every call lays its input out with a halo of zeros, as a session does, and computes image group after image group. Scratch for the
 * largest batch so far is kept. All forms and all kernels give the same bits. Not thread-safe.
 */
public final class Conv2d {
    private static final int ORIGIN = Alignment.ORIGIN;
    static final String KERNELS = "KernelChoice.AUTO, or kernels that this JVM runs";
    static final String WEIGHTS = "CSR, bitmask or dense weights, for example of Weights.of";
    static final String A_TENSOR = "a tensor with an image a lane";

    private final String what;
    private final Conv2dGeometry geometry;
    private final Weights weights;
    private final float[] bias;
    private final float[] start;
    private final KernelRegistry kernels;
    private final PackedWeights pack;
    private final Placement inputPlacement;
    private final Placement gradientPlacement;
    private final float[] zeros;
    private final float[] scratch;
    private final float[] accumulators;
    private final float[] lanes;
    private float[] x = new float[0];
    private float[] dz = new float[0];
    private int images;

    /**
     * Gradients of a convolution or a linear layer.
     *
     * @param input as the input
     * @param weights one value an active position, in order
     * @param bias one value an output; empty without bias
     */
    public record Gradients(Tensor input, float[] weights, float[] bias) {
    }

    /**
     * A convolution on the kernels of this JVM.
     *
     * @param name for errors
     * @param geometry shapes, strides, padding, dilation and groups
     * @param weights K rows of C/groups·R·S columns
     * @param bias K values, or null
     * @throws IllegalArgumentException if weights or bias do not fit the geometry, or the weights are not what their form says
     */
    public Conv2d(String name, Conv2dGeometry geometry, Weights weights, float[] bias) {
        this(name, geometry, weights, bias, KernelChoice.AUTO);
    }

    /**
     * A convolution on kernels of one's choice.
     *
     * @param name for errors
     * @param geometry shapes, strides, padding, dilation and groups
     * @param weights K rows of C/groups·R·S columns
     * @param bias K values, or null
     * @param kernels on which loops it is computed
     * @throws IllegalArgumentException if weights or bias do not fit the geometry, or the weights are not what their form says
     * @throws IllegalStateException if this JVM cannot run the kernels, with the reason
     */
    public Conv2d(String name, Conv2dGeometry geometry, Weights weights, float[] bias, KernelChoice kernels) {
        this(name, geometry, weights, bias, KernelRegistry.ofBits(Given.notNull(kernels, "conv2d: kernels", KERNELS).bits()));
    }

    /** A convolution on given kernels: the test support comes in here with one that is being written ({@code ConvolutionCandidate}). */
    Conv2d(String name, Conv2dGeometry geometry, Weights weights, float[] bias, KernelRegistry kernels) {
        what = "conv2d '" + Given.notNull(name, "conv2d: name", "what errors call it") + "'";
        Given.notNull(geometry, what + ": geometry", "shapes, strides, padding, dilation and groups");
        Given.notNull(weights, what + ": weights", WEIGHTS);
        int k = geometry.outputChannels();
        if (weights.rows() != k || weights.columns() != geometry.columns()) {
            throw new IllegalArgumentException(what + ": input has " + geometry.input().channels() + " channels, weights are "
                    + weights.rows() + " × " + weights.columns() + ", expected " + k + " × " + geometry.columns() + " (K×C/groups×R×S = "
                    + k + "×" + geometry.groupInputs() + "×" + geometry.kernelHeight() + "×" + geometry.kernelWidth() + ")");
        }
        try {
            weights.checkStructure();
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
        }
        if (bias != null && bias.length != k) {
            throw new IllegalArgumentException(what + ": bias has " + bias.length + " values, expected K = " + k);
        }
        this.geometry = geometry;
        this.weights = weights;
        this.kernels = kernels;
        this.bias = bias;
        ScratchLayout layout = new ScratchLayout(geometry);
        inputPlacement = layout.inputPlacement();
        gradientPlacement = layout.gradientPlacement();
        pack = PackedWeights.of(weights, kernels, layout, true);
        refresh();
        zeros = new float[Math.max(k, geometry.input().channels())];
        start = bias != null ? bias : zeros;
        scratch = new float[ORIGIN + PackedWeights.scratchFloats(weights.algorithm(), layout, true)];
        accumulators = new float[pack.accumulates() ? ORIGIN + Layout.LANES * weights.count() : 0];
        lanes = new float[pack.accumulates() ? 0 : ORIGIN + kernels.weightGradients().denseLanes(geometry.columns())];
    }

    /**
     * {@return the output, of the weights' values as they are now}
     *
     * @param x the input, an image a lane
     */
    public Tensor forward(Tensor x) {
        Given.notNull(x, "conv2d: x", A_TENSOR);
        refresh();
        Tensor y = Tensor.zeros(x.images(), geometry.output());
        forward(x.layout().equals(Layout.IMAGES) ? x : Tensor.ofNchw(x.images(), x.shape(), x.toNchw()), y);
        return y;
    }

    /**
     * {@return gradients of the last forward pass for a gradient of its output}
     *
     * @param dy gradient of the output, shaped as it; lanes without an image hold zeros
     */
    public Gradients backward(Tensor dy) {
        Given.notNull(dy, "conv2d: dy", A_TENSOR);
        Tensor lanewise = dy.layout().equals(Layout.IMAGES) ? dy : Tensor.ofNchw(dy.images(), dy.shape(), dy.toNchw());
        Tensor dx = Tensor.zeros(dy.images(), geometry.input());
        float[] dw = new float[weights.count()];
        backwardData(lanewise, dx);
        backwardWeight(lanewise, dw);
        return new Gradients(dx, dw, bias == null ? new float[0] : biasGradient());
    }

    /** Takes over the weights' values as they are now, as a session does once a step. */
    public void refresh() {
        pack.refresh(weights.values());
    }

    /**
     * Fills y with the output, of the values taken over last. Allocates only for a larger batch than before.
     *
     * @param x N × C × H × W, an image a lane
     * @param y N × K × P × Q, an image a lane
     * @throws IllegalArgumentException if a tensor has another shape or layout
     */
    public void forward(Tensor x, Tensor y) {
        Given.notNull(x, "conv2d: x", A_TENSOR);
        Given.notNull(y, "conv2d: y", A_TENSOR);
        check("input", x, geometry.input(), x.images());
        check("output", y, geometry.output(), x.images());
        images = x.images();
        this.x = laidOut(x, inputPlacement, this.x);
        int pixels = geometry.output().pixels() * Layout.LANES;
        int channels = geometry.outputChannels();
        for (int g = 0; g < groups(); g++) {
            pack.forward(this.x, ORIGIN + g * inputPlacement.floats(), start, y.data(), g * channels * pixels, pixels,
                    geometry.outputWidth() * Layout.LANES, Layout.LANES, 0, channels, scratch, ORIGIN);
        }
        clearEmptyLanes(y.data(), y.data().length / groups());
    }

    /**
     * Fills dx with the gradient of the input. Allocates only for a larger batch than before.
     *
     * @param dy gradient of the output, an image a lane
     * @param dx as the input of the last forward pass, an image a lane
     * @throws IllegalArgumentException if a tensor has another shape or layout
     * @throws IllegalStateException if there was no forward pass
     */
    public void backwardData(Tensor dy, Tensor dx) {
        Given.notNull(dy, "conv2d: dy", A_TENSOR);
        Given.notNull(dx, "conv2d: dx", A_TENSOR);
        layOutGradient(dy);
        check("input gradient", dx, geometry.input(), images);
        int pixels = geometry.input().pixels() * Layout.LANES;
        int channels = geometry.input().channels();
        for (int g = 0; g < groups(); g++) {
            pack.backwardData(dz, ORIGIN + g * gradientPlacement.floats(), zeros, dx.data(), g * channels * pixels, pixels,
                    geometry.input().width() * Layout.LANES, Layout.LANES, 0, channels, scratch, ORIGIN);
        }
        clearEmptyLanes(dx.data(), dx.data().length / groups());
    }

    /**
     * Fills dw with the gradient of the weights, one value an active position. Allocates only for a larger batch than before.
     *
     * @param dy gradient of the output of the last forward pass, an image a lane
     * @param dw one value an active position, in order
     * @throws IllegalArgumentException if the tensor has another shape or layout, or the array another length
     * @throws IllegalStateException if there was no forward pass
     */
    public void backwardWeight(Tensor dy, float[] dw) {
        Given.notNull(dy, "conv2d: dy", A_TENSOR);
        Given.notNull(dw, "conv2d: dw", "room for one gradient an active position");
        layOutGradient(dy);
        if (dw.length != weights.count()) {
            throw new IllegalArgumentException(what + ": room for " + dw.length + " gradients, expected " + weights.count()
                    + ", one an active position");
        }
        int rows = geometry.outputChannels();
        if (pack.accumulates()) {
            Arrays.fill(accumulators, 0);
            for (int g = 0; g < groups(); g++) {
                pack.accumulate(x, ORIGIN + g * inputPlacement.floats(), dz, ORIGIN + g * gradientPlacement.floats(), accumulators, 0,
                        rows);
            }
            pack.join(accumulators, dw, 0, rows);
            return;
        }
        int step = kernels.weightGradients().denseRows();
        for (int k = 0; k < rows; k += step) {
            pack.denseGradient(ConvolutionAlgorithm.DENSE, x, ORIGIN, inputPlacement.floats(), 0, geometry.groupInputs(), dz, ORIGIN,
                    gradientPlacement.floats(), groups(), dw, k * geometry.columns(), lanes, ORIGIN, k, Math.min(rows, k + step), scratch,
                    ORIGIN);
        }
    }

    /** Sums of the output gradient that was laid out last, group by group. */
    private float[] biasGradient() {
        int rows = geometry.outputChannels();
        Placement.Part part = gradientPlacement.parts()[0];
        double[] sums = new double[groups() * rows];
        float[] gradient = new float[rows];
        for (int g = 0; g < groups(); g++) {
            kernels.elementwise().sumsOfRows(dz, ORIGIN + g * gradientPlacement.floats() + part.place(), gradientPlacement.channel(),
                    part.pitch(), rows, part.rows(), part.columns(), sums, g * rows);
        }
        for (int k = 0; k < rows; k++) {
            double sum = 0;
            for (int g = 0; g < groups(); g++) {
                sum += sums[g * rows + k];
            }
            gradient[k] = (float) sum;
        }
        return gradient;
    }

    private void layOutGradient(Tensor dy) {
        if (images == 0) {
            throw new IllegalStateException(what + ": backward needs a forward pass first");
        }
        check("output gradient", dy, geometry.output(), images);
        dz = laidOut(dy, gradientPlacement, dz);
    }

    private int groups() {
        return Layout.IMAGES.groups(images);
    }

    private void check(String role, Tensor tensor, Shape shape, int count) {
        if (!tensor.shape().equals(shape) || tensor.images() != count || !tensor.layout().equals(Layout.IMAGES)) {
            throw new IllegalArgumentException(what + ": " + role + " is " + tensor.images() + " images of " + tensor.shape() + " in "
                    + tensor.layout() + ", expected " + count + " of " + shape + ", an image a lane");
        }
    }

    /**
     * A tensor's groups where kernels read them, with halos of zeros, lanes without an image cleared; in the array given if it is large
     * enough.
     */
    private float[] laidOut(Tensor tensor, Placement placement, float[] old) {
        int floats = placement.floats();
        float[] to = old.length >= ORIGIN + groups() * floats ? old : new float[ORIGIN + groups() * floats];
        int channels = tensor.shape().channels();
        int pixels = tensor.shape().pixels() * Layout.LANES;
        for (int g = 0; g < groups(); g++) {
            for (Placement.Part part : placement.parts()) {
                kernels.elementwise().apply(tensor.data(), g * channels * pixels + part.source(), pixels, part.sourcePitch(),
                        part.sourceStep(),
                        to, ORIGIN + g * floats + part.place(), placement.channel(), part.pitch(), part.step(), channels, part.rows(),
                        part.columns(), null, null, 0, false, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
            }
        }
        clearLanes(to, ORIGIN + (groups() - 1) * floats, floats);
        return to;
    }

    /** Clears the lanes of a tensor's last group that hold no image. */
    private void clearEmptyLanes(float[] data, int floats) {
        clearLanes(data, (groups() - 1) * floats, floats);
    }

    private void clearLanes(float[] data, int base, int floats) {
        int valid = Layout.IMAGES.validLanes(groups() - 1, images);
        for (int pixel = base; valid < Layout.LANES && pixel < base + floats; pixel += Layout.LANES) {
            Arrays.fill(data, pixel + valid, pixel + Layout.LANES, 0);
        }
    }
}
