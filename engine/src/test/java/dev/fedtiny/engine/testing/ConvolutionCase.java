package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One convolution to try a kernel on. Its numbers are a function of the case: the same at every call and on every machine.
 *
 * @param geometry shapes, stride and padding
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
        {3, 3, 8, 3, 3, 1, 1, 2}};
    private static final double[] DENSITIES = {0.05, 0.4, 1};
    /** A lane of a group, a group, a group and an image, two groups and an image. */
    private static final int[] IMAGES = {1, 8, 9, 17};

    /**
     * Cases that have a way of their own through kernels: single pixels, maps narrower and wider than a tile with pixels left over, rows
     * that fill no pack or several, several blocks of columns, strides 2 and 3 with odd extents, taps on padding only, partial groups of
     * images; each almost empty, sparse, and with nothing pruned.
     */
    public static List<ConvolutionCase> awkward() {
        List<ConvolutionCase> cases = new ArrayList<>();
        for (int[] g : GEOMETRIES) {
            for (double density : DENSITIES) {
                cases.add(new ConvolutionCase(new Conv2dGeometry(new Shape(g[0], g[1], g[2]), g[3], g[4], g[5], g[6], g[7]),
                        IMAGES[cases.size() % IMAGES.length], density));
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

    /** Which of the K·C·R·S weights are kept. */
    public Mask mask() {
        RandomStream random = RandomStream.of(3, "convolution-case-mask", geometry.weights());
        int[] kept = IntStream.range(0, geometry.weights()).filter(i -> random.nextDouble() < density
                && (density == 1 || i / geometry.columns() != 2)).toArray();
        return Mask.of(geometry.weights(), kept);
    }

    /** w at the kept positions in a form, from a normal distribution; the dense form has zeros at the others. */
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
                + geometry.kernelWidth() + ", stride " + geometry.stride() + ", padding " + geometry.padding() + ", density " + density;
    }
}
