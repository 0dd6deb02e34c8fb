package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static dev.fedtiny.data.TestData.gzip;
import static dev.fedtiny.data.TestData.idxImages;
import static dev.fedtiny.data.TestData.idxLabels;
import static dev.fedtiny.data.TestData.records;
import static dev.fedtiny.data.TestData.write;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadInputTest {
    private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";

    @TempDir
    private Path directory;

    private void assertRefused(String... parts) {
        assertDataException(() -> Datasets.open(directory), parts);
    }

    private void cifar10(byte[] batch) throws IOException {
        write(directory, "data_batch_1.bin", batch);
        write(directory, "test_batch.bin", records(2, 1, 10));
    }

    @Test
    void missingDirectoriesAndFiles() throws IOException {
        assertDataException(() -> Datasets.open(directory.resolve("none")), "none", "does not exist", "data_batch_1.bin");
        Path file = write(directory, "README.md", new byte[3]);
        assertDataException(() -> Datasets.open(file), "is not a directory");
        assertRefused("no known data set", "test_batch.bin", "train.bin", TRAIN_IMAGES);
        write(directory, "test_batch.bin", records(1, 1, 10));
        assertRefused("data_batch_1.bin.gz", "test_batch.bin");
        Files.delete(directory.resolve("test_batch.bin"));
        write(directory, "data_batch_1.bin", records(1, 1, 10));
        assertRefused("test_batch.bin.gz");
        write(directory, "test_batch.bin", records(1, 1, 10));
        write(directory, "data_batch_3.bin", records(1, 1, 10));
        assertRefused("data_batch_2.bin");
    }

    @Test
    void incompletePairsAndQuadruples() throws IOException {
        write(directory, "test.bin", records(1, 1, 10));
        assertRefused("train.bin.gz");
        Files.delete(directory.resolve("test.bin"));
        TestData.writeIdx(directory, 2, 2);
        Files.delete(directory.resolve(TRAIN_LABELS));
        assertRefused(TRAIN_LABELS + ".gz", "t10k-images-idx3-ubyte");
    }

    @Test
    void severalSetsInOneDirectory() throws IOException {
        TestData.writeIdx(directory, 2, 2);
        cifar10(records(1, 1, 10));
        assertRefused("several data sets");
    }

    @Test
    void missingFilesOfANamedSource() {
        Path none = directory.resolve("none.bin");
        assertDataException(() -> new DataSource.Svhn(none, none).read(), "none.bin", "no such file");
        assertDataException(() -> new DataSource.Svhn(directory, directory).read(), directory.toString(), "cannot be read");
    }

    @Test
    void damagedRecords() throws IOException {
        cifar10(Arrays.copyOf(records(3, 1, 10), 2 * 3073 + 1000));
        assertRefused("data_batch_1.bin", "record 2", "1000 bytes", "3073");
        cifar10(Arrays.copyOf(records(3, 1, 10), 2 * 3073 + 1));
        assertRefused("record 2", "has 1 bytes");
        cifar10(new byte[0]);
        assertRefused("data_batch_1.bin", "no records");
        byte[] badLabel = records(3, 1, 10);
        badLabel[3073] = (byte) 200;
        cifar10(badLabel);
        assertRefused("record 1", "is 200", "0 to 9");
    }

    @Test
    void damagedPairs() throws IOException {
        write(directory, "test.bin", records(2, 1, 20, 100));
        write(directory, "train.bin", new byte[0]);
        assertRefused("train.bin", "is empty");
        write(directory, "train.bin", new byte[5000]);
        assertRefused("train.bin", "5000 bytes", "3073", "3074");
        write(directory, "train.bin", new byte[3073 * 3074]);
        assertRefused("train.bin", "either");
        byte[] badCoarse = records(3, 1, 20, 100);
        badCoarse[2 * 3074] = 20;
        write(directory, "train.bin", badCoarse);
        assertRefused("record 2", "label byte 0", "is 20", "0 to 19");
        byte[] badFine = records(3, 1, 20, 100);
        badFine[2 * 3074 + 1] = 100;
        write(directory, "train.bin", badFine);
        assertRefused("label byte 1", "is 100", "0 to 99");
        // The test part has another form than the training part.
        write(directory, "train.bin", records(3, 1, 10));
        assertRefused("test.bin");
    }

    @Test
    void wrongClassNames() throws IOException {
        write(directory, "train.bin", records(2, 1, 20, 100));
        write(directory, "test.bin", records(2, 1, 20, 100));
        write(directory, "fine_label_names.txt", "apple\nbaby\n".getBytes());
        assertRefused("fine_label_names.txt", "2 class names", "100");
        write(directory, "fine_label_names.txt", new byte[] {(byte) 0xff, (byte) 0xfe});
        assertRefused("not UTF-8");
        write(directory, "fine_label_names.txt", new byte[70_000]);
        assertRefused("65536 bytes");
    }

    @Test
    void damagedGzip() throws IOException {
        write(directory, "test_batch.bin", records(2, 1, 10));
        byte[] packed = gzip(records(3, 1, 10));
        Path file = directory.resolve("data_batch_1.bin.gz");
        for (int length : new int[] {0, 5, 12, packed.length / 2, packed.length - 3}) {
            Files.write(file, Arrays.copyOf(packed, length));
            assertRefused("data_batch_1.bin.gz", "end early");
        }
        Files.write(file, records(1, 1, 10));
        assertRefused("data_batch_1.bin.gz", "not valid gzip");
        packed[packed.length - 6] ^= 1;
        Files.write(file, packed);
        assertRefused("data_batch_1.bin.gz", "not valid gzip");
    }

    @Test
    void damagedIdx() throws IOException {
        TestData.writeIdx(directory, 4, 2);
        Files.delete(directory.resolve(TRAIN_IMAGES + ".gz"));
        write(directory, TRAIN_IMAGES, idxImages(0x801, 4, 28, 28, 4 * 784));
        assertRefused(TRAIN_IMAGES, "0x00000801", "0x00000803");
        write(directory, TRAIN_IMAGES, idxImages(0x803, 4, 28, 29, 4 * 28 * 29));
        assertRefused("28×29", "28×28");
        write(directory, TRAIN_IMAGES, idxImages(5));
        assertRefused("5 images", "4 labels");
        write(directory, TRAIN_IMAGES, idxImages(0x803, 4, 28, 28, 3 * 784 + 10));
        assertRefused("image 3", "10 bytes", "784");
        write(directory, TRAIN_IMAGES, idxImages(0x803, 4, 28, 28, 4 * 784 + 1));
        assertRefused("goes on after the 4 images");
        write(directory, TRAIN_IMAGES, new byte[15]);
        assertRefused("15 bytes", "header of 16");
        write(directory, TRAIN_IMAGES, idxImages(0x803, -1, 28, 28, 784));
        assertRefused("4294967295 images");

        write(directory, TRAIN_IMAGES, idxImages(4));
        write(directory, TRAIN_LABELS, idxLabels(0x803, 4, 4));
        assertRefused(TRAIN_LABELS, "0x00000803", "0x00000801");
        write(directory, TRAIN_LABELS, idxLabels(0x801, 4, 3));
        assertRefused("3 labels", "says 4");
        write(directory, TRAIN_LABELS, idxLabels(0x801, 4, 5));
        assertRefused("goes on after the 4 labels");
        write(directory, TRAIN_LABELS, idxLabels(0));
        assertRefused("says 0 labels");
        write(directory, TRAIN_LABELS, idxLabels(0x801, Integer.MAX_VALUE, 3));
        assertRefused("2147483647 labels", "100000");
        byte[] badLabel = idxLabels(4);
        badLabel[10] = 10;
        write(directory, TRAIN_LABELS, badLabel);
        assertRefused("label 2 is 10", "0 to 9");
    }

    @Test
    void gzipBombs() throws IOException {
        write(directory, "test.bin", records(2, 1, 10));
        Path bomb = directory.resolve("train.bin.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb))) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) {
                out.write(zeros);
            }
        }
        assertRefused("train.bin.gz", "more than 307400000 bytes");
    }

    @Test
    void collectorStopsAtItsMaximum() {
        ImageCollector collector = new ImageCollector();
        byte[] shared = new byte[1];
        for (int i = 0; i < ImageCollector.MAXIMUM_IMAGES; i++) {
            collector.add(shared, i % 256);
        }
        assertDataException(() -> collector.allocate("file.bin", 1), "file.bin", "100000 images");
    }

    @Test
    void aFullHeapIsReportedAndFreed() {
        ImageCollector collector = new ImageCollector();
        collector.add(collector.allocate("train.bin", 3072), 1);
        // No Java heap has room for an array of this length.
        assertDataException(() -> collector.allocate("train.bin", Integer.MAX_VALUE), "train.bin", "after 1 images", "-Xmx");
        assertEquals(0, collector.count());
    }
}
