package dev.fedtiny.engine.internal.kernel.registry;

import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.DepthwiseKernel;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PointwiseKernel;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import dev.fedtiny.engine.internal.kernel.StorageKernel;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.WinogradKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarBfloat16StorageKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarChannelKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarDepthwiseKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarFloat32StorageKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPixelKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPointwiseKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPoolKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarProbeKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarWeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarWinogradKernel;
import java.util.Locale;
import java.util.Optional;

/**
 * One kernel of every family, scalar or vector, and why these. A new family of kernels is a component here, in {@link #scalar} and in
 * {@link SimdKernels}; {@link KernelSwitches} is generated from it.
 *
 * @param vectorBits bits of a vector; 32 for scalar kernels
 * @param reason why these kernels, in a sentence
 * @param float32 for activations stored as they are; {@code bfloat16}: for those stored in 16 bits
 */
public record KernelRegistry(int vectorBits, String reason, ConvolutionKernel convolutions, WinogradKernel winograd,
        WeightGradientKernel weightGradients, DepthwiseKernel depthwise, ElementwiseKernel elementwise, StorageKernel float32,
        StorageKernel bfloat16, PointwiseKernel pointwise, ChannelKernel channels, PoolKernel pools, PixelKernel pixels,
        ProbeKernel probes) {
    /** The property that asks for a kind of kernels: {@code auto}, {@code simd} or {@code scalar}. */
    public static final String PROPERTY = "dev.fedtiny.kernels";
    /** Stands for the kernels of this JVM where a number of bits is asked for. */
    public static final int AUTOMATIC_BITS = 0;

    private static final KernelRegistry CURRENT = choose(System.getProperty(PROPERTY, "auto"));

    /** The kernels of this JVM: decided once, on first use. */
    public static KernelRegistry current() {
        return CURRENT;
    }

    /**
     * The kernels of a width, whatever the JVM was started for: for tests and benchmarks of single operators. The width is that of the
     * loops that convolve: all others, and Winograd's transform, are as wide as the JVM prefers.
     *
     * @param vectorBits 32 for scalar kernels; {@link #AUTOMATIC_BITS} for {@link #current()}
     * @throws IllegalStateException if this JVM cannot run them, with the reason and what to start it with
     */
    public static KernelRegistry ofBits(int vectorBits) {
        refusal(vectorBits).ifPresent(reason -> {
            throw new IllegalStateException("kernels of " + vectorBits + " bits: " + reason);
        });
        return switch (vectorBits) {
            case AUTOMATIC_BITS -> CURRENT;
            case Float.SIZE -> scalar("chosen");
            default -> SimdKernels.create("chosen", vectorBits);
        };
    }

    /** Why this JVM cannot run the kernels of a width, and how to start one that can; empty where it can. */
    public static Optional<String> refusal(int vectorBits) {
        if (vectorBits == AUTOMATIC_BITS || vectorBits == Float.SIZE) {
            return Optional.empty();
        }
        return VectorSupport.refusal().or(() -> SimdKernels.refusal(vectorBits));
    }

    /**
     * These kernels with others that convolve: how a kernel that is being written is tried in the place of ours.
     *
     * @param gradients of the weights
     */
    public KernelRegistry with(ConvolutionKernel convolution, WeightGradientKernel gradients) {
        return new KernelRegistry(vectorBits, reason, convolution, winograd, gradients, depthwise, elementwise, float32, bfloat16,
                pointwise, channels, pools, pixels, probes);
    }

    /** For example {@code simd256} or {@code scalar}. */
    public String name() {
        return vectorBits == Float.SIZE ? "scalar" : "simd" + vectorBits;
    }

    private static KernelRegistry choose(String asked) {
        Optional<String> refusal = asked.equalsIgnoreCase("scalar") ? Optional.empty() : VectorSupport.refusal();
        return switch (asked.toLowerCase(Locale.ROOT)) {
            case "scalar" -> scalar("asked for by -D" + PROPERTY + "=scalar");
            case "auto" -> refusal.map(KernelRegistry::fallback).orElseGet(() -> vectors("the Vector API is there and compiled by C2"));
            case "simd" -> {
                refusal.ifPresent(reason -> {
                    throw new IllegalStateException("-D" + PROPERTY + "=simd cannot be met: " + reason);
                });
                yield vectors("asked for by -D" + PROPERTY + "=simd");
            }
            default -> throw new IllegalStateException("-D" + PROPERTY + "=" + asked + " is unknown; use auto, simd or scalar");
        };
    }

    private static KernelRegistry vectors(String reason) {
        return KernelSwitch.between(scalar(reason), SimdKernels.create(reason));
    }

    /** Scalar kernels where vectors were expected: said once a JVM, since this is. */
    private static KernelRegistry fallback(String refusal) {
        System.getLogger("dev.fedtiny.engine.runtime.Kernels").log(System.Logger.Level.WARNING, "scalar kernels, several times slower: "
                + refusal + "; -D" + PROPERTY + "=scalar asks for them without this warning");
        return scalar(refusal);
    }

    private static KernelRegistry scalar(String reason) {
        return new KernelRegistry(Float.SIZE, reason, new ScalarConvolutionKernel(), new ScalarWinogradKernel(),
                new ScalarWeightGradientKernel(), new ScalarDepthwiseKernel(), new ScalarElementwiseKernel(),
                new ScalarFloat32StorageKernel(), new ScalarBfloat16StorageKernel(), new ScalarPointwiseKernel(), new ScalarChannelKernel(),
                new ScalarPoolKernel(), new ScalarPixelKernel(), new ScalarProbeKernel());
    }
}
