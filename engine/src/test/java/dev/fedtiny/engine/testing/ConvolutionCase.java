package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One convolution to try a kernel on. Its numbers are a function of the case: the same at every call and on every machine.
 *
 * @param geometry shapes, stride, padding, dilation and groups
 * @param images N
 * @param density share of the weights that are kept, each with this probability; below 1 the third output channel keeps none
 */
public record ConvolutionCase(Conv2dGeometry geometry, int images, double density) {
    private static final int[][] GEOMETRIES = {
        // C, H, W, K, R, S, stride, padding
        {1, 1, 1, 1, 1, 1, 1, 0}, {3, 1, 1, 37, 3, 3, 1, 1}, {3, 2, 2, 13, 3, 3, 1, 1}, {3, 1, 2, 37, 3, 3, 1, 1}, {3, 2, 3, 5, 3, 3, 1, 1},
        {5, 4, 4, 12, 3, 3, 1, 1}, {3, 5, 4, 5, 3, 3, 1, 1}, {4, 3, 6, 9, 3, 3, 1, 1}, {3, 3, 8, 5, 3, 3, 1, 1}, {6, 2, 13, 5, 3, 3, 1, 1},
        {3, 2, 16, 13, 3, 3, 1, 1}, {2, 1, 32, 5, 3, 3, 1, 1}, {3, 7, 12, 7, 3, 3, 1, 1}, {70, 3, 4, 7, 3, 3, 1, 1},
        {7, 4, 4, 66, 3, 3, 1, 1}, {3, 8, 8, 9, 3, 3, 2, 1}, {3, 9, 7, 6, 3, 3, 2, 1}, {40, 4, 4, 70, 3, 3, 2, 1}, {4, 8, 8, 5, 1, 1, 2, 0},
        {3, 5, 6, 4, 1, 1, 1, 1}, {2, 6, 7, 3, 5, 5, 1, 2}, {2, 7, 9, 3, 5, 5, 2, 0}, {1, 4, 6, 2, 3, 3, 3, 2}, {2, 6, 5, 3, 2, 5, 2, 1},
        {3, 3, 8, 3, 3, 1, 1, 2}, {66, 19, 24, 4, 3, 3, 1, 1}};
    private static final int[][] GENERAL = {
        // C, H, W, K, R, S, stride (2), padding (4), dilation (2), groups
        {3, 12, 9, 5, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1}, {2, 7, 9, 5, 3, 2, 1, 3, 0, 1, 2, 0, 1, 1, 1},
        {1, 25, 10, 6, 10, 4, 2, 2, 4, 1, 5, 1, 1, 1, 1}, {3, 8, 8, 5, 3, 3, 2, 2, 0, 0, 1, 1, 1, 1, 1},
        {4, 7, 9, 6, 3, 3, 1, 1, 2, 0, 1, 3, 1, 1, 1}, {2, 4, 5, 3, 3, 3, 1, 1, 4, 5, 3, 2, 1, 1, 1},
        {4, 12, 10, 6, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1}, {2, 9, 11, 3, 3, 3, 2, 3, 3, 4, 3, 4, 3, 2, 1},
        {2, 9, 13, 3, 2, 3, 4, 2, 1, 2, 0, 2, 2, 4, 1}, {3, 1, 33, 7, 1, 5, 1, 1, 0, 2, 0, 2, 1, 1, 1},
        {6, 1, 25, 10, 1, 3, 1, 2, 0, 1, 0, 1, 1, 1, 1}, {3, 1, 20, 5, 1, 3, 1, 1, 0, 4, 0, 0, 1, 2, 1},
        {8, 7, 9, 12, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2}, {12, 6, 5, 8, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 4},
        {8, 8, 8, 8, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 4}, {6, 4, 4, 15, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 3},
        {10, 5, 8, 18, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2}, {160, 4, 4, 10, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2},
        {10, 4, 4, 140, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2}, {6, 9, 7, 4, 3, 2, 2, 1, 2, 1, 0, 1, 2, 1, 2},
        {5, 6, 9, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 5}, {3, 8, 8, 6, 5, 5, 2, 2, 2, 2, 2, 2, 1, 1, 3},
        {7, 3, 3, 7, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 7}, {2, 7, 16, 6, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 2}};
    private static final double[] DENSITIES = {0.05, 0.4, 1};
    /** A lane of a group, a group, a group and an image, two groups and an image. */
    private static final int[] IMAGES = {1, 8, 9, 17};

    /**
     * Cases that have a way of their own through kernels: single pixels, maps narrower and wider than a tile with pixels left over, rows
     * that fill no pack or several, several blocks of columns, several bands of image rows, strides 2 and 3 with odd extents, taps on
     * padding only, partial groups of images; strides, paddings and dilations of their own along each axis and side, one dimension,
     * groups that fill no pack or several, depthwise ones; each almost empty, sparse, and with nothing pruned.
     */
    public static List<ConvolutionCase> awkward() {
        List<Conv2dGeometry> geometries = new ArrayList<>();
        for (int[] g : GEOMETRIES) {
            geometries.add(new Conv2dGeometry(new Shape(g[0], g[1], g[2]), g[3], g[4], g[5], g[6], g[7]));
        }
        for (int[] g : GENERAL) {
            geometries.add(new Conv2dGeometry(new Shape(g[0], g[1], g[2]), g[3], new PerAxis(g[4], g[5]), new PerAxis(g[6], g[7]),
                    new Padding(g[8], g[9], g[10], g[11]), new PerAxis(g[12], g[13]), g[14]));
        }
        List<ConvolutionCase> cases = new ArrayList<>();
        for (Conv2dGeometry geometry : geometries) {
            for (double density : DENSITIES) {
                cases.add(new ConvolutionCase(geometry, IMAGES[cases.size() % IMAGES.length], density));
            }
        }
        return cases;
    }

    /** x, N × C × H × W, from a normal distribution. */
    public Tensor input() {
        return Tensor.ofNchw(images, geometry.input(), normal("x", images * geometry.input().size()));
    }

    /** dL/dy, N × K × P × Q, from a normal distribution. */
    public Tensor outputGradient() {
        return Tensor.ofNchw(images, geometry.output(), normal("dy", images * geometry.output().size()));
    }

    /** b, K values from a normal distribution. */
    public float[] bias() {
        return normal("bias", geometry.outputChannels());
    }

    /** Which of the K·C/groups·R·S weights are kept. */
    public Mask mask() {
        RandomStream random = RandomStream.of(3, "convolution-case-mask", geometry.weights());
        int[] kept = IntStream.range(0, geometry.weights()).filter(i -> random.nextDouble() < density
                && (density == 1 || i / geometry.columns() != 2)).toArray();
        return Mask.of(geometry.weights(), kept);
    }

    /** w at the active positions in a form, from a normal distribution; the dense form has zeros at the others. */
    public Weights weights(ConvolutionAlgorithm algorithm) {
        Mask mask = mask();
        return Weights.of(algorithm, geometry.outputChannels(), geometry.columns(), mask, normal("weight", mask.count()));
    }

    private static float[] normal(String purpose, int length) {
        RandomStream random = RandomStream.of(3, "convolution-case-" + purpose, length);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Override
    public String toString() {
        return images + " images of " + geometry.input() + " to " + geometry.output() + ", " + geometry.kernelHeight() + "×"
                + geometry.kernelWidth() + ", stride " + geometry.stride() + ", padding " + geometry.padding() + ", dilation "
                + geometry.dilation() + ", groups " + geometry.groups() + ", density " + density;
    }
}
