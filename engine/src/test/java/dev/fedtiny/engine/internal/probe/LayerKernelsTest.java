package dev.fedtiny.engine.internal.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayerKernelsTest {
    private static final Conv2dGeometry PLAIN = new Conv2dGeometry(new Shape(5, 8, 8), 7, 3, 3, 1, 1);
    private static final Conv2dGeometry STRIDED = new Conv2dGeometry(new Shape(5, 8, 8), 7, 3, 3, 2, 1);
    private static final Conv2dGeometry GROUPED = new Conv2dGeometry(new Shape(6, 9, 8), 9, new PerAxis(3, 2), new PerAxis(2, 1),
            new Padding(2, 0, 1, 3), new PerAxis(1, 2), 3);
    private static final Conv2dGeometry PROJECTION = new Conv2dGeometry(new Shape(6, 8, 8), 9, 1, 1, 2, 0);

    private static Mask mask(Conv2dGeometry geometry, double density) {
        RandomStream random = RandomStream.of(7, "mask");
        return Mask.of(geometry.weights(), IntStream.range(0, geometry.weights()).filter(i -> random.nextDouble() < density).toArray());
    }

    @ParameterizedTest
    @EnumSource(ConvolutionAlgorithm.class)
    void everyPassComputesTheConvolution(ConvolutionAlgorithm algorithm) {
        for (int threads = 1; threads <= 3; threads++) {
            try (Workers workers = Workers.of(threads)) {
                for (Conv2dGeometry geometry : new Conv2dGeometry[] {PLAIN, STRIDED, PROJECTION, GROUPED}) {
                    if (algorithm == ConvolutionAlgorithm.WINOGRAD && geometry != PLAIN) {
                        continue;
                    }
                    LayerKernels layer = new LayerKernels(geometry, mask(geometry, 0.3), algorithm, 2, workers, Residence.SCRATCH);
                    layer.verify();
                    // Again: nothing may be left from the first time.
                    layer.verify();
                    new LayerKernels(geometry, Mask.full(geometry.weights()), algorithm, 1, workers, Residence.STREAMED).verify();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ConvolutionAlgorithm.class)
    void aWrongResultIsRefused(ConvolutionAlgorithm algorithm) {
        try (Workers workers = Workers.of(1)) {
            Mask one = Mask.of(PLAIN.weights(), new int[] {4});
            LayerKernels layer = new LayerKernels(PLAIN, one, algorithm, 1, workers, Residence.STREAMED);
            layer.verify();
            layer.input[0] += 1;
            IllegalStateException error = assertThrows(IllegalStateException.class, layer::verify);
            assertTrue(error.getMessage().contains("BACKWARD_WEIGHT") || error.getMessage().contains("FORWARD"), error.getMessage());
        }
    }

    @Test
    void flopsAreCountedOverKeptPositions() {
        try (Workers workers = Workers.of(1)) {
            LayerKernels layer = new LayerKernels(STRIDED, mask(STRIDED, 0.3), ConvolutionAlgorithm.CSR, 2, workers, Residence.SCRATCH);
            assertEquals(2.0 * 16 * layer.mask.count() * 16, layer.flops(LayerPass.FORWARD), 1e-6);
            assertEquals(2.0 * 16 * STRIDED.weights() * 16, layer.flops(LayerPass.GROWTH), 1e-6);
            assertEquals(0, layer.denseFlops(LayerPass.PACK));
        }
    }
}
