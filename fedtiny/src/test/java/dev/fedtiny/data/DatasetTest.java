package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class DatasetTest {
    private static Dataset tiny(int classes, List<String> names, Normalization normalization, byte[][] pixels, int... labels) {
        return Dataset.of(new DatasetDescription(DatasetKind.CUSTOM, 1, 1, 2, classes, names, normalization), pixels, labels);
    }

    @Test
    void copiesWhatItIsGivenAndWhatItGives() {
        byte[][] pixels = {{1, 2}, {-1, 4}};
        Dataset dataset = tiny(3, List.of("a", "b", "c"), Normalization.FASHION_MNIST, pixels, 2, 0);
        pixels[1][0] = 77;
        dataset.labels()[0] = 1;
        byte[] image = new byte[3];
        dataset.copyPixels(1, image);
        assertArrayEquals(new byte[] {-1, 4, 0}, image);
        assertArrayEquals(new int[] {2, 0}, dataset.labels());
        assertArrayEquals(new int[] {1, 0, 1}, dataset.classCounts());
        assertThrows(IllegalArgumentException.class, () -> dataset.copyPixels(0, new byte[1]));
        assertThrows(IndexOutOfBoundsException.class, () -> dataset.label(2));
        assertThrows(IndexOutOfBoundsException.class, () -> dataset.copyPixels(-1, image));
    }

    @Test
    void labelsUpTo255AreKept() {
        Dataset dataset = tiny(256, List.of(), Normalization.FASHION_MNIST, new byte[][] {{0, 0}}, 255);
        assertEquals(255, dataset.label(0));
        assertEquals(1, dataset.classCounts()[255]);
    }

    @Test
    void subsetSharesPixelsInTheGivenOrder() {
        Dataset dataset = TestData.random(9, 2, 3, 5, 4);
        Dataset subset = dataset.subset(new int[] {7, 0, 7});
        assertEquals(3, subset.count());
        assertSame(dataset.pixels(7, null), subset.pixels(0, null));
        assertSame(dataset.pixels(0, null), subset.pixels(1, null));
        assertArrayEquals(new int[] {3, 0, 3}, subset.labels());
        assertEquals(4, subset.classes());
        assertThrows(IllegalArgumentException.class, () -> dataset.subset(new int[0]));
        assertThrows(IndexOutOfBoundsException.class, () -> dataset.subset(new int[] {9}));
    }

    @Test
    void hashDependsOnPixelsLabelsOrderAndShapeOnly() {
        Dataset dataset = tiny(3, List.of(), Normalization.FASHION_MNIST, new byte[][] {{1, 2}, {3, 4}}, 0, 1);
        // printf '\0\0\0\2\0\0\0\1\0\0\0\1\0\0\0\2\0\0\0\3\0\1\2\1\3\4' | sha256sum
        assertEquals("fbc8ab47e57e591ad3c069e1b631b713b0e720488730aa99ff5f994c8ec3a03a", dataset.contentHash());
        assertEquals(dataset.contentHash(), dataset.subset(new int[] {0, 1}).contentHash());
        assertEquals(dataset.contentHash(),
                tiny(3, List.of("a", "b", "c"), Normalization.FASHION_MNIST, new byte[][] {{1, 2}, {3, 4}}, 0, 1).contentHash());
        assertNotEquals(dataset.contentHash(), dataset.subset(new int[] {1, 0}).contentHash());
        assertNotEquals(dataset.contentHash(),
                tiny(3, List.of(), Normalization.FASHION_MNIST, new byte[][] {{1, 2}, {3, 4}}, 0, 2).contentHash());
        assertNotEquals(dataset.contentHash(),
                tiny(3, List.of(), Normalization.FASHION_MNIST, new byte[][] {{1, 2}, {3, 5}}, 0, 1).contentHash());
    }

    @Test
    void refusesContradictions() {
        byte[][] one = {{1, 2}};
        Normalization grey = Normalization.FASHION_MNIST;
        assertDataException(() -> tiny(3, List.of(), grey, new byte[0][]), "no images");
        assertDataException(() -> tiny(3, List.of(), grey, one, 0, 1), "1 images", "2 labels");
        assertDataException(() -> tiny(3, List.of(), grey, one, 3), "label 3", "0 to 2");
        assertDataException(() -> tiny(3, List.of(), grey, one, -1), "label -1");
        assertDataException(() -> tiny(3, List.of("a"), grey, one, 0), "1 class names", "3 classes");
        assertDataException(() -> tiny(3, List.of(), Normalization.SVHN, one, 0), "svhn", "3 channels", "have 1");
        assertDataException(() -> tiny(3, List.of(), grey, new byte[][] {{1, 2, 3}}, 0), "3 values", "1×1×2 = 2");
        assertDataException(() -> tiny(257, List.of(), grey, one, 0), "257 classes");
        int huge = Integer.MAX_VALUE;
        assertDataException(() -> new DatasetDescription(DatasetKind.CUSTOM, huge, huge, huge, 2, List.of(), grey), "at most");
        assertDataException(() -> new DatasetDescription(DatasetKind.CUSTOM, 0, 1, 1, 2, List.of(), grey), "positive");
        Dataset other = TestData.random(2, 1, 4, 4, 2);
        assertDataException(() -> new TrainTest(other, TestData.random(2, 1, 4, 5, 2)), "differ");
        assertDataException(() -> new TrainTest(other, TestData.random(2, 1, 4, 4, 1)), "differ");
    }

    @Test
    void anotherKindKeepsThePixels() {
        Dataset dataset = TestData.random(3, 3, 4, 4, 2);
        Dataset cinic = dataset.as(DatasetKind.CINIC10, Normalization.CINIC10, List.of("x", "y"));
        assertEquals(DatasetKind.CINIC10, cinic.kind());
        assertEquals(List.of("x", "y"), cinic.classNames());
        assertSame(dataset.pixels(2, null), cinic.pixels(2, null));
        assertDataException(() -> dataset.as(DatasetKind.CUSTOM, Normalization.FASHION_MNIST, List.of()), "3");
    }

    @Test
    void normalizationPresetsHaveThePublishedFigures() {
        assertEquals((float) ((200 / 255.0 - 0.4822) / 0.2435), Normalization.CIFAR10.normalize(1, (byte) 200));
        assertEquals((float) ((0 - 0.4409) / 0.2762), Normalization.CIFAR100.normalize(2, (byte) 0));
        assertEquals((float) ((1 - 0.4377) / 0.1980), Normalization.SVHN.normalize(0, (byte) 255));
        assertEquals((float) ((1 - 0.4723) / 0.2383), Normalization.CINIC10.normalize(1, (byte) 255));
        assertEquals((float) ((0 - 0.2860) / 0.3530), Normalization.FASHION_MNIST.normalize(0, (byte) 0));
        assertThrows(IllegalArgumentException.class, () -> new Normalization("n", List.of(0.5), List.of(0.5, 0.5)));
        assertThrows(IllegalArgumentException.class, () -> new Normalization("n", List.of(0.5), List.of(0.0)));
        assertThrows(IllegalArgumentException.class, () -> new Normalization("n", List.of(Double.NaN), List.of(1.0)));
        assertThrows(IllegalArgumentException.class, () -> new Normalization("n", List.of(), List.of()));
    }
}
