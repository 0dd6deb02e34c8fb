package dev.fedtiny.protocol;

import dev.fedtiny.engine.sparse.Mask;

/**
 * The binary form of a mask of n positions, m of them active: one byte that names the form, then
 * <ul>
 * <li>full (1): nothing; chosen when m = n;</li>
 * <li>bitmap (2): ⌈n / 8⌉ bytes, position i in bit i mod 8 of byte ⌊i / 8⌋;</li>
 * <li>gaps (3): m (4 bytes), b (1 byte), then ⌈bits / 8⌉ bytes of Rice code. The gap g_i is the number of pruned positions between active
 * position i − 1 and active position i; it is written as ⌊g_i / 2^b⌋ one bits, a zero bit, and the b low bits of g_i, lowest bit first,
 * so bits = Σ (⌊g_i / 2^b⌋ + 1 + b). b is the smallest one, of 0 to 30, for which that sum is smallest.</li>
 * </ul>
 * The size is therefore exactly 1 for a full mask and 1 + min(⌈n / 8⌉, 5 + ⌈min_b Σ (⌊g_i / 2^b⌋ + 1 + b) / 8⌉) bytes otherwise, the
 * bitmap on ties. At a density of 0.01 that is about one byte an active position.
 */
public final class MaskCodec {
    private static final int FULL = 1;
    private static final int BITMAP = 2;
    private static final int GAPS = 3;
    private static final int MAXIMUM_SHIFT = 30;

    private MaskCodec() {
    }

    /**
     * How many bytes {@link #write} produces for a mask. Cost: O(31·m); allocates 250 bytes.
     *
     * @param mask of any size
     * @return bytes, form byte included
     */
    public static long encodedBytes(Mask mask) {
        if (mask.isFull()) {
            return 1;
        }
        return 1 + Math.min(bitmapBytes(mask.size()), gapBytes(smallest(gapBits(mask))));
    }

    private static long bitmapBytes(int size) {
        return (size + 7L) / 8;
    }

    private static long gapBytes(long bits) {
        return 5 + (bits + 7) / 8;
    }

    /** The size of the code in bits, for every b. */
    private static long[] gapBits(Mask mask) {
        long[] bits = new long[MAXIMUM_SHIFT + 1];
        int previous = -1;
        for (int i = 0; i < mask.count(); i++) {
            int gap = mask.index(i) - previous - 1;
            previous = mask.index(i);
            for (int shift = 0; shift <= MAXIMUM_SHIFT; shift++) {
                bits[shift] += (gap >>> shift) + 1 + shift;
            }
        }
        return bits;
    }

    private static long smallest(long[] bits) {
        return bits[smallestAt(bits)];
    }

    private static int smallestAt(long[] bits) {
        int best = 0;
        for (int shift = 1; shift < bits.length; shift++) {
            if (bits[shift] < bits[best]) {
                best = shift;
            }
        }
        return best;
    }

    /** Appends a mask. */
    static void write(PayloadWriter writer, Mask mask) {
        if (mask.isFull()) {
            writer.int8(FULL);
            return;
        }
        long[] bits = gapBits(mask);
        int shift = smallestAt(bits);
        if (bitmapBytes(mask.size()) <= gapBytes(bits[shift])) {
            byte[] bitmap = new byte[(int) bitmapBytes(mask.size())];
            for (int i = 0; i < mask.count(); i++) {
                set(bitmap, mask.index(i));
            }
            writer.int8(BITMAP).bytes(bitmap);
            return;
        }
        byte[] code = new byte[(int) ((bits[shift] + 7) / 8)];
        long at = 0;
        int previous = -1;
        for (int i = 0; i < mask.count(); i++) {
            int gap = mask.index(i) - previous - 1;
            previous = mask.index(i);
            for (int ones = gap >>> shift; ones > 0; ones--) {
                set(code, at++);
            }
            at++;
            for (int bit = 0; bit < shift; bit++, at++) {
                if ((gap >>> bit & 1) != 0) {
                    set(code, at);
                }
            }
        }
        writer.int8(GAPS).int32(mask.count()).int8(shift).bytes(code);
    }

    private static void set(byte[] bits, long at) {
        bits[(int) (at >>> 3)] |= (byte) (1 << (at & 7));
    }

    /**
     * Reads a mask of a tensor of {@code size} positions. Allocates at most 4 bytes a bit that is really there.
     *
     * @throws ProtocolException if it is no mask of that size
     */
    static Mask read(PayloadReader reader, int size) {
        int form = reader.int8();
        return switch (form) {
            case FULL -> Mask.full(size);
            case BITMAP -> readBitmap(reader, size);
            case GAPS -> readGaps(reader, size);
            default -> throw reader.content("mask form is " + form + ", expected 1 (full), 2 (bitmap) or 3 (gaps)");
        };
    }

    private static Mask readBitmap(PayloadReader reader, int size) {
        byte[] bitmap = reader.bytes((int) bitmapBytes(size));
        int count = 0;
        for (byte b : bitmap) {
            count += Integer.bitCount(b & 0xff);
        }
        if (size % 8 != 0 && (bitmap[bitmap.length - 1] & 0xff) >>> size % 8 != 0) {
            throw reader.content("mask bitmap keeps positions past the last of " + size);
        }
        int[] active = new int[count];
        int to = 0;
        for (int i = 0; to < count; i++) {
            if ((bitmap[i >>> 3] >>> (i & 7) & 1) != 0) {
                active[to++] = i;
            }
        }
        return Mask.of(size, active);
    }

    private static Mask readGaps(PayloadReader reader, int size) {
        int count = reader.int32In("active positions of a mask", 0, size);
        int shift = reader.int8();
        if (shift > MAXIMUM_SHIFT) {
            throw reader.content("mask gap code has " + shift + " low bits, expected at most " + MAXIMUM_SHIFT);
        }
        // Every position takes at least one bit and the low bits, so a false count is found before the array is made.
        reader.require(((long) count * (shift + 1) + 7) / 8);
        int[] active = new int[count];
        BitSource bits = new BitSource(reader);
        long previous = -1;
        for (int i = 0; i < count; i++) {
            long high = 0;
            while (bits.next() != 0) {
                if (++high << shift > size) {
                    throw reader.content("mask gap code leaves the tensor of " + size + " positions");
                }
            }
            long low = 0;
            for (int bit = 0; bit < shift; bit++) {
                low |= (long) bits.next() << bit;
            }
            long index = previous + 1 + (high << shift) + low;
            if (index >= size) {
                throw reader.content("mask keeps position " + index + ", expected less than " + size);
            }
            active[i] = (int) index;
            previous = index;
        }
        if (bits.rest() != 0) {
            throw reader.content("mask gap code has bits set after its end");
        }
        return Mask.of(size, active);
    }

    /** Bits of the payload, lowest of a byte first. */
    private static final class BitSource {
        private final PayloadReader reader;
        private int current;
        private int left;

        private BitSource(PayloadReader reader) {
            this.reader = reader;
        }

        private int next() {
            if (left == 0) {
                current = reader.int8();
                left = 8;
            }
            int bit = current & 1;
            current >>>= 1;
            left--;
            return bit;
        }

        /** What is left of the byte begun. */
        private int rest() {
            return left == 0 ? 0 : current;
        }
    }
}
