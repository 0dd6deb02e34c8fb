package dev.fedtiny.privacy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A device's values under its masks, made piece by piece while they are sent: y = x + PRG(b_u) + Σ PRG(s_uv) over v above u
 * − Σ PRG(s_uv) over v below u, v its neighbours in the sum (Bonawitz et al., CCS 2017, section 4). Can be read once. Allocates a piece of
 * {@value MaskStream#PIECE} words a mask, whatever the length. Not thread-safe.
 */
public final class MaskedSummand {
    private final SumLayout layout;
    private final Summand.Reading values;
    private final List<MaskStream> masks;
    private final double[] doubles = new double[MaskStream.PIECE];
    private final long[] low = new long[MaskStream.PIECE];
    private final int[] high = new int[MaskStream.PIECE];
    private final int[] ballots = new int[MaskStream.PIECE];
    private int words;
    private int votes;

    MaskedSummand(Summand summand, SumLayout layout, List<MaskStream> masks) {
        this.layout = layout;
        this.values = summand.read();
        this.masks = masks;
    }

    /**
     * What it holds.
     *
     * @return words and ballots
     */
    public SumLayout layout() {
        return layout;
    }

    /**
     * The next piece.
     *
     * @return little-endian bytes; none when all were given
     */
    public byte[] next() {
        int count = Math.min(MaskStream.PIECE, layout.words() - words);
        if (count > 0) {
            return nextWords(count);
        }
        int left = Math.min(MaskStream.PIECE, layout.ballots() - votes);
        values.ballots(ballots, left);
        masks.forEach(mask -> mask.apply(ballots, 0, left, layout.ballotBytes()));
        ByteBuffer piece = ByteBuffer.allocate(left * layout.ballotBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < left; i++) {
            if (layout.ballotBytes() == 1) {
                piece.put((byte) ballots[i]);
            } else {
                piece.putShort((short) ballots[i]);
            }
        }
        votes += left;
        return piece.array();
    }

    private byte[] nextWords(int count) {
        values.words(doubles, count);
        for (int i = 0; i < count; i++) {
            long whole = FixedPoint.whole(doubles[i]);
            long fraction = FixedPoint.fraction(doubles[i], whole);
            low[i] = FixedPoint.low(whole, fraction);
            high[i] = FixedPoint.high(whole, fraction);
        }
        masks.forEach(mask -> mask.apply(low, high, 0, count));
        ByteBuffer piece = ByteBuffer.allocate(count * FixedPoint.WORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            piece.putLong(low[i]).putInt(high[i]);
        }
        words += count;
        return piece.array();
    }
}
