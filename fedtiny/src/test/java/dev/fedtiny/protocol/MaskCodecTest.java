package dev.fedtiny.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaskCodecTest {
    private static byte[] encode(Mask mask) {
        FrameWriter writer = new FrameWriter(MessageKind.RESTORE, 0, 0, MaskCodec.encodedBytes(mask));
        MaskCodec.write(writer, mask);
        return writer.finish();
    }

    private static Mask decode(byte[] frame, int size) {
        PayloadReader reader = new PayloadReader(Frame.decode(frame).payload(), "mask");
        Mask mask = MaskCodec.read(reader, size);
        reader.end();
        return mask;
    }

    private static Mask random(int size, double density, long seed) {
        RandomStream random = RandomStream.of(seed, "mask-test", size);
        return Mask.of(size, IntStream.range(0, size).filter(i -> random.nextDouble() < density).toArray());
    }

    @Test
    void everyMaskComesBackAndIsAsLongAsTheFormulaSays() {
        for (int size : new int[] {1, 2, 7, 8, 9, 63, 64, 65, 1000, 4097}) {
            for (double density : new double[] {0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.9, 1}) {
                Mask mask = random(size, density, 3);
                byte[] frame = encode(mask);
                assertEquals(mask, decode(frame, size), size + " at " + density);
                assertEquals(MaskCodec.encodedBytes(mask), frame.length - Frame.OVERHEAD_BYTES);
            }
        }
    }

    @Test
    void aCodeByHandHasTheSizeOfTheDocumentedSum() {
        // Gaps 3, 0, 12 cost least with b = 2: (0+1+2) + (0+1+2) + (3+1+2) = 12 bits; b = 3: 4 + 4 + 5 = 13 bits.
        Mask mask = Mask.of(200, new int[] {3, 4, 17});
        assertEquals(1 + 5 + 2, MaskCodec.encodedBytes(mask));
        assertEquals(1, MaskCodec.encodedBytes(Mask.full(200)));
        // Every other position: gaps of 0 or 1 need at least 500 · 2 bits, the bitmap 125 bytes.
        assertEquals(1 + 125, MaskCodec.encodedBytes(Mask.of(1000, IntStream.range(0, 500).map(i -> 2 * i).toArray())));
    }

    @Test
    void sparseMasksTakeAboutOneByteAPosition() {
        Mask mask = random(400_000, 0.01, 5);
        assertTrue(MaskCodec.encodedBytes(mask) < 1.06 * mask.count(), MaskCodec.encodedBytes(mask) + " for " + mask.count());
    }

    @Test
    void whatIsNoMaskOfTheSizeIsRefused() {
        byte[] gaps = encode(Mask.of(200, new int[] {3, 4, 199}));
        assertThrows(ProtocolException.class, () -> decode(gaps, 199));
        byte[] bitmap = encode(Mask.of(15, new int[] {1, 3, 5, 7, 9, 11, 13, 14}));
        assertThrows(ProtocolException.class, () -> decode(bitmap, 14));
        assertEquals(8, decode(bitmap, 15).count());
    }

    @Test
    void aFalseCountIsFoundBeforeItsArrayIsMade() {
        FrameWriter writer = new FrameWriter(MessageKind.RESTORE, 0, 0, 7);
        writer.int8(3).int32(Integer.MAX_VALUE - 1).int8(0).int8(0);
        ProtocolException e = assertThrows(ProtocolException.class, () -> decode(writer.finish(), Integer.MAX_VALUE));
        assertEquals(ProtocolException.Fault.LENGTH, e.fault());
    }

    @Test
    void endlessOnesLeaveTheTensor() {
        byte[] ones = new byte[40];
        Arrays.fill(ones, (byte) 0xff);
        FrameWriter writer = new FrameWriter(MessageKind.RESTORE, 0, 0, 6 + ones.length);
        writer.int8(3).int32(2).int8(30).bytes(ones);
        assertThrows(ProtocolException.class, () -> decode(writer.finish(), 100));
    }
}
