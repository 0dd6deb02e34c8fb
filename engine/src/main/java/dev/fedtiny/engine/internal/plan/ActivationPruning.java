package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.runtime.Workers;
import java.util.Arrays;

/**
 * Cuts what the weight gradients of a convolution see of its input to the largest values: of every channel of an image group the
 * ⌈share · non-zero values⌉ largest by magnitude stay, with those equal to the last one, the others become 0. A channel of a group is
 * treated by itself, so results do not depend on threads. Bits of non-negative floats order as the floats do: the magnitude at the wanted
 * rank is found by counting, eleven, ten and ten bits at a time. Allocates nothing after construction.
 */
public final class ActivationPruning {
    private static final int HIGH = 20;
    private static final int MIDDLE = 10;
    private static final int LOW_MASK = (1 << MIDDLE) - 1;

    private final double share;
    private final Workers workers;
    private final int[][] counts;

    public ActivationPruning(double share, Workers workers) {
        this.share = share;
        this.workers = workers;
        this.counts = new int[workers.count()][1 << 31 - HIGH];
    }

    /** Thins channels {@code [from, to)} of the input value of a group, which lies in scratch; called by a worker. */
    void run(float[] scratch, int base, Placement placement, int from, int to) {
        for (int channel = from; channel < to; channel++) {
            thin(scratch, base + channel * placement.channel(), placement.channel(), share, counts[workers.current()]);
        }
    }

    /** Bytes of the counts. */
    public long bytes() {
        return 4L * counts.length * counts[0].length;
    }

    /** Thins one piece; {@code counts} has 2,048 places. */
    static void thin(float[] data, int from, int floats, double share, int[] counts) {
        int end = from + floats;
        int nonZero = 0;
        for (int i = from; i < end; i++) {
            nonZero += data[i] != 0 ? 1 : 0;
        }
        int keep = (int) Math.ceil(share * nonZero);
        if (keep >= nonZero) {
            return;
        }
        int prefix = 0;
        int rank = keep;
        for (int shift = HIGH; shift >= 0; shift -= MIDDLE) {
            Arrays.fill(counts, 0);
            int mask = shift == HIGH ? counts.length - 1 : LOW_MASK;
            int upper = shift == HIGH ? 0 : -1 << shift + MIDDLE;
            for (int i = from; i < end; i++) {
                int bits = Float.floatToRawIntBits(data[i]) & Integer.MAX_VALUE;
                if ((bits & upper) == prefix) {
                    counts[bits >>> shift & mask]++;
                }
            }
            int bucket = mask;
            while (counts[bucket] < rank) {
                rank -= counts[bucket--];
            }
            prefix |= bucket << shift;
        }
        for (int i = from; i < end; i++) {
            if ((Float.floatToRawIntBits(data[i]) & Integer.MAX_VALUE) < prefix) {
                data[i] = 0;
            }
        }
    }
}
