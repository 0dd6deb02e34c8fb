package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.internal.kernel.simd.SimdConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdPoolKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdWeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdWinogradKernel;
import dev.fedtiny.engine.internal.kernel.simd.Species;

/** The way of tests to the vector kernels: only where the Vector API is on the JVM's command line. */
final class VectorTwins {
    private static final String EXPECTED = System.getProperty("dev.fedtiny.expected", "");

    private VectorTwins() {
    }

    /** Skips the calling test where vectors cannot be loaded; fails it where this run was meant to have them, or another width. */
    static void require() {
        boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        if (EXPECTED.startsWith("simd")) {
            String name = present ? Loaded.name() : "no Vector API";
            assertEquals(EXPECTED, EXPECTED.equals("simd") ? name.replaceFirst("\\d+$", "") : name, "kernels of this test run");
        }
        assumeTrue(present, "the JVM runs without jdk.incubator.vector, so there is no vector twin to compare with");
    }

    static ElementwiseKernel elementwise() {
        return Loaded.elementwise();
    }

    /** As {@link #pointwise}. */
    static StorageKernel float32() {
        return KernelRegistry.ofBits(Loaded.bits()).float32();
    }

    /** As {@link #pointwise}. */
    static StorageKernel bfloat16() {
        return KernelRegistry.ofBits(Loaded.bits()).bfloat16();
    }

    static PoolKernel pools() {
        return Loaded.pools();
    }

    /** The scalar twin where the machine does not fuse products and sums. */
    static PointwiseKernel pointwise() {
        return KernelRegistry.ofBits(Loaded.bits()).pointwise();
    }

    /** As {@link #pointwise}. */
    static ChannelKernel channels() {
        return KernelRegistry.ofBits(Loaded.bits()).channels();
    }

    static PixelKernel pixels() {
        return KernelRegistry.ofBits(Loaded.bits()).pixels();
    }

    static ConvolutionKernel convolutions() {
        return Loaded.convolutions();
    }

    static WeightGradientKernel weightGradients() {
        return Loaded.weightGradients();
    }

    static DepthwiseKernel depthwise() {
        return KernelRegistry.ofBits(Loaded.bits()).depthwise();
    }

    static WinogradKernel winograd() {
        return Loaded.winograd();
    }

    /** Everything that names vector classes, apart, so that a JVM without the module never loads it. */
    private static final class Loaded {
        static String name() {
            return "simd" + bits();
        }

        static int bits() {
            return Species.bits();
        }

        static ElementwiseKernel elementwise() {
            return new SimdElementwiseKernel();
        }

        static PoolKernel pools() {
            return new SimdPoolKernel();
        }

        static ConvolutionKernel convolutions() {
            return new SimdConvolutionKernel();
        }

        static WeightGradientKernel weightGradients() {
            return new SimdWeightGradientKernel();
        }

        static WinogradKernel winograd() {
            return new SimdWinogradKernel();
        }
    }
}
