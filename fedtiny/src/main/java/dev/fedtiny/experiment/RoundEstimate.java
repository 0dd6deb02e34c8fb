package dev.fedtiny.experiment;

import dev.fedtiny.protocol.Traffic;

/**
 * What a round will cost if every device asked reports, or as many as are waited for.
 *
 * @param round r, from 0 on, as schedules count; everything that is shown or written has {@link #number()}
 * @param devices how many are asked
 * @param reporters how many of them are heard: fewer with over-selection; the others get their request and send nothing
 * @param adjusts whether the mask is adjusted
 * @param flops exact FLOPs of all devices together
 * @param maxDeviceFlops of the device that has most to do
 * @param traffic frames to and from all devices together; those from devices are the most they can be where devices send gradients,
 *        positions or masks that only training decides, and exact elsewhere
 * @param masksSent devices that get the mask with their weights
 * @param bufferBytes what a device holds beside its session: the largest gradients at pruned positions, or PruneFL's dense sums, and
 *        with secure sums what {@link dev.fedtiny.protocol.LocalTask#summedBytes} says
 */
public record RoundEstimate(int round, int devices, int reporters, boolean adjusts, long flops, long maxDeviceFlops, Traffic traffic,
        int masksSent, long bufferBytes) {
    /** {@return the round as people count, from 1 on: r + 1} */
    public int number() {
        return round + 1;
    }

    /** {@return how many bytes the frames to all devices have together} */
    public long bytesDown() {
        return traffic.bytesDown();
    }

    /** {@return how many bytes the frames from all devices have together} */
    public long bytesUp() {
        return traffic.bytesUp();
    }
}
