package dev.fedtiny.engine.internal.kernel;

/**
 * a·b + c, rounded once where the machine has the instruction and twice where it has not: emulated, {@link Math#fma} is a thousand
 * times slower. Scalar and vector kernels follow the same constant, so they agree bit for bit; machines agree when their constants do.
 */
public final class FusedMultiply {
    /** Whether this JVM multiplies and adds with one rounding. */
    public static final boolean FUSED = detect();

    private FusedMultiply() {
    }

    /** a·b + c. */
    public static float multiplyAdd(float a, float b, float c) {
        return FUSED ? Math.fma(a, b, c) : a * b + c;
    }

    private static boolean detect() {
        String value = dev.fedtiny.engine.internal.run.CpuFeatures.vmOption("UseFMA");
        return Boolean.parseBoolean(value);
    }
}
