package dev.fedtiny.engine.io;

import static dev.fedtiny.engine.io.SafetensorsBytes.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
    @TempDir
    private Path folder;

    private static Path golden(String name) throws URISyntaxException {
        return Path.of(SafetensorsFileTest.class.getResource("/golden/" + name + ".safetensors").toURI());
    }

    /** A file that PyTorch wrote: the outputs must follow from the inputs, so order, types and offsets are right. */
    @Test
    void readsConvolutionWrittenByPyTorch() throws Exception {
        try (SafetensorsFile file = SafetensorsFile.open(golden("conv-00"))) {
            assertEquals("conv2d", file.metadata().get("op"));
            assertEquals(List.of("op", "stride", "padding", "density"), List.copyOf(file.metadata().keySet()));
            assertEquals(new TensorEntry("weight", DataType.F32, List.of(5L, 3L, 3L, 3L), 688 + 1512, 688 + 2052), file.get("weight"));
            assertTrue(file.get("x").hasShape(List.of(2, 3, 9, 7)));
            float[] x = file.readFloats("x");
            float[] weight = file.readFloats("weight");
            float[] y = file.readFloats("y");
            float[] bias = file.readFloats("bias");
            for (int n = 0; n < 2; n++) {
                for (int k = 0; k < 5; k++) {
                    for (int h = 0; h < 9; h++) {
                        for (int w = 0; w < 7; w++) {
                            assertEquals(bias[k] + dot(x, weight, n, k, h, w), y[((n * 5 + k) * 9 + h) * 7 + w], 1e-5);
                        }
                    }
                }
            }
        }
    }

    private static double dot(float[] x, float[] weight, int n, int k, int h, int w) {
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            for (int r = Math.max(0, 1 - h); r < Math.min(3, 10 - h); r++) {
                for (int s = Math.max(0, 1 - w); s < Math.min(3, 8 - w); s++) {
                    sum += (double) x[((n * 3 + c) * 9 + h + r - 1) * 7 + w + s - 1] * weight[((k * 3 + c) * 3 + r) * 3 + s];
                }
            }
        }
        return sum;
    }

    @Test
    void readsPoolingWrittenByPyTorch() throws Exception {
        try (SafetensorsFile file = SafetensorsFile.open(golden("avgpool-01"))) {
            float[] x = file.readFloats("x");
            float[] y = file.readFloats("y");
            for (int map = 0; map < 8; map++) {
                double sum = 0;
                for (int i = 0; i < 49; i++) {
                    sum += x[map * 49 + i];
                }
                assertEquals(sum / 49, y[map], 1e-6);
            }
            assertEquals(List.of("x", "y", "dy", "dx"), file.tensors().stream().map(TensorEntry::name).toList());
        }
    }

    @Test
    void writesEveryTypeAndReadsItBack() throws Exception {
        Path path = folder.resolve("all.safetensors");
        float[] floats = {Float.NaN, -0f, Float.MIN_VALUE, Float.POSITIVE_INFINITY, 1.5f, 3};
        int[] ints = {Integer.MIN_VALUE, 7};
        long[] longs = {Long.MAX_VALUE};
        int[] shorts = {0, 65535, 32768};
        byte[] bytes = {-1, 0, 1};
        float[] large = new float[40_001];
        for (int i = 0; i < large.length; i++) {
            large[i] = i;
        }
        new SafetensorsWriter().bytes("bytes", List.of(3), bytes).floats("floats \"\u00e4\"", List.of(2, 3), floats)
                .ints("ints", List.of(1, 2), ints)
                .metadata("z", "1\n").metadata("a", "\u20ac").longs("scalar", List.of(), longs).unsignedShorts("shorts", List.of(3), shorts)
                .floats("empty", List.of(4, 0), new float[0]).floats("large", List.of(40_001), large).write(path);
        byte[] written = Files.readAllBytes(path);
        long headerBytes = ByteBuffer.wrap(written).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, headerBytes % 8);
        assertEquals('{', written[8]);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(List.of("z", "a"), List.copyOf(file.metadata().keySet()));
            assertEquals("1\n", file.metadata().get("z"));
            assertEquals("\u20ac", file.metadata().get("a"));
            assertEquals(0, Arrays.compare(floats, file.readFloats("floats \"\u00e4\"")));
            assertArrayEquals(ints, file.readInts("ints"));
            assertArrayEquals(longs, file.readLongs("scalar"));
            assertEquals(List.of(), file.get("scalar").shape());
            assertArrayEquals(shorts, file.readInts("shorts"));
            assertArrayEquals(bytes, file.readBytes("bytes"));
            assertArrayEquals(new int[] {255, 0, 1}, file.readInts("bytes"));
            assertArrayEquals(new long[] {Integer.MIN_VALUE, 7}, file.readLongs("ints"));
            assertEquals(0, file.readFloats("empty").length);
            assertArrayEquals(large, file.readFloats("large"));
            for (TensorEntry entry : file.tensors()) {
                assertEquals(0, entry.begin() % entry.dataType().bytes(), entry.toString());
            }
            SafetensorsException failure = assertThrows(SafetensorsException.class, () -> file.readFloats("ints"));
            assertTrue(failure.getMessage().contains("is I32, expected F32"), failure.getMessage());
            assertThrows(SafetensorsException.class, () -> file.readInts("scalar"));
            assertThrows(SafetensorsException.class, () -> file.readLongs("bytes"));
            assertThrows(SafetensorsException.class, () -> file.readBytes("ints"));
            assertThrows(SafetensorsException.class, () -> file.readFloats("missing"));
        }
        Path again = folder.resolve("empty.safetensors");
        new SafetensorsWriter().write(again);
        assertEquals("{}      ", new String(Files.readAllBytes(again), 8, 8, StandardCharsets.UTF_8));
        SafetensorsBytes.readAll(again);
    }

    /** Half precisions by bit pattern: 1, −2, the largest half, the smallest subnormal half, infinity. */
    @Test
    void convertsOtherPrecisions() throws IOException {
        String header = "{" + tensor("double", "F64", "[2]", 0, 16) + "," + tensor("half", "F16", "[5]", 16, 26)
                + "," + tensor("brain", "BF16", "[2]", 26, 30) + "," + tensor("bool", "BOOL", "[2]", 30, 32)
                + "," + tensor("short", "I16", "[1]", 32, 34) + "," + tensor("signed", "I8", "[1]", 34, 35)
                + "}";
        byte[] bytes = SafetensorsBytes.file(header, 35);
        ByteBuffer.wrap(bytes, bytes.length - 35, 35).order(ByteOrder.LITTLE_ENDIAN).putDouble(0.1).putDouble(1e300)
                .putShort((short) 0x3C00).putShort((short) 0xC000).putShort((short) 0x7BFF).putShort((short) 1).putShort((short) 0x7C00)
                .putShort((short) 0x3F80).putShort((short) 0xC049).put((byte) 1).put((byte) 0).putShort((short) -3).put((byte) -4);
        try (SafetensorsFile file = SafetensorsFile.open(SafetensorsBytes.write(folder, bytes))) {
            assertArrayEquals(new float[] {0.1f, Float.POSITIVE_INFINITY}, file.readFloats("double"));
            assertArrayEquals(new float[] {1, -2, 65504, 0x1p-24f, Float.POSITIVE_INFINITY}, file.readFloats("half"));
            assertArrayEquals(new float[] {1, -3.140625f}, file.readFloats("brain"));
            assertArrayEquals(new byte[] {1, 0}, file.readBytes("bool"));
            assertArrayEquals(new int[] {-3}, file.readInts("short"));
            assertArrayEquals(new int[] {-4}, file.readInts("signed"));
        }
    }

    /** The order of the header is free; that of the bytes counts. */
    @Test
    void acceptsAnyOrderOfTheHeader() throws IOException {
        String header = "{" + tensor("b", "U8", "[2]", 1, 3) + "," + tensor("none", "U8", "[0]", 1, 1) + ","
                + tensor("a", "U8", "[]", 0, 1) + "}";
        try (SafetensorsFile file = SafetensorsFile.open(SafetensorsBytes.write(folder, SafetensorsBytes.file(header, 3)))) {
            assertEquals(List.of("a", "none", "b"), file.tensors().stream().map(TensorEntry::name).toList());
            assertArrayEquals(new byte[] {1, 2}, file.readBytes("b"));
            assertEquals(Map.of(), file.metadata());
        }
    }

    @Test
    void writerRefusesWhatDoesNotFit() {
        SafetensorsWriter writer = new SafetensorsWriter().floats("a", List.of(2), new float[2]).metadata("k", "v");
        assertThrows(IllegalArgumentException.class, () -> writer.floats("a", List.of(2), new float[2]));
        assertThrows(IllegalArgumentException.class, () -> writer.floats("b", List.of(3), new float[2]));
        assertThrows(IllegalArgumentException.class, () -> writer.floats("b", List.of(-1, -2), new float[2]));
        assertThrows(IllegalArgumentException.class, () -> writer.floats("__metadata__", List.of(2), new float[2]));
        assertThrows(IllegalArgumentException.class, () -> writer.metadata("k", "w"));
        writer.metadata("long", "x".repeat(17 << 20));
        assertThrows(IllegalArgumentException.class, () -> writer.write(folder.resolve("x")));
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = folder.resolve("old");
        Files.writeString(path, "old");
        IOException full = assertThrows(IOException.class, () -> AtomicFile.write(path, channel -> {
            channel.write(ByteBuffer.wrap(new byte[100]));
            throw new IOException("disk full");
        }));
        assertTrue(full.getMessage().contains(path.toString()) && full.getMessage().contains("disk full"), full.getMessage());
        assertThrows(IllegalStateException.class, () -> AtomicFile.write(path, _ -> {
            throw new IllegalStateException();
        }));
        assertEquals("old", Files.readString(path));
        Path directory = Files.createDirectory(folder.resolve("directory"));
        assertThrows(IOException.class, () -> new SafetensorsWriter().write(directory));
        assertThrows(IOException.class, () -> new SafetensorsWriter().write(folder.resolve("missing").resolve("file")));
        assertEquals(List.of("directory", "old"), names());
        new SafetensorsWriter().metadata("new", "1").write(path);
        assertEquals(List.of("directory", "old"), names());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals("1", file.metadata().get("new"));
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void missingFilesAndFoldersAreSaidToBeSo() {
        assertThrows(NoSuchFileException.class, () -> SafetensorsFile.open(folder.resolve("none")));
        SafetensorsException failure = assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(folder));
        assertTrue(failure.getMessage().contains("directory"));
        assertEquals(-1, failure.byteOffset());
        assertFalse(failure.getMessage().contains("byte -1"));
    }

    @Test
    void metadataOfNullAreNone() throws IOException {
        Path path = SafetensorsBytes.write(folder,
                SafetensorsBytes.file("{\"__metadata__\":null," + tensor("a", "F32", "[1]", 0, 4) + "}", 4));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Map.of(), file.metadata());
            assertEquals(List.of("a"), file.tensors().stream().map(TensorEntry::name).toList());
            assertEquals(1, file.readFloats("a").length);
        }
    }

    /** Types that no reading method takes stand in nobody's way; who asks for such a tensor is told its type. */
    @Test
    void tensorsOfOtherTypesAreListedAndOnlyRefusedWhenAskedFor() throws IOException {
        Map<String, Integer> bytesOfEight = Map.ofEntries(Map.entry("F4", 4), Map.entry("F6_E2M3", 6), Map.entry("F6_E3M2", 6),
                Map.entry("F8_E5M2", 8), Map.entry("F8_E4M3", 8), Map.entry("F8_E8M0", 8), Map.entry("F8_E4M3FNUZ", 8),
                Map.entry("F8_E5M2FNUZ", 8), Map.entry("U32", 32), Map.entry("U64", 64), Map.entry("C64", 64), Map.entry("F128", 128),
                Map.entry("f32", 5), Map.entry("OTHER", 3));
        for (Map.Entry<String, Integer> type : bytesOfEight.entrySet()) {
            int end = type.getValue();
            Path path = SafetensorsBytes.write(folder, SafetensorsBytes.file("{" + tensor("odd", type.getKey(), "[8]", 0, end) + ","
                    + tensor("read", "I8", "[2]", end, end + 2) + "}", end + 2));
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                TensorEntry odd = file.get("odd");
                assertEquals(type.getKey(), odd.typeName());
                boolean known = !List.of("F128", "f32", "OTHER").contains(type.getKey());
                assertEquals(known ? DataType.valueOf(type.getKey()) : DataType.OTHER, odd.dataType());
                assertEquals(8, odd.elements());
                assertEquals(end, odd.bytes());
                if (known) {
                    assertEquals(end, odd.dataType().bits());
                }
                assertArrayEquals(new int[] {(byte) end, (byte) (end + 1)}, file.readInts("read"));
                for (Executable reading : List.<Executable>of(
                        () -> file.readFloats("odd"), () -> file.readInts("odd"), () -> file.readLongs("odd"),
                        () -> file.readBytes("odd"))) {
                    SafetensorsException failure = assertThrows(SafetensorsException.class, reading);
                    assertTrue(failure.getMessage().contains("'odd' is " + type.getKey() + ", expected "), failure.getMessage());
                }
            }
        }
    }

    /** A task of a pool that is cancelled takes the file from nobody. */
    @Test
    void anInterruptOfOneReaderClosesTheFileForNobody() throws Exception {
        float[] values = {1, 2, 3};
        Path path = folder.resolve("shared");
        new SafetensorsWriter().floats("x", List.of(3), values).write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            AtomicReference<Object> read = new AtomicReference<>();
            Thread interrupted = Thread.ofVirtual().start(() -> {
                Thread.currentThread().interrupt();
                try {
                    read.set(file.readFloats("x"));
                } catch (IOException e) {
                    read.set(e);
                }
                assertTrue(Thread.currentThread().isInterrupted());
            });
            interrupted.join();
            assertArrayEquals(values, file.readFloats("x"));
            assertArrayEquals(values, (float[]) read.get());
            // Also into a buffer that is no array.
            ByteBuffer direct = ByteBuffer.allocateDirect(Long.BYTES);
            try (ByteSource source = ByteSource.open(path)) {
                source.read(0, direct);
                assertFalse(direct.hasRemaining());
                direct.clear();
                source.read(source.size() - 1, direct);
                assertEquals(Long.BYTES - 1, direct.remaining());
            }
        }
    }

    @Test
    void extentsThatOverflowAreNamed() {
        String said = assertThrows(IllegalArgumentException.class, () -> new SafetensorsWriter().floats("x",
                List.of(1 << 30, 1 << 30, 1 << 30, 1 << 30), new float[1])).getMessage();
        assertTrue(said.contains("more than 2^31 - 1 values, got 1"), said);
        new SafetensorsWriter().floats("none", List.of(1 << 30, 1 << 30, 1 << 30, 0), new float[0]);
    }
}
