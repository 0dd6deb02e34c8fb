package dev.fedtiny.report;

import java.util.Locale;

/** Numbers as people read them; always with a point, whatever the locale. */
public final class Units {
    private Units() {
    }

    /**
     * 10^6 bytes, for example {@code 12.34 MB}.
     *
     * @param bytes any number
     * @return two digits behind the point
     */
    public static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
    }

    /**
     * The same, and below 10^4 bytes as {@code 1.23 kB}.
     *
     * @param bytes any number
     * @return two digits behind the point
     */
    public static String bytes(long bytes) {
        return bytes < 10_000 ? String.format(Locale.ROOT, "%.2f kB", bytes / 1e3) : megabytes(bytes);
    }

    /**
     * For example {@code 61.30 %}.
     *
     * @param share 1 for the whole
     * @return two digits behind the point
     */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    /**
     * For example {@code 3.21e+12}.
     *
     * @param value any number
     * @return three digits behind the point
     */
    public static String scientific(double value) {
        return String.format(Locale.ROOT, "%.3e", value);
    }

    /**
     * With some digits behind the point.
     *
     * @param value any number
     * @param digits behind the point, at least 0
     * @return the rounded number
     */
    public static String fixed(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    /**
     * A share of weights, for example {@code 0.0512}, or {@code 4.2e-5} where four digits would say less than two figures.
     *
     * @param density from 0 to 1
     * @return four digits behind the point, three that count below 0.001; never 0 of a model that has weights, nor 1 of one that lacks some
     */
    public static String density(double density) {
        if (density > 0 && density < 1e-3) {
            return axis(density);
        }
        return fixed(density < 1 ? Math.min(density, 0.9999) : density, 4);
    }

    /**
     * A length of time that is known roughly, for example {@code 2 h 10 min}, {@code 12 min} or {@code 40 s}: in steps of ten seconds, of a
     * minute from 90 seconds on, of five minutes from two hours on.
     *
     * @param seconds at least 0
     * @return rounded, at least ten seconds
     */
    public static String roughly(double seconds) {
        if (seconds < 90) {
            return 10 * Math.max(1, Math.round(seconds / 10)) + " s";
        }
        long minutes = seconds < 7_200 ? Math.round(seconds / 60) : 5 * Math.round(seconds / 300);
        return minutes < 60 ? minutes + " min" : minutes / 60 + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
    }

    /**
     * As short as an axis wants it: {@code 3.5e12}, {@code 20}, {@code 0.05}.
     *
     * @param value any number
     * @return at most four digits behind the point, one from 100 on; three digits that count where it has a power of ten
     */
    public static String axis(double value) {
        if (value != 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)) {
            String text = String.format(Locale.ROOT, "%.2e", value);
            int e = text.indexOf('e');
            return stripped(text.substring(0, e)) + "e" + Integer.parseInt(text.substring(e + 1));
        }
        return stripped(String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.1f" : "%.4f", value));
    }

    private static String stripped(String number) {
        return number.indexOf('.') < 0 ? number : number.replaceAll("0+$", "").replaceAll("\\.$", "");
    }
}
