package dev.fedtiny.benchmarks.timing;

import dev.fedtiny.engine.internal.probe.LayerKernels;
import dev.fedtiny.engine.internal.probe.LayerPass;
import dev.fedtiny.engine.internal.probe.Residence;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.util.Arrays;

/**
 * Milliseconds a training step spends with the weights of one convolution in one form.
 *
 * @param forward output from input
 * @param backwardData gradient of the input; 0 for a layer that reads the images, which computes none
 * @param backwardWeight gradient at active positions
 * @param refresh taking over changed values
 */
public record LayerTimes(double forward, double backwardData, double backwardWeight, double refresh) {
    /** A pass over a large dense layer lasts longer than a cell: then as few as these. */
    private static final int LEAST = 3;

    /** Measures the passes one after the other, after checking their results. */
    public static LayerTimes measure(Conv2dGeometry geometry, double density, ConvolutionAlgorithm algorithm, int groups, Workers workers,
            boolean readsImages, double seconds) {
        LayerKernels kernels = new LayerKernels(geometry, mask(geometry, density), algorithm, groups, workers, Residence.SCRATCH);
        kernels.verify();
        return new LayerTimes(median(kernels, LayerPass.FORWARD, seconds),
                readsImages ? 0 : median(kernels, LayerPass.BACKWARD_DATA, seconds),
                median(kernels, LayerPass.BACKWARD_WEIGHT, seconds), median(kernels, LayerPass.REFRESH, seconds));
    }

    private static double median(LayerKernels kernels, LayerPass pass, double seconds) {
        return Timings.measure(() -> kernels.run(pass), seconds, LEAST).median();
    }

    /** At least one active position, uniformly at random, the same ones every time. */
    private static Mask mask(Conv2dGeometry geometry, double density) {
        int size = geometry.weights();
        int[] positions = new int[size];
        Arrays.setAll(positions, i -> i);
        RandomStream.of(1, "bench-mask").shuffle(positions);
        int[] active = Arrays.copyOf(positions, active(geometry, density));
        Arrays.sort(active);
        return Mask.of(size, active);
    }

    /** Positions active of a convolution's weights at a density. */
    static int active(Conv2dGeometry geometry, double density) {
        return Math.max(1, (int) Math.round(density * geometry.weights()));
    }

    /** All of it. */
    public double whole() {
        return forward + backwardData + backwardWeight + refresh;
    }
}
