package dev.fedtiny.engine.internal.probe;

import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;

/** Checks what the passes of a {@link LayerKernels} computed: sampled elements against the definition of a convolution, in double. */
final class LayerReference {
    private static final int SAMPLES = 48;
    /** Of the sum of the terms' magnitudes: float32 sums of some thousand terms stay well below. */
    private static final double TOLERANCE = 1e-5;

    /** Of the numbers that {@link LayerKernels} computes with. */
    private static final double LARGEST = 0.5;

    private final LayerKernels layer;
    private final Conv2dGeometry geometry;
    private final float[] weights;
    private double sum;
    private double magnitude;

    LayerReference(LayerKernels layer) {
        this.layer = layer;
        this.geometry = layer.geometry;
        this.weights = layer.mask.scatter(layer.values);
    }

    void verify() {
        layer.run(LayerPass.FORWARD);
        int outputs = layer.output.length - LayerKernels.ORIGIN;
        for (int i = 0; i < SAMPLES; i++) {
            int at = spread(i, outputs);
            forward(at);
            compare(LayerPass.FORWARD, at, layer.output[LayerKernels.ORIGIN + at]);
        }
        layer.run(LayerPass.BACKWARD_DATA);
        int inputs = layer.inputGradient.length - LayerKernels.ORIGIN;
        for (int i = 0; i < SAMPLES; i++) {
            int at = spread(i, inputs);
            backwardData(at);
            compare(LayerPass.BACKWARD_DATA, at, layer.inputGradient[LayerKernels.ORIGIN + at]);
        }
        layer.run(LayerPass.BACKWARD_WEIGHT);
        compareGradients(LayerPass.BACKWARD_WEIGHT);
        layer.run(LayerPass.GROWTH);
        compareGradients(LayerPass.GROWTH);
        TopK.Entries entries = layer.growth.sorted();
        for (int i = 0; i < Math.min(8, entries.indices().length); i++) {
            backwardWeight(entries.indices()[i]);
            compare(LayerPass.GROWTH, entries.indices()[i], entries.values()[i]);
        }
    }

    private void compareGradients(LayerPass pass) {
        for (int i = 0; i < Math.min(SAMPLES, layer.mask.count()); i++) {
            int place = spread(i, layer.mask.count());
            backwardWeight(layer.mask.index(place));
            compare(pass, layer.mask.index(place), layer.gradient[place]);
        }
    }

    /** Places spread over {@code [0, extent)}, the first and the last among them. */
    private static int spread(int i, int extent) {
        return i == 0 ? 0 : i == 1 ? extent - 1 : (int) (i * 2_654_435_761L % extent);
    }

    private void compare(LayerPass pass, int at, float value) {
        if (!(Math.abs(value - sum) <= TOLERANCE * magnitude + 1e-30)) {
            throw new IllegalStateException("benchmark: " + pass + " of " + geometry + " gives " + value + " at " + at
                    + ", expected " + sum);
        }
    }

    /** Winograd's transform rounds sums over a whole tile, so the largest factor that there may be stands for each. */
    private void add(double left, double right) {
        sum += left * right;
        magnitude += Math.abs(left) * (layer.algorithm == ConvolutionAlgorithm.WINOGRAD ? LARGEST : Math.abs(right));
    }

    private void reset() {
        sum = 0;
        magnitude = 0;
    }

    private static int at(int group, int channel, int row, int column, int lane, int channels, int height, int width) {
        return (((group * channels + channel) * height + row) * width + column) * Layout.LANES + lane;
    }

    private float input(int group, int c, int row, int column, int lane) {
        int height = geometry.input().height();
        int width = geometry.input().width();
        boolean outside = row < 0 || column < 0 || row >= height || column >= width;
        return outside ? 0 : layer.input[at(group, c, row, column, lane, geometry.input().channels(), height, width)];
    }

    private float gradient(int group, int k, int row, int column, int lane) {
        return layer.outputGradient[at(group, k, row, column, lane, geometry.outputChannels(), geometry.outputHeight(),
                geometry.outputWidth())];
    }

    private float weight(int k, int c, int r, int s) {
        return weights[((k * geometry.groupInputs() + c) * geometry.kernelHeight() + r) * geometry.kernelWidth() + s];
    }

    private void forward(int at) {
        reset();
        int lane = at % Layout.LANES;
        int pixel = at / Layout.LANES;
        int q = pixel % geometry.outputWidth();
        int p = pixel / geometry.outputWidth() % geometry.outputHeight();
        int k = pixel / geometry.output().pixels() % geometry.outputChannels();
        int group = pixel / geometry.output().size();
        for (int c = 0; c < geometry.groupInputs(); c++) {
            for (int r = 0; r < geometry.kernelHeight(); r++) {
                for (int s = 0; s < geometry.kernelWidth(); s++) {
                    add(weight(k, c, r, s), input(group, firstChannel(k) + c, geometry.vertical().pixel(p, r),
                            geometry.horizontal().pixel(q, s), lane));
                }
            }
        }
    }

    private void backwardData(int at) {
        reset();
        int lane = at % Layout.LANES;
        int pixel = at / Layout.LANES;
        int column = pixel % geometry.input().width();
        int row = pixel / geometry.input().width() % geometry.input().height();
        int c = pixel / geometry.input().pixels() % geometry.input().channels();
        int group = pixel / geometry.input().size();
        int first = c / geometry.groupInputs() * geometry.groupOutputs();
        for (int k = first; k < first + geometry.groupOutputs(); k++) {
            for (int p = 0; p < geometry.outputHeight(); p++) {
                for (int q = 0; q < geometry.outputWidth(); q++) {
                    addTap(group, k, c % geometry.groupInputs(), p, q, row, column, lane);
                }
            }
        }
    }

    /** Adds what an output's gradient gives to an input pixel, if one of its taps reads it. */
    private void addTap(int group, int k, int c, int p, int q, int row, int column, int lane) {
        for (int r = 0; r < geometry.kernelHeight(); r++) {
            for (int s = 0; geometry.vertical().pixel(p, r) == row && s < geometry.kernelWidth(); s++) {
                if (geometry.horizontal().pixel(q, s) == column) {
                    add(weight(k, c, r, s), gradient(group, k, p, q, lane));
                }
            }
        }
    }

    /** The first of the input channels that an output channel reads. */
    private int firstChannel(int k) {
        return k / geometry.groupOutputs() * geometry.groupInputs();
    }

    private void backwardWeight(int index) {
        reset();
        int s = index % geometry.kernelWidth();
        int r = index / geometry.kernelWidth() % geometry.kernelHeight();
        int k = index / geometry.columns();
        int c = firstChannel(k) + index / geometry.taps() % geometry.groupInputs();
        for (int group = 0; group < layer.groups; group++) {
            for (int p = 0; p < geometry.outputHeight(); p++) {
                for (int q = 0; q < geometry.outputWidth(); q++) {
                    for (int lane = 0; lane < Layout.LANES; lane++) {
                        add(gradient(group, k, p, q, lane), input(group, c, geometry.vertical().pixel(p, r),
                                geometry.horizontal().pixel(q, s), lane));
                    }
                }
            }
        }
    }
}
