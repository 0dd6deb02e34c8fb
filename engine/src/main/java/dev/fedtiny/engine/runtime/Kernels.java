package dev.fedtiny.engine.runtime;

import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.WinogradKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPoolKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarProbeKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarWeightGradientKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarWinogradKernel;
import dev.fedtiny.engine.internal.run.CpuFeatures;
import java.util.Locale;
import java.util.Optional;

/**
 * Which kernels run in this JVM, and why: decided once, on first use. The property {@code dev.fedtiny.kernels} asks for
 * {@code auto} (default), {@code simd} or {@code scalar}; {@code simd} fails where {@code auto} would fall back. Both kinds give the same
 * bits.
 */
@SuppressWarnings("exports")
public final class Kernels {
    /** The property that asks for a kind of kernels. */
    public static final String PROPERTY = "dev.fedtiny.kernels";

    private static final Kernels CURRENT = choose(System.getProperty(PROPERTY, "auto"));

    private final Kind kind;
    private final int vectorBits;
    private final String reason;
    private final ConvolutionKernel convolutions;
    private final WinogradKernel winograd;
    private final WeightGradientKernel weightGradients;
    private final ElementwiseKernel elementwise;
    private final PoolKernel pools;
    private final ProbeKernel probes;

    /** What the kernels are made of. */
    public enum Kind {
        /** Plain loops. */
        SCALAR,
        /** The Vector API. */
        SIMD
    }

    private Kernels(Kind kind, int vectorBits, String reason, ConvolutionKernel convolutions, WinogradKernel winograd,
            WeightGradientKernel weightGradients, ElementwiseKernel elementwise, PoolKernel pools, ProbeKernel probes) {
        this.kind = kind;
        this.vectorBits = vectorBits;
        this.reason = reason;
        this.convolutions = convolutions;
        this.winograd = winograd;
        this.weightGradients = weightGradients;
        this.elementwise = elementwise;
        this.pools = pools;
        this.probes = probes;
    }

    /** The kernels of this JVM. */
    public static Kernels current() {
        return CURRENT;
    }

    /**
     * The kernels of a choice, whatever the JVM was started for: for tests and benchmarks of single operators ({@code op}). Sessions
     * compute with {@link #current()}. A choice says which loops convolve: all others, and Winograd's transform, are as wide as the JVM
     * prefers.
     *
     * @throws IllegalStateException if this JVM cannot run them, with the reason and what to start it with
     */
    public static Kernels of(KernelChoice choice) {
        refusal(choice).ifPresent(reason -> {
            throw new IllegalStateException("kernels " + choice + ": " + reason);
        });
        return switch (choice) {
            case AUTO -> CURRENT;
            case SCALAR -> scalar("chosen");
            case SIMD_128, SIMD_256, SIMD_512 -> SimdKernels.create("chosen", choice.bits());
        };
    }

    /** Why this JVM cannot run the kernels of a choice. */
    static Optional<String> refusal(KernelChoice choice) {
        if (choice == KernelChoice.AUTO || choice == KernelChoice.SCALAR) {
            return Optional.empty();
        }
        String general = refusal();
        return Optional.ofNullable(general != null ? general : SimdKernels.choiceRefusal(choice.bits()));
    }

    /**
     * These kernels with others that convolve: how a kernel that is being written is tried in the place of ours.
     *
     * @param gradients of the weights
     */
    public Kernels with(ConvolutionKernel convolution, WeightGradientKernel gradients) {
        return new Kernels(kind, vectorBits, reason, convolution, winograd, gradients, elementwise, pools, probes);
    }

    /** What they are made of. */
    public Kind kind() {
        return kind;
    }

    /** Bits of a vector; 32 for scalar kernels. */
    public int vectorBits() {
        return vectorBits;
    }

    /** For example {@code simd256} or {@code scalar}. */
    public String name() {
        return kind == Kind.SIMD ? "simd" + vectorBits : "scalar";
    }

    /** Why these kernels run, in a sentence. */
    public String reason() {
        return reason;
    }

    /** Whether products and sums are rounded once: what equal bits between machines depend on. */
    public boolean fusedMultiplyAdd() {
        return FusedMultiply.FUSED;
    }

    /** For the engine's own use. */
    public ConvolutionKernel convolutions() {
        return convolutions;
    }

    /** For the engine's own use. */
    public WinogradKernel winograd() {
        return winograd;
    }

    /** For the engine's own use. */
    public WeightGradientKernel weightGradients() {
        return weightGradients;
    }

    /** For the engine's own use. */
    public ElementwiseKernel elementwise() {
        return elementwise;
    }

    /** For the engine's own use. */
    public PoolKernel pools() {
        return pools;
    }

    /** For measuring this machine. */
    public ProbeKernel probes() {
        return probes;
    }

    private static Kernels choose(String asked) {
        switch (asked.toLowerCase(Locale.ROOT)) {
            case "scalar":
                return scalar("asked for by -D" + PROPERTY + "=scalar");
            case "auto":
                String refusal = refusal();
                if (refusal == null) {
                    return SimdKernels.create("the Vector API is there and compiled by C2");
                }
                // Once a JVM, since this is.
                System.getLogger(Kernels.class.getName()).log(System.Logger.Level.WARNING, "scalar kernels, several times slower: "
                        + refusal + "; -D" + PROPERTY + "=scalar asks for them without this warning");
                return scalar(refusal);
            case "simd":
                String reason = refusal();
                if (reason != null) {
                    throw new IllegalStateException("-D" + PROPERTY + "=simd cannot be met: " + reason);
                }
                return SimdKernels.create("asked for by -D" + PROPERTY + "=simd");
            default:
                throw new IllegalStateException("-D" + PROPERTY + "=" + asked + " is unknown; use auto, simd or scalar");
        }
    }

