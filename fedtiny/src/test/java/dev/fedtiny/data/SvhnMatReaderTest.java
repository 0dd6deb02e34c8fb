package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SvhnMatReaderTest {
    private static final int[] FIVE = {32, 32, 3, 5};

    @TempDir
    private Path directory;

    private final MatFiles mat = new MatFiles(ByteOrder.LITTLE_ENDIAN);

    private byte[] x(int... extents) {
        return mat.array("X", MatFiles.UINT8_CLASS, extents, MatFiles.UINT8, MatFiles.images(5));
    }

    private byte[] y(double... labels) {
        return mat.array("y", MatFiles.DOUBLE_CLASS, new int[] {labels.length, 1}, MatFiles.DOUBLE, mat.doubles(labels));
    }

    private Dataset read(byte[] bytes) throws IOException {
        Path file = directory.resolve("some.mat");
        // Anew: a file that is emptied and written again is written to the disk by ext4, which takes 6 ms.
        Files.deleteIfExists(file);
        return SvhnMatReader.read(DataFile.of(Files.write(file, bytes)));
    }

    private void assertRefused(byte[] bytes, String... parts) {
        assertDataException(() -> read(bytes), parts);
    }

    private static void assertImages(Dataset data, int... labels) {
        assertArrayEquals(labels, data.labels());
        byte[] image = new byte[3072];
        for (int n = 0; n < labels.length; n++) {
            data.copyPixels(n, image);
            for (int at = 0; at < 3072; at++) {
                assertEquals((byte) (7 * n + 5 * (at / 1024) + 3 * (at / 32 % 32) + at % 32), image[at]);
            }
        }
    }

    @Test
    void readsPackedArraysAmongOthersInAnyOrder() throws IOException {
        byte[] bytes = mat.packed(mat.array("comment", MatFiles.UINT8_CLASS, new int[] {1, 3}, MatFiles.UINT8, new byte[3]))
                .packed(mat.array("y", MatFiles.UINT8_CLASS, new int[] {5, 1}, MatFiles.UINT8, new byte[] {1, 10, 3, 9, 2}))
                .element(1, new byte[11]).packed(x(FIVE)).bytes();
        Dataset data = read(bytes);
        assertImages(data, 1, 0, 3, 9, 2);
        assertEquals(DatasetKind.SVHN, data.kind());
        assertEquals(Normalization.SVHN, data.normalization());
    }

    @Test
    void readsPlainArraysOfEitherByteOrder() throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            MatFiles file = new MatFiles(order);
            byte[] images = file.array("X", MatFiles.UINT8_CLASS, FIVE, MatFiles.UINT8, MatFiles.images(5));
            byte[] labels = file.array("y", MatFiles.DOUBLE_CLASS, new int[] {1, 5}, MatFiles.DOUBLE, file.doubles(10, 1, 2, 3, 4));
            assertImages(read(file.plain(images).plain(labels).bytes()), 0, 1, 2, 3, 4);
        }
    }

    @Test
    void foldersAreRecognisedByTheirNames() throws IOException {
        byte[] both = mat.packed(x(FIVE)).packed(y(1, 2, 3, 4, 10)).bytes();
        Files.write(directory.resolve("train_32x32.mat"), both);
        assertDataException(() -> Datasets.open(directory), "test_32x32.mat");
        Files.write(directory.resolve("test_32x32.mat"), both);
        assertInstanceOf(DataSource.SvhnMat.class, DataSource.find(directory, Cifar100Labels.FINE));
        TrainTest data = Datasets.open(directory);
        assertImages(data.train(), 1, 2, 3, 4, 0);
        assertImages(data.test(), 1, 2, 3, 4, 0);
    }

    @Test
    void headersOfOtherFilesAreRefused() {
        assertRefused(new byte[100], "100 bytes", "header of 128");
        assertRefused(new byte[200], "not a MATLAB 5");
        byte[] hdf = mat.bytes();
        hdf[124] = 0;
        hdf[125] = 2;
        assertRefused(hdf, "0x0200", "-v7");
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).bytes(), "no array 'y'");
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(y(1)).bytes(), "no array 'X'");
    }

    @Test
    void wrongSizesAndLabelsAreRefused() {
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(x(32, 32, 3, 6)).bytes(), "15360 bytes", "18432");
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(x(32, 30, 3, 5)).bytes(), "[32, 30, 3, 5]", "32×32×3×N");
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(x(32, 32, 3, Integer.MAX_VALUE)).bytes(), "2147483647",
                "at most 100000");
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(x(32, 32, 3, -1)).bytes(), "-1");
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(x(FIVE)).packed(y(1, 2, 3)).bytes(), "5 images", "3 labels");
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(x(FIVE)).packed(x(FIVE)).bytes(), "two arrays 'X'");
        for (double label : new double[] {0, 11, 1.5, Double.NaN}) {
            assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(y(1, label)).bytes(), "label 1", String.valueOf(label));
        }
        byte[] doubles = mat.array("X", MatFiles.DOUBLE_CLASS, new int[] {32, 32, 3}, MatFiles.DOUBLE, new byte[3072]);
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(doubles).bytes(), "type 9", "uint8");
    }

    @Test
    void cutOffFilesAreRefusedWhereverTheyEnd() {
        byte[] plain = new MatFiles(ByteOrder.LITTLE_ENDIAN).plain(y(1, 2, 3, 4, 5)).plain(x(FIVE)).bytes();
        byte[] packed = new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(y(1, 2, 3, 4, 5)).packed(x(FIVE)).bytes();
        for (byte[] whole : new byte[][] {plain, packed}) {
            for (int length = 0; length < whole.length; length += length < 400 ? 1 : 97) {
                byte[] part = Arrays.copyOf(whole, length);
                assertRefused(part, "some.mat");
            }
        }
    }

    @Test
    void damagedPackingIsRefused() {
        byte[] zlib = MatFiles.deflate(x(FIVE));
        Arrays.fill(zlib, 20, 60, (byte) 0x55);
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packedBytes(zlib).bytes(), "some.mat");
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packedBytes(new byte[] {1, 2, 3}).bytes(), "some.mat");
    }

    /** A packed array has a checksum behind its numbers. */
    @Test
    void numbersThatWereChangedAreRefused() throws IOException {
        for (byte[] array : new byte[][] {x(FIVE), y(1, 2, 3, 4, 5)}) {
            byte[] zlib = MatFiles.deflate(array);
            zlib[zlib.length - 1] ^= 1;
            byte[] file = new MatFiles(ByteOrder.LITTLE_ENDIAN).packedBytes(zlib).packed(y(1, 2, 3, 4, 5)).packed(x(FIVE)).bytes();
            assertRefused(file, "some.mat", "not valid zlib data", "incorrect data check");
            byte[] longer = Arrays.copyOf(array, array.length + 8);
            assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(longer).bytes(), "goes on after its numbers");
        }
    }

    /** SciPy writes whole numbers of NumPy with 64 bits. */
    @Test
    void labelsMayHaveAnyNumericType() throws IOException {
        int[] bytes = {0, 1, 1, 2, 2, 4, 4, 0, 0, 0, 0, 0, 8, 8};
        for (int type = 1; type < bytes.length; type++) {
            if (bytes[type] > 0) {
                ByteBuffer data = ByteBuffer.allocate(5 * bytes[type]).order(ByteOrder.LITTLE_ENDIAN);
                for (int label : new int[] {10, 9, 1, 5, 3}) {
                    data.put(data.position(), (byte) label).position(data.position() + bytes[type]);
                }
                byte[] y = mat.array("y", 14, new int[] {1, 5}, type, data.array());
                assertImages(read(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(x(FIVE)).packed(y).bytes()), 0, 9, 1, 5, 3);
                data.put(data.capacity() - 1, (byte) -1);
                byte[] wrong = mat.array("y", 14, new int[] {1, 5}, type, data.array());
                assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(wrong).bytes(), "label 4 is " + (type % 2 == 0 ^ type > 11
                        ? "" : "-"));
            }
        }
    }

    /** Much in little: as an unknown array it is not unpacked, as labels it is refused by its declared size. */
    @Test
    void bombsAreNotUnpacked() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(bomb)) {
            byte[] head = mat.array("bomb", MatFiles.UINT8_CLASS, new int[] {1 << 30, 1}, MatFiles.UINT8, new byte[0], 1 << 30);
            deflater.write(head);
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                deflater.write(zeros);
            }
        }
        byte[] file = mat.packedBytes(bomb.toByteArray()).packed(x(FIVE)).packed(y(1, 2, 3, 4, 5)).bytes();
        assertTrue(file.length < 1 << 20);
        assertImages(read(file), 1, 2, 3, 4, 5);
        byte[] labels = mat.array("y", MatFiles.UINT8_CLASS, new int[] {1 << 30, 1}, MatFiles.UINT8, new byte[0], 1 << 30);
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(labels).bytes(), "1073741824", "100000");
        byte[] name = mat.array("y", MatFiles.UINT8_CLASS, new int[1 << 10], MatFiles.UINT8, new byte[0]);
        assertRefused(new MatFiles(ByteOrder.LITTLE_ENDIAN).packed(name).bytes(), "extents", "at most 1024");
    }
}
