package dev.fedtiny.experiment;

import dev.fedtiny.engine.tensor.Layout;
import java.util.Locale;
import java.util.function.IntToLongFunction;

/** Says before anything is allocated that a batch cannot fit the heap of this process, and which one would. */
public final class HeapFit {
    /** Of the heap, the share that large arrays find room in for certain: the old generation of the serial collector. */
    static final double SURE_SHARE = 0.65;
    /** What gives this program a larger heap, for messages. */
    static final String LARGER = "FEDTINY_JAVA_OPTS=-Xmx8g";
    private static final double MIB = 1 << 20;

    private HeapFit() {
    }

    /**
     * Checks a batch against the heap limit.
     *
     * @param name of the option or setting, as it is written, for example {@code --batch}
     * @param batch that was asked for
     * @param bytes that a batch needs; may throw an {@link IllegalArgumentException} where no array is large enough
     * @throws IllegalArgumentException if it cannot fit, with the figures and a batch that would
     */
    public static void check(String name, int batch, IntToLongFunction bytes) {
        long limit = Runtime.getRuntime().maxMemory();
        String needed;
        try {
            long total = bytes.applyAsLong(batch);
            if (total <= limit) {
                return;
            }
            needed = "needs " + mebibytes(total) + " MiB, the heap may hold " + mebibytes(limit) + " MiB";
        } catch (IllegalArgumentException | ArithmeticException e) {
            needed = "needs arrays that Java does not have";
        }
        int fits = largest(batch, bytes, (long) (SURE_SHARE * limit));
        throw new IllegalArgumentException(name + " = " + batch + " " + needed + "; "
                + (fits > 0 ? name + " = " + fits + " would fit" : "no batch would fit") + ", and a larger heap may be given to Java: "
                + LARGER);
    }

    /** The largest batch below the given one that fits, a multiple of the lanes where it can be; 0 if none does. */
    private static int largest(int batch, IntToLongFunction bytes, long limit) {
        int fits = 0;
        int tooMany = batch;
        while (tooMany - fits > 1) {
            int middle = fits + (tooMany - fits) / 2;
            if (fits(middle, bytes, limit)) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return fits > Layout.LANES ? fits / Layout.LANES * Layout.LANES : fits;
    }

    private static boolean fits(int batch, IntToLongFunction bytes, long limit) {
        try {
            return bytes.applyAsLong(batch) <= limit;
        } catch (IllegalArgumentException | ArithmeticException e) {
            return false;
        }
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.0f", bytes / MIB);
    }
}
