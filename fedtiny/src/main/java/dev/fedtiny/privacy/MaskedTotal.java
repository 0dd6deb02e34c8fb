package dev.fedtiny.privacy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The sum of masked vectors, at the server: noise to whoever looks at it until the masks are taken off. 12 bytes a word and 4 a ballot,
 * whatever the number of devices. Not thread-safe.
 */
public final class MaskedTotal {
    private final SumLayout layout;
    private final long[] low;
    private final int[] high;
    private final int[] ballots;

    /**
     * Of nobody yet.
     *
     * @param layout of every vector
     */
    public MaskedTotal(SumLayout layout) {
        this.layout = layout;
        this.low = new long[layout.words()];
        this.high = new int[layout.words()];
        this.ballots = new int[layout.ballots()];
    }

    /**
     * Adds a device's vector.
     *
     * @param vector as long as the layout says
     */
    public void add(byte[] vector) {
        if (vector.length != layout.bytes()) {
            throw new IllegalArgumentException("a masked vector of " + vector.length + " bytes, expected " + layout.bytes());
        }
        ByteBuffer bytes = ByteBuffer.wrap(vector).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < low.length; i++) {
            long more = bytes.getLong();
            long sum = low[i] + more;
            high[i] += bytes.getInt() + (Long.compareUnsigned(sum, more) < 0 ? 1 : 0);
            low[i] = sum;
        }
        for (int i = 0; i < ballots.length; i++) {
            ballots[i] += layout.ballotBytes() == 1 ? bytes.get() : bytes.getShort();
        }
    }

    /** Takes a mask off: adds or subtracts its stream. */
    void apply(MaskStream mask) {
        for (int from = 0; from < low.length; from += MaskStream.PIECE) {
            mask.apply(low, high, from, Math.min(MaskStream.PIECE, low.length - from));
        }
        for (int from = 0; from < ballots.length; from += MaskStream.PIECE) {
            mask.apply(ballots, from, Math.min(MaskStream.PIECE, ballots.length - from), layout.ballotBytes());
        }
    }

    /**
     * A sum without masks, checked: a single wrong mask makes every word random.
     *
     * @param devices in the sum
     * @throws SumRefusedException if a word is out of the range of sums, or a place has more votes than there are devices
     */
    OpenedSum opened(int devices) {
        for (int i = 0; i < low.length; i++) {
            if (!(Math.abs(FixedPoint.value(low[i], high[i])) <= FixedPoint.LARGEST_SUM)) {
                throw new SumRefusedException("the sum has the word " + FixedPoint.value(low[i], high[i]) + " at place " + i
                        + ", expected at most " + FixedPoint.LARGEST_SUM + " in magnitude: masks do not cancel, or a device sent what no "
                        + "honest one sends");
            }
        }
        int most = layout.ballotBytes() == 1 ? 0xff : 0xffff;
        for (int i = 0; i < ballots.length; i++) {
            ballots[i] &= most;
            if (ballots[i] > devices) {
                throw new SumRefusedException("position " + i + " has " + ballots[i] + " votes of " + devices + " devices");
            }
        }
        return new OpenedSum(low, high, ballots);
    }
}
