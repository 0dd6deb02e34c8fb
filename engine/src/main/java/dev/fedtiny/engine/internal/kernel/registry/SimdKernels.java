package dev.fedtiny.engine.internal.kernel.registry;

import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.DepthwiseKernel;
import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PointwiseKernel;
import dev.fedtiny.engine.internal.kernel.StorageKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarBfloat16StorageKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarChannelKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarDepthwiseKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarFloat32StorageKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPixelKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPointwiseKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdBfloat16StorageKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdChannelKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdDepthwiseKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdFloat32StorageKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdPixelKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdPointwiseKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdPoolKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdProbeKernels;
import dev.fedtiny.engine.internal.kernel.simd.SimdWeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.simd.SimdWinogradKernel;
import dev.fedtiny.engine.internal.kernel.simd.Species;
import java.util.Optional;

/** Everything that names vector classes, apart, so that a JVM without the module never loads it. */
final class SimdKernels {
    private SimdKernels() {
    }

    static KernelRegistry create(String reason) {
        return create(reason, Species.bits());
    }

    static KernelRegistry create(String reason, int bits) {
        return new KernelRegistry(bits, reason + ", " + bits + " bits", new SimdConvolutionKernel(bits >= 512), new SimdWinogradKernel(),
                new SimdWeightGradientKernel(bits >= 512), depthwise(bits), new SimdElementwiseKernel(), float32(), bfloat16(),
                pointwise(), channels(), new SimdPoolKernel(), pixels(), SimdProbeKernels.of(bits));
    }

    /** Without fused multiply-add vector kernels run whose loops can do without it, and the scalar twins of the others. */
    private static DepthwiseKernel depthwise(int bits) {
        return FusedMultiply.FUSED ? new SimdDepthwiseKernel(bits >= 512) : new ScalarDepthwiseKernel();
    }

    private static PointwiseKernel pointwise() {
        return FusedMultiply.FUSED ? new SimdPointwiseKernel() : new ScalarPointwiseKernel();
    }

    private static StorageKernel float32() {
        return FusedMultiply.FUSED ? new SimdFloat32StorageKernel() : new ScalarFloat32StorageKernel();
    }

    private static StorageKernel bfloat16() {
        return FusedMultiply.FUSED ? new SimdBfloat16StorageKernel() : new ScalarBfloat16StorageKernel();
    }

    private static PixelKernel pixels() {
        return FusedMultiply.FUSED ? new SimdPixelKernel() : new ScalarPixelKernel();
    }

    private static ChannelKernel channels() {
        return FusedMultiply.FUSED ? new SimdChannelKernel() : new ScalarChannelKernel();
    }

    /** Why loops of so many bits cannot run here. */
    static Optional<String> refusal(int bits) {
        int loops = Species.loopBits();
        if (bits == loops || bits == Species.bits()) {
            return Optional.empty();
        }
        if (bits < loops) {
            return Optional.of("the width of vectors is a constant of a JVM, so that C2 knows it: " + loops
                    + " bits here; start the JVM with -XX:MaxVectorSize=" + bits / Byte.SIZE);
        }
        int preferred = Species.preferredBits();
        return Optional.of(preferred < bits ? "this JVM has vectors of " + preferred
                + " bits; where the processor has wider ones, start it without -XX:MaxVectorSize and -XX:UseAVX"
                : "loops of " + bits + " bits need fused multiply-add, which is off; start the JVM without -XX:-UseFMA");
    }

    /** Why vectors are too narrow here, whatever their elements. */
    static Optional<String> widthRefusal(String maxVectorBytes) {
        int preferred = Species.preferredBits();
        int hardware = maxVectorBytes.isEmpty() ? preferred : Integer.parseInt(maxVectorBytes) * Byte.SIZE;
        int bits = Math.min(preferred, hardware);
        return bits >= 128 ? Optional.empty() : Optional.of("vectors have only " + bits
                + " bits here; kernels need 128, and wider ones would be emulated; start the JVM "
                + "without -XX:MaxVectorSize, -XX:UseAVX and -XX:UseSSE");
    }
}