    private static Kernels scalar(String reason) {
        return new Kernels(Kind.SCALAR, Float.SIZE, reason, new ScalarConvolutionKernel(), new ScalarWinogradKernel(),
                new ScalarWeightGradientKernel(), new ScalarElementwiseKernel(), new ScalarPoolKernel(), new ScalarProbeKernel());
    }

    private static boolean vectorModulePresent() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /** Why vectors would be slow or impossible here; null when they are neither. */
    private static String refusal() {
        if (!vectorModulePresent()) {
            return "the JVM runs without the Vector API; start it with --add-modules jdk.incubator.vector";
        }
        if ("false".equals(CpuFeatures.vmOption("UseCompiler"))) {
            return "the JVM only interprets (-Xint), where vectors are emulated; start it without -Xint";
        }
        String level = CpuFeatures.vmOption("TieredStopAtLevel");
        if (!level.isEmpty() && Integer.parseInt(level) < 4 && "true".equals(CpuFeatures.vmOption("TieredCompilation"))) {
            return "C2 is off (-XX:TieredStopAtLevel=" + level
                    + "), and without it vectors are emulated; start the JVM without that option";
        }
        String mode = CpuFeatures.vmOption("CompilationMode");
        if (mode.startsWith("quick-only")) {
            return "C2 is off (-XX:CompilationMode=" + mode + "), and without it vectors are emulated; start the JVM without that option";
        }
        String vm = System.getProperty("java.vm.name", "");
        if ("true".equals(CpuFeatures.vmOption("UseJVMCICompiler"))) {
            return "the JVM '" + vm
                    + "' compiles with another compiler than C2 (-XX:+UseJVMCICompiler), and without it vectors are emulated; "
                    + "start it with -XX:-UseJVMCICompiler";
        }
        if (vm.contains("Client") || CpuFeatures.vmOption("UseCompiler").isEmpty()) {
            return "the JVM '" + vm
                    + "' does not say that it compiles with C2, and without it vectors are emulated; use a HotSpot JVM with C2";
        }
        if ("false".equals(CpuFeatures.vmOption("EnableVectorSupport"))) {
            return "the Vector API's intrinsics are off (-XX:-EnableVectorSupport); start the JVM without that option";
        }
        String sse = CpuFeatures.vmOption("UseSSE");
        if (!sse.isEmpty() && Integer.parseInt(sse) < 4) {
            return "vectors are without SSE4 (UseSSE=" + sse + "), and what is missing is emulated; start the JVM without -XX:UseSSE";
        }
        return SimdKernels.widthRefusal(CpuFeatures.vmOption("MaxVectorSize"));
    }

    /** Everything that names vector classes, apart, so that a JVM without the module never loads it. */
    private static final class SimdKernels {
        static Kernels create(String reason) {
            return create(reason, dev.fedtiny.engine.internal.kernel.simd.Species.bits());
        }

        static Kernels create(String reason, int bits) {
            return new Kernels(Kind.SIMD, bits, reason + ", " + bits + " bits",
                    new dev.fedtiny.engine.internal.kernel.simd.SimdConvolutionKernel(bits >= 512),
                    new dev.fedtiny.engine.internal.kernel.simd.SimdWinogradKernel(),
                    new dev.fedtiny.engine.internal.kernel.simd.SimdWeightGradientKernel(bits >= 512),
                    new dev.fedtiny.engine.internal.kernel.simd.SimdElementwiseKernel(),
                    new dev.fedtiny.engine.internal.kernel.simd.SimdPoolKernel(),
                    new dev.fedtiny.engine.internal.kernel.simd.SimdProbeKernel());
        }

        /** Why loops of so many bits cannot run here; null where they can. */
        static String choiceRefusal(int bits) {
            int loops = dev.fedtiny.engine.internal.kernel.simd.Species.loopBits();
            int widest = dev.fedtiny.engine.internal.kernel.simd.Species.bits();
            if (bits == loops || bits == widest) {
                return null;
            }
            if (bits < loops) {
                return "the width of vectors is a constant of a JVM, so that C2 knows it: " + loops + " bits here; start the JVM with "
                        + "-XX:MaxVectorSize=" + bits / Byte.SIZE;
            }
            int preferred = dev.fedtiny.engine.internal.kernel.simd.Species.preferredBits();
            return preferred < bits ? "this JVM has vectors of " + preferred
                    + " bits; where the processor has wider ones, start it without "
                    + "-XX:MaxVectorSize and -XX:UseAVX" : "loops of " + bits
                    + " bits need fused multiply-add, which is off; start the JVM "
                    + "without -XX:-UseFMA";
        }

        static String widthRefusal(String maxVectorBytes) {
            int preferred = dev.fedtiny.engine.internal.kernel.simd.Species.preferredBits();
            int hardware = maxVectorBytes.isEmpty() ? preferred : Integer.parseInt(maxVectorBytes) * Byte.SIZE;
            int bits = Math.min(preferred, hardware);
            return bits < 128 ? "vectors have only " + bits
                    + " bits here; kernels need 128, and wider ones would be emulated; start the JVM "
                    + "without -XX:MaxVectorSize, -XX:UseAVX and -XX:UseSSE" : null;
        }
    }
}
