package dev.fedtiny.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {
    private static final Dataset SOME = Datasets.demo().train().subset(IntStream.range(0, 37).map(i -> i * 11).toArray());

    @TempDir
    private Path directory;

    private Path written() throws IOException {
        Path file = directory.resolve("some.images");
        ImageFile.write(SOME, file);
        return file;
    }

    @Test
    void aMappedSetIsTheSameSet() throws IOException {
        Dataset mapped = ImageFile.map(written());
        assertEquals(SOME.contentHash(), mapped.contentHash());
        assertEquals(SOME.toString(), mapped.toString());
        assertEquals(SOME.normalization(), mapped.normalization());
        assertEquals(SOME.classNames(), mapped.classNames());
        assertArrayEquals(SOME.labels(), mapped.labels());
        int[] chosen = {30, 2, 2, 17};
        assertEquals(SOME.subset(chosen).contentHash(), mapped.subset(chosen).contentHash());
        assertThrows(IndexOutOfBoundsException.class, () -> mapped.subset(new int[] {37}));
        assertThrows(FileAlreadyExistsException.class, () -> ImageFile.write(SOME, directory.resolve("some.images")));
    }

    @Test
    void augmentedBatchesHaveTheSameBits() throws IOException {
        Dataset mapped = ImageFile.map(written());
        assertArrayEquals(batch(SOME), batch(mapped));
    }

    private static float[] batch(Dataset dataset) {
        BatchLoader loader = BatchLoader.forImagesOf(dataset);
        float[] into = new float[loader.batchFloats(21)];
        int[] order = IntStream.range(0, dataset.count()).toArray();
        RandomStream.of(3, "test").shuffle(order);
        loader.load(dataset, order, 5, 21, Augmentation.CROP_AND_MIRROR.withCutout(8), RandomStream.of(4, "test"), into);
        return into;
    }

    private static void rewrite(Path file, byte[] bytes) throws IOException {
        // Anew: a file that is emptied and written again is written to the disk by ext4, which takes 6 ms.
        Files.delete(file);
        Files.write(file, bytes);
    }

    @Test
    void everyTruncationAndEveryFlippedBitOfTheDescriptionIsNamed() throws IOException {
        Path file = written();
        byte[] bytes = Files.readAllBytes(file);
        int described = 12 + (bytes.length - 12 - 37 * 1024);
        for (int length = 0; length < bytes.length; length += length < described ? 1 : 911) {
            rewrite(file, Arrays.copyOf(bytes, length));
            assertTrue(assertThrows(DataException.class, () -> ImageFile.map(file)).getMessage().contains("some.images"));
        }
        for (int bit = 0; bit < 8 * described; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            rewrite(file, flipped);
            assertThrows(DataException.class, () -> ImageFile.map(file), "bit " + bit);
        }
        assertThrows(DataException.class, () -> ImageFile.map(directory.resolve("absent")));
    }
}
