package dev.fedtiny.federation.process;

import java.util.OptionalLong;

/**
 * What is known of a process of a pool.
 *
 * @param number its place in the pool, from 0; those of a pool of P have 0 to P − 1, and who stood in for one that hung a higher one
 * @param processId of the process there is now or was last; −1 when none ever joined
 * @param heapBytes the heap limit in force in it, as it said itself
 * @param peakResidentBytes the most memory it had resident at once, as Linux counts it, whichever device it worked for; empty where unknown
 * @param starts how many processes there have been in this place
 */
public record PooledProcess(int number, long processId, long heapBytes, OptionalLong peakResidentBytes, int starts) {
}
