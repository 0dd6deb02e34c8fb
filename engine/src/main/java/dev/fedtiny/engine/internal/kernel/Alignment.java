package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.internal.run.CpuFeatures;

/**
 * Where vectors begin in arrays, so that none of 256 bits straddles two cache lines, which costs a third of the speed, and those of 512
 * bits do not where they could be helped. It holds where the JVM aligns objects to lines of 64 bytes
 * ({@code -XX:ObjectAlignmentInBytes=64}, as the launchers ask) or places large arrays so.
 */
public final class Alignment {
    /** First float used: 12 behind a 16-byte header, 13 behind the 12 bytes of compact headers. */
    public static final int ORIGIN = "true".equals(CpuFeatures.vmOption("UseCompactObjectHeaders")) ? 13 : 12;

    private Alignment() {
    }
}
