package dev.fedtiny.privacy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One mask: the stream of AES-256 in counter mode under a key of its own, read from its beginning to its end and added to values or
 * subtracted. Words of values are taken modulo 2⁹⁶, those of ballots modulo 2⁸ or 2¹⁶. Not thread-safe.
 */
final class MaskStream {
    /** Words in a piece. */
    static final int PIECE = 1024;

    private static final byte[] ZEROS = new byte[PIECE * FixedPoint.WORD_BYTES];

    private final Cipher cipher;
    private final boolean added;
    private final byte[] bytes = new byte[ZEROS.length];
    private final ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

    /**
     * From the beginning.
     *
     * @param key 32 bytes, used for no other stream
     * @param added whether the mask is added; otherwise it is subtracted
     */
    MaskStream(byte[] key, boolean added) {
        this.added = added;
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES in counter mode", e);
        }
    }

    private void next(int count) {
        try {
            cipher.update(ZEROS, 0, count, bytes, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a stream cipher that does not go on", e);
        }
    }

    /** Masks so many words of 96 bits, at most {@link #PIECE}. */
    void apply(long[] low, int[] high, int from, int count) {
        next(count * FixedPoint.WORD_BYTES);
        for (int i = 0; i < count; i++) {
            long maskLow = view.getLong(FixedPoint.WORD_BYTES * i);
            int maskHigh = view.getInt(FixedPoint.WORD_BYTES * i + 8);
            long before = low[from + i];
            if (added) {
                low[from + i] = before + maskLow;
                high[from + i] += maskHigh + (Long.compareUnsigned(before + maskLow, before) < 0 ? 1 : 0);
            } else {
                low[from + i] = before - maskLow;
                high[from + i] -= maskHigh + (Long.compareUnsigned(before, maskLow) < 0 ? 1 : 0);
            }
        }
    }

    /** Masks so many ballots of 1 or 2 bytes, at most {@link #PIECE}; what is above their modulus stays in them. */
    void apply(int[] ballots, int from, int count, int bytesEach) {
        next(count * bytesEach);
        for (int i = 0; i < count; i++) {
            int mask = bytesEach == 1 ? bytes[i] & 0xff : view.getShort(2 * i) & 0xffff;
            ballots[from + i] += added ? mask : -mask;
        }
    }
}
