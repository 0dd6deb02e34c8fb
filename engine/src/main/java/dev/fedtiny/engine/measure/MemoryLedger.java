package dev.fedtiny.engine.measure;

import dev.fedtiny.engine.internal.check.Given;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Bytes of arrays by category: what lives now, and the most that lived at once. Not thread-safe. Changing it allocates nothing.
 */
public final class MemoryLedger {
    private static final MemoryCategory[] CATEGORIES = MemoryCategory.values();

    private final long[] live = new long[CATEGORIES.length];
    private final long[] peak = new long[CATEGORIES.length];
    private long liveTotal;
    private long peakTotal;

    /** An empty account. */
    public MemoryLedger() {
    }

    /**
     * {@return what a category holds now}
     *
     * @param category what the arrays are for
     */
    public long live(MemoryCategory category) {
        Given.notNull(category, "ledger: category", "what the arrays are for");
        return live[category.ordinal()];
    }

    /**
     * {@return the most a category held}
     *
     * @param category what the arrays are for
     */
    public long peak(MemoryCategory category) {
        Given.notNull(category, "ledger: category", "what the arrays are for");
        return peak[category.ordinal()];
    }

    /** {@return what all categories hold now} */
    public long live() {
        return liveTotal;
    }

    /** {@return the most all categories held at once: at most the sum of their peaks} */
    public long peak() {
        return peakTotal;
    }

    /**
     * Arrays were allocated (positive) or let go of (negative).
     *
     * @param category what the arrays are for
     * @param bytes by which the category grows
     */
    public void add(MemoryCategory category, long bytes) {
        Given.notNull(category, "ledger: category", "what the arrays are for");
        int i = category.ordinal();
        if (live[i] + bytes < 0) {
            throw new IllegalArgumentException("ledger: " + category + " lets go of " + -bytes + " bytes, but holds only " + live[i]);
        }
        live[i] += bytes;
        liveTotal += bytes;
        peak[i] = Math.max(peak[i], live[i]);
        peakTotal = Math.max(peakTotal, liveTotal);
    }

    /**
     * A category holds just this now.
     *
     * @param category what the arrays are for
     * @param bytes that the category holds from now on
     */
    public void set(MemoryCategory category, long bytes) {
        Given.notNull(category, "ledger: category", "what the arrays are for");
        add(category, bytes - live(category));
    }

    /**
     * Categories hold just this now; others are left as they are. All change at once, as far as the peak is concerned.
     *
     * @param bytes by category, of those that change
     */
    public void set(Map<MemoryCategory, Long> bytes) {
        Given.notNull(bytes, "ledger: bytes", "bytes by category");
        bytes.forEach((category, _) -> {
            liveTotal -= live(category);
            live[category.ordinal()] = 0;
        });
        bytes.forEach(this::add);
    }

    /** What lives now becomes the peak. */
    public void resetPeak() {
        System.arraycopy(live, 0, peak, 0, live.length);
        peakTotal = liveTotal;
    }

    /** {@return what lives now, as a new map of all categories} */
    public Map<MemoryCategory, Long> liveByCategory() {
        return map(live);
    }

    /** {@return peaks, as a new map of all categories; they need not have been reached at the same time} */
    public Map<MemoryCategory, Long> peakByCategory() {
        return map(peak);
    }

    private static Map<MemoryCategory, Long> map(long[] bytes) {
        Map<MemoryCategory, Long> map = new EnumMap<>(MemoryCategory.class);
        Arrays.stream(CATEGORIES).forEach(category -> map.put(category, bytes[category.ordinal()]));
        return map;
    }
}
