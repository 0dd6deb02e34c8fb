package dev.fedtiny.federation.process;

import java.util.OptionalLong;

/**
 * What is known of a device's process.
 *
 * @param device its number
 * @param processId of the process it has now or had last; −1 when none ever joined
 * @param heapBytes the heap limit in force in it, as it said itself
 * @param peakResidentBytes the most memory it had resident at once, as Linux counts it, mapped images included; empty where unknown
 * @param peakHeapBytes the most its heap was used, garbage included, as it said itself; empty where it was not metered
 * @param starts how many processes it has had
 */
public record DeviceFigures(int device, long processId, long heapBytes, OptionalLong peakResidentBytes, OptionalLong peakHeapBytes,
        int starts) {
}
