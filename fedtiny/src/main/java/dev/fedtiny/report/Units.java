package dev.fedtiny.report;

import java.util.Locale;

/** Numbers as people read them; always with a point, whatever the locale. */
public final class Units {
    private Units() {
    }

    /** 10^6 bytes, for example {@code 12.34 MB}. */
    public static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
    }

    /** The same, and below 10^4 bytes as {@code 1.23 kB}. */
    public static String bytes(long bytes) {
        return bytes < 10_000 ? String.format(Locale.ROOT, "%.2f kB", bytes / 1e3) : megabytes(bytes);
    }

    /** For example {@code 61.30 %}. */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    /** For example {@code 3.21e+12}. */
    public static String scientific(double value) {
        return String.format(Locale.ROOT, "%.3e", value);
    }

    /** With some digits behind the point. */
    public static String fixed(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
