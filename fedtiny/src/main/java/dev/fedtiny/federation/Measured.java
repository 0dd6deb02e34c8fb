package dev.fedtiny.federation;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MeterReading;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What devices' work really took.
 *
 * @param reading all devices together; messages are operators called by their kind, with {@code server} before it where the server made
 *     or took them
 * @param peakBytes the most that lived at once on the bench that needed most
 * @param peaks the same by category, which need not have been reached at the same time
 */
public record Measured(MeterReading reading, long peakBytes, Map<MemoryCategory, Long> peaks) {
    /** Nothing. */
    public static final Measured NONE = new Measured(MeterReading.NONE, 0, Map.of());

    /** Keeps its own copy. */
    public Measured {
        EnumMap<MemoryCategory, Long> copy = new EnumMap<>(MemoryCategory.class);
        copy.putAll(peaks);
        peaks = Collections.unmodifiableMap(copy);
    }

    /** Both together: sums of the work, the larger of the peaks. */
    public Measured plus(Measured other) {
        EnumMap<MemoryCategory, Long> largest = new EnumMap<>(MemoryCategory.class);
        largest.putAll(peaks);
        other.peaks.forEach((category, bytes) -> largest.merge(category, bytes, Math::max));
        return new Measured(reading.plus(other.reading), Math.max(peakBytes, other.peakBytes), largest);
    }
}
