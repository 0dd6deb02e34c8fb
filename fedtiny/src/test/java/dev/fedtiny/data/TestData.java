package dev.fedtiny.data;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.function.Executable;

/** Small generated files and data sets. */
final class TestData {
    private TestData() {
    }

    /** Records with random pixels; label byte p of record i is {@code (i · 7 + p) mod classes[p]}. */
    static byte[] records(int count, long seed, int... classes) {
        RandomStream random = RandomStream.of(seed, "test-records");
        ByteBuffer out = ByteBuffer.allocate(count * (classes.length + 3072));
        for (int i = 0; i < count; i++) {
            for (int p = 0; p < classes.length; p++) {
                out.put((byte) ((i * 7 + p) % classes[p]));
            }
            for (int j = 0; j < 3072; j++) {
                out.put((byte) random.nextInt(256));
            }
        }
        return out.array();
    }

    static byte[] idxImages(int magic, int count, int rows, int columns, int actualBytes) {
        RandomStream random = RandomStream.of(count, "test-idx");
        ByteBuffer out = ByteBuffer.allocate(16 + actualBytes).putInt(magic).putInt(count).putInt(rows).putInt(columns);
        while (out.hasRemaining()) {
            out.put((byte) random.nextInt(256));
        }
        return out.array();
    }

    static byte[] idxImages(int count) {
        return idxImages(0x803, count, 28, 28, count * 784);
    }

    static byte[] idxLabels(int magic, int count, int actualCount) {
        ByteBuffer out = ByteBuffer.allocate(8 + actualCount).putInt(magic).putInt(count);
        for (int i = 0; i < actualCount; i++) {
            out.put((byte) (i * 3 % 10));
        }
        return out.array();
    }

    static byte[] idxLabels(int count) {
        return idxLabels(0x801, count, count);
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Writes the bytes, packed if the name ends in {@code .gz}. */
    static Path write(Path directory, String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), name.endsWith(".gz") ? gzip(bytes) : bytes);
    }

    static void writeIdx(Path directory, int train, int test) throws IOException {
        write(directory, "train-images-idx3-ubyte.gz", idxImages(train));
        write(directory, "train-labels-idx1-ubyte", idxLabels(train));
        write(directory, "t10k-images-idx3-ubyte", idxImages(test));
        write(directory, "t10k-labels-idx1-ubyte.gz", idxLabels(test));
    }

    /** Random images with odd sizes, labels {@code i mod classes}. */
    static Dataset random(int count, int channels, int height, int width, int classes) {
        RandomStream random = RandomStream.of(count, "test-random");
        byte[][] pixels = new byte[count][channels * height * width];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < pixels[i].length; j++) {
                pixels[i][j] = (byte) random.nextInt(256);
            }
            labels[i] = i % classes;
        }
        // The mean is no multiple of 1/255, so no pixel is normalised to 0.
        Normalization normalization = new Normalization("test", Collections.nCopies(channels, 0.4567),
                IntStream.range(0, channels).mapToObj(c -> 0.2 + 0.1 * c).toList());
        return Dataset.of(new DatasetDescription(DatasetKind.CUSTOM, channels, height, width, classes, List.of(), normalization), pixels,
                labels);
    }

    /** Expects a data exception whose message has all these parts. */
    static void assertDataException(Executable action, String... parts) {
        String message = assertThrows(DataException.class, action).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "\"" + message + "\" lacks \"" + part + "\"");
        }
    }
}
