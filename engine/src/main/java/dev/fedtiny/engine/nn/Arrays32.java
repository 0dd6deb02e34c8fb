package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.internal.run.CpuFeatures;

/**
 * Float arrays whose payload begins on a 32-byte boundary where the JVM aligns objects to 32 bytes
 * ({@code -XX:ObjectAlignmentInBytes=32}, as the launchers ask) or places large arrays so: a vector that straddles two cache lines costs
 * a third of the speed.
 */
final class Arrays32 {
    /** First float used: 12 behind a 16-byte header, 13 behind the 12 bytes of compact headers. */
    static final int ORIGIN = "true".equals(CpuFeatures.vmOption("UseCompactObjectHeaders")) ? 13 : 12;

    private Arrays32() {
    }

    /** Room for {@code floats} values from {@link #ORIGIN} on. */
    static float[] allocate(long floats) {
        if (floats > limit()) {
            throw new IllegalArgumentException("session: one buffer would need " + floats + " values, more than a Java array holds; "
                    + "use a smaller batch");
        }
        return new float[(int) floats + ORIGIN];
    }

    /** Bytes of the array that {@link #allocate} makes. */
    static long bytes(long floats) {
        return 4 * (floats + ORIGIN);
    }

    /** Floats that an array has room for. */
    static long limit() {
        return Integer.MAX_VALUE - 8L - ORIGIN;
    }
}
