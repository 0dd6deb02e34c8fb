package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.records;
import static dev.fedtiny.data.TestData.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {
    @TempDir
    private Path directory;

    @Test
    void demoIsBalancedAndPadded() {
        TrainTest demo = Datasets.demo();
        assertEquals(DatasetKind.FASHION_MNIST, demo.train().kind());
        assertEquals("Ankle boot", demo.train().classNames().get(9));
        assertArrayEquals(filled(10, 500), demo.train().classCounts());
        assertArrayEquals(filled(10, 100), demo.test().classCounts());
        assertEquals("Fashion-MNIST, 5000 images 1×32×32, 10 classes", demo.train().toString());
        double sum = 0;
        double squares = 0;
        Set<String> distinct = new HashSet<>();
        byte[] image = new byte[1024];
        for (int i = 0; i < demo.train().count(); i++) {
            demo.train().copyPixels(i, image);
            distinct.add(Arrays.toString(image));
            for (int at = 0; at < 1024; at++) {
                int row = at / 32;
                int column = at % 32;
                double value = (image[at] & 0xff) / 255.0;
                if (row < 2 || row >= 30 || column < 2 || column >= 30) {
                    assertEquals(0, image[at]);
                }
                sum += value;
                squares += value * value;
            }
        }
        // The figures of the unpadded pixels as published with the subset.
        double mean = sum / (5000 * 784);
        assertEquals(0.2885, mean, 5e-5);
        assertEquals(0.3539, Math.sqrt(squares / (5000 * 784) - mean * mean), 5e-5);
        assertEquals(5000, distinct.size());
        assertEquals("bc939377452f84bc9e3f32fc9212c37402e8a5fe26c49a3252d6f8489959426d", demo.train().contentHash());
        assertEquals(demo.train().contentHash(), Datasets.demo().train().contentHash());
        assertNotEquals(demo.train().contentHash(), demo.test().contentHash());
    }

    @Test
    void readsCifar10BatchesInNumberOrderPlainAndGzip() throws IOException {
        byte[][] batches = new byte[10][];
        for (int number = 1; number <= 10; number++) {
            batches[number - 1] = records(number % 3 + 1, number, 10);
            write(directory, "data_batch_" + number + (number % 2 == 0 ? ".bin" : ".bin.gz"), batches[number - 1]);
        }
        write(directory, "test_batch.bin.gz", records(4, 99, 10));
        write(directory, "batches.meta.txt", new byte[] {1, 2});
        assertInstanceOf(DataSource.Cifar10.class, DataSource.find(directory, Cifar100Labels.FINE));
        TrainTest both = Datasets.open(directory);
        assertEquals(4, both.test().count());
        assertEquals("frog", both.train().classNames().get(6));
        assertEquals(Normalization.CIFAR10, both.train().normalization());
        int at = 0;
        byte[] image = new byte[3072];
        for (byte[] batch : batches) {
            for (int record = 0; record < batch.length / 3073; record++) {
                assertEquals(batch[record * 3073], both.train().label(at));
                both.train().copyPixels(at++, image);
                assertArrayEquals(Arrays.copyOfRange(batch, record * 3073 + 1, (record + 1) * 3073), image);
            }
        }
        assertEquals(at, both.train().count());
    }

    @Test
    void plainFileIsPreferredToItsPackedTwin() throws IOException {
        write(directory, "data_batch_1.bin", records(2, 1, 10));
        write(directory, "data_batch_1.bin.gz", records(5, 1, 10));
        write(directory, "test_batch.bin", records(1, 2, 10));
        assertEquals(2, Datasets.open(directory).train().count());
    }

    @Test
    void readsCifar100FineAndCoarse() throws IOException {
        byte[] train = records(30, 1, 20, 100);
        write(directory, "train.bin.gz", train);
        write(directory, "test.bin", records(3, 2, 20, 100));
        Dataset fine = Datasets.open(directory).train();
        assertEquals(DatasetKind.CIFAR100, fine.kind());
        assertEquals(100, fine.classes());
        assertTrue(fine.classNames().isEmpty());
        write(directory, "coarse_label_names.txt",
                IntStream.range(0, 20).mapToObj(i -> "coarse" + i + "\r\n").collect(Collectors.joining()).concat("\n").getBytes());
        Dataset coarse = Datasets.open(directory, Cifar100Labels.COARSE).train();
        assertEquals(20, coarse.classes());
        assertEquals("coarse19", coarse.classNames().get(19));
        for (int i = 0; i < 30; i++) {
            assertEquals(train[i * 3074], coarse.label(i));
            assertEquals(train[i * 3074 + 1], fine.label(i));
        }
        byte[] image = new byte[3072];
        fine.copyPixels(29, image);
        assertArrayEquals(Arrays.copyOfRange(train, 29 * 3074 + 2, 30 * 3074), image);
    }

    @Test
    void recognisesSvhnByTheRecordSize() throws IOException {
        write(directory, "train.bin.gz", records(47, 1, 10));
        write(directory, "test.bin.gz", records(3, 2, 10));
        Dataset train = Datasets.open(directory).train();
        assertEquals(DatasetKind.SVHN, train.kind());
        assertEquals(Normalization.SVHN, train.normalization());
        assertEquals(Augmentation.Mirroring.NEVER, train.kind().augmentation().mirroring());
        assertEquals(47, train.count());
    }

    @Test
    void labelsDecideWhereBothRecordSizesFit() throws IOException {
        // 3,074 records of 3,073 bytes are as long as 3,073 records of 3,074 bytes.
        write(directory, "test.bin", records(2, 2, 10));
        write(directory, "train.bin", records(3074, 1, 10));
        assertInstanceOf(DataSource.Svhn.class, DataSource.find(directory, Cifar100Labels.FINE));
        write(directory, "train.bin", records(3073, 1, 20, 100));
        assertInstanceOf(DataSource.Cifar100.class, DataSource.find(directory, Cifar100Labels.FINE));
    }

    @Test
    void readsIdxPlainAndGzip() throws IOException {
        TestData.writeIdx(directory, 13, 3);
        TrainTest both = Datasets.open(directory);
        assertEquals(13, both.train().count());
        assertEquals(3, both.test().count());
        byte[] images = TestData.idxImages(13);
        byte[] image = new byte[1024];
        for (int i = 0; i < 13; i++) {
            assertEquals(i * 3 % 10, both.train().label(i));
            both.train().copyPixels(i, image);
            for (int row = 0; row < 28; row++) {
                assertArrayEquals(Arrays.copyOfRange(images, 16 + i * 784 + row * 28, 16 + i * 784 + (row + 1) * 28),
                        Arrays.copyOfRange(image, (row + 2) * 32 + 2, (row + 2) * 32 + 30));
            }
        }
    }

    /** Reads a real data set; any of those known here will do. */
    @Test
    void readsTheRealFilesWhereThereAreSome() {
        String path = System.getenv("FEDTINY_CIFAR10");
        Assumptions.assumeTrue(path != null && Files.isDirectory(Path.of(path)), () -> {
            String reason = "skipped: FEDTINY_CIFAR10 names no directory with CIFAR-10 in its binary version";
            System.out.println(reason);
            return reason;
        });
        TrainTest both = Datasets.open(Path.of(path));
        for (Dataset part : List.of(both.train(), both.test())) {
            assertTrue(Arrays.stream(part.classCounts()).allMatch(count -> count > 0));
            double[] sums = new double[part.channels()];
            byte[] image = new byte[part.imageBytes()];
            for (int i = 0; i < part.count(); i++) {
                part.copyPixels(i, image);
                for (int at = 0; at < image.length; at++) {
                    sums[at / (image.length / part.channels())] += (image[at] & 0xff) / 255.0;
                }
            }
            for (int channel = 0; channel < part.channels() && part.kind() != DatasetKind.FASHION_MNIST; channel++) {
                double mean = sums[channel] / ((double) part.count() * image.length / part.channels());
                assertEquals(part.normalization().mean().get(channel), mean, 0.04);
            }
        }
        System.out.println("read " + both.train() + " (sha256 " + both.train().contentHash() + ") and " + both.test());
    }

    private static int[] filled(int length, int value) {
        return Collections.nCopies(length, value).stream().mapToInt(Integer::intValue).toArray();
    }
}
