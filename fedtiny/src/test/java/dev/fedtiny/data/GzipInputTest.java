package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static dev.fedtiny.data.TestData.gzip;
import static dev.fedtiny.data.TestData.idxImages;
import static dev.fedtiny.data.TestData.idxLabels;
import static dev.fedtiny.data.TestData.records;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GzipInputTest {
    private static final byte[] EMPTY = gzip(new byte[0]);

    private static byte[] unpack(byte[] packed) throws IOException {
        try (InputStream in = new GzipInput(new ByteArrayInputStream(packed))) {
            return in.readAllBytes();
        }
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] times(byte[] part, int count) {
        byte[][] parts = new byte[count][];
        Arrays.fill(parts, part);
        return join(parts);
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(1).nextBytes(noise);
        return noise;
    }

    @Test
    void unpacksAnyNumberOfMembers() throws IOException {
        byte[] content = noise(200_000);
        assertArrayEquals(content, unpack(gzip(content)));
        assertArrayEquals(new byte[0], unpack(EMPTY));
        assertArrayEquals(join(content, records(2, 1, 10), content),
                unpack(join(gzip(content), EMPTY, gzip(records(2, 1, 10)), EMPTY, EMPTY, gzip(content))));
        assertEquals(7, unpack(join(times(EMPTY, 200_000), gzip(new byte[7]))).length, "a reader that recurses overflows its stack");
        assertEquals(70_000, unpack(times(gzip(new byte[1]), 70_000)).length);
    }

    @Test
    void readsInPiecesOfAnySize() throws IOException {
        byte[] content = noise(10_000);
        // A source that gives one byte at a time, and none every other time it is asked for many.
        InputStream slow = new InputStream() {
            private final byte[] packed = join(gzip(content), new byte[3], gzip(content));
            private int at;
            private boolean idle;

            @Override
            public int read() {
                return at < packed.length ? packed[at++] & 0xff : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                idle = !idle;
                int value = idle ? 0 : read();
                if (!idle && value >= 0) {
                    into[offset] = (byte) value;
                }
                return idle ? 0 : value < 0 ? -1 : 1;
            }
        };
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (InputStream in = new GzipInput(slow)) {
            for (int value = in.read(); value >= 0; value = in.read()) {
                out.write(value);
            }
            assertEquals(-1, in.read());
        }
        assertArrayEquals(join(content, content), out.toByteArray());
    }

    @Test
    void headersMayHoldEveryOptionalPart() throws IOException {
        byte[] plain = gzip(new byte[] {1, 2, 3});
        byte[] header = join(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3}, new byte[] {0, 2}, new byte[512],
                "a name\0".getBytes(), "a comment\0".getBytes());
        CRC32 crc = new CRC32();
        crc.update(header);
        byte[] sum = {(byte) crc.getValue(), (byte) (crc.getValue() >>> 8)};
        byte[] body = Arrays.copyOfRange(plain, 10, plain.length);
        assertArrayEquals(new byte[] {1, 2, 3}, unpack(join(header, sum, body)));
        sum[0] ^= 1;
        assertTrue(assertThrows(ZipException.class, () -> unpack(join(header, sum, body))).getMessage().contains("header"));
    }

    @Test
    void paddingIsNoDataAndAnythingElseIsRefused() throws IOException {
        byte[] packed = gzip(new byte[] {5});
        assertArrayEquals(new byte[] {5}, unpack(join(packed, new byte[1000])));
        assertArrayEquals(new byte[] {5, 5}, unpack(join(packed, new byte[512], packed)));
        for (byte[] rest : new byte[][] {"garbage".getBytes(), {0x1f, 0}, {0, 0, 1}}) {
            assertTrue(assertThrows(ZipException.class, () -> unpack(join(packed, rest))).getMessage().contains("follows"));
        }
    }

    @Test
    void everyCutAndEveryWrongSumIsSeen() throws IOException {
        byte[] packed = join(gzip(noise(300)), gzip(new byte[300]));
        int boundary = gzip(noise(300)).length;
        for (int length = 0; length < packed.length; length++) {
            byte[] cut = Arrays.copyOf(packed, length);
            if (length == boundary) {
                assertEquals(300, unpack(cut).length);
            } else {
                assertThrows(EOFException.class, () -> unpack(cut), "cut at " + length);
            }
        }
        for (int at : new int[] {boundary - 1, boundary - 5, packed.length - 1, packed.length - 8}) {
            byte[] wrong = packed.clone();
            wrong[at] ^= 4;
            assertThrows(ZipException.class, () -> unpack(wrong), "changed at " + at);
        }
        byte[] flags = packed.clone();
        flags[3] = (byte) 0x80;
        assertThrows(ZipException.class, () -> unpack(flags));
        assertThrows(ZipException.class, () -> unpack(new byte[] {'n', 'o', 't'}));
    }

    @Test
    void tellsGzipByItsFirstBytes() {
        assertTrue(GzipInput.isGzip(EMPTY));
        assertTrue(!GzipInput.isGzip(new byte[] {0x1f}) && !GzipInput.isGzip(new byte[] {0, 0, 8, 3}));
    }

    /** The instance: 50,000 empty members, before data and instead of them, in files of every kind that may be packed. */
    @Test
    void filesOfManyEmptyMembersAreReadOrRefused(@TempDir Path folder) throws IOException {
        byte[] bomb = times(EMPTY, 50_000);
        Files.write(folder.resolve("data_batch_1.bin.gz"), join(bomb, gzip(records(3, 1, 10)), bomb));
        Files.write(folder.resolve("test_batch.bin.gz"), gzip(records(1, 1, 10)));
        assertEquals(3, Datasets.open(folder).train().count());
        Files.write(folder.resolve("data_batch_1.bin.gz"), bomb);
        assertDataException(() -> Datasets.open(folder), "data_batch_1.bin.gz", "no records");

        Path idx = Files.createDirectory(folder.resolve("idx"));
        Files.write(idx.resolve("train-images-idx3-ubyte.gz"), join(bomb, gzip(idxImages(4))));
        Files.write(idx.resolve("train-labels-idx1-ubyte.gz"), join(gzip(idxLabels(4)), bomb));
        Files.write(idx.resolve("t10k-images-idx3-ubyte.gz"), gzip(idxImages(2)));
        Files.write(idx.resolve("t10k-labels-idx1-ubyte.gz"), gzip(idxLabels(2)));
        assertEquals(4, Datasets.open(idx).train().count());

        Path mat = Files.createDirectory(folder.resolve("mat"));
        Files.write(mat.resolve("train_32x32.mat.gz"), bomb);
        Files.write(mat.resolve("test_32x32.mat.gz"), bomb);
        assertDataException(() -> Datasets.open(mat), "train_32x32.mat.gz", "0 bytes");
        Path partition = Files.write(folder.resolve("split.json.gz"), bomb);
        assertDataException(() -> PartitionFile.read(partition), "split.json.gz");
    }
}
