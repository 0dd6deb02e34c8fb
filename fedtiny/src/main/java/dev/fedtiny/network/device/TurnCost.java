package dev.fedtiny.network.device;

import java.util.Locale;

/**
 * What a turn cost its device, as the device measured it.
 *
 * @param kind of the request
 * @param round as people count, 0 before the first
 * @param nanos wall time of the work, without the wait for the network
 * @param bytesDown of the request that were received, those that came twice included
 * @param bytesUp of the answer that were sent, those that were sent twice included
 * @param peakHeapBytes the most of the heap that was used so far, garbage included
 */
public record TurnCost(String kind, long round, long nanos, long bytesDown, long bytesUp, long peakHeapBytes) {
    /** For the server, in one header. */
    String header() {
        return "nanos=" + nanos + " down=" + bytesDown + " up=" + bytesUp + " heap=" + peakHeapBytes;
    }

    /** In words. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s%s: %.2f s of work, %.2f MB down, %.2f MB up, heap up to %.1f MiB", kind,
                round > 0 ? " of round " + round : "", nanos / 1e9, bytesDown / 1e6, bytesUp / 1e6, peakHeapBytes / 1048576.0);
    }
}
