package dev.fedtiny.protocol;

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
 * @param peakBytes the most that lived at once in the session cache that needed most
 * @param peaks the same by category, which need not have been reached at the same time
 * @param phases by phase of a round, what lived at the moment when most did, in the session cache that needed most then; phases that were
 * not
 *     reached are left out
 */
public record Measured(MeterReading reading, long peakBytes, Map<MemoryCategory, Long> peaks,
        Map<RoundPhase, Map<MemoryCategory, Long>> phases) {
    /** Nothing. */
    public static final Measured NONE = new Measured(MeterReading.NONE, 0, Map.of(), Map.of());

    /** Keeps its own copy. */
    public Measured {
        EnumMap<MemoryCategory, Long> copy = new EnumMap<>(MemoryCategory.class);
        copy.putAll(peaks);
        peaks = Collections.unmodifiableMap(copy);
        EnumMap<RoundPhase, Map<MemoryCategory, Long>> copies = new EnumMap<>(RoundPhase.class);
        phases.forEach((phase, bytes) -> copies.put(phase, Collections.unmodifiableMap(new EnumMap<>(bytes))));
        phases = Collections.unmodifiableMap(copies);
    }

    /**
     * Both together: sums of the work, the larger of the peaks.
     *
     * @param other what else was measured
     * @return the sum
     */
    public Measured plus(Measured other) {
        EnumMap<MemoryCategory, Long> largest = new EnumMap<>(MemoryCategory.class);
        largest.putAll(peaks);
        other.peaks.forEach((category, bytes) -> largest.merge(category, bytes, Math::max));
        EnumMap<RoundPhase, Map<MemoryCategory, Long>> maxima = new EnumMap<>(RoundPhase.class);
        maxima.putAll(phases);
        other.phases.forEach((phase, bytes) -> maxima.merge(phase, bytes, Measured::larger));
        return new Measured(reading.plus(other.reading), Math.max(peakBytes, other.peakBytes), largest, maxima);
    }

    private static Map<MemoryCategory, Long> larger(Map<MemoryCategory, Long> one, Map<MemoryCategory, Long> other) {
        return sum(other) > sum(one) ? other : one;
    }

    private static long sum(Map<MemoryCategory, Long> bytes) {
        return bytes.values().stream().mapToLong(b -> b).sum();
    }
}
