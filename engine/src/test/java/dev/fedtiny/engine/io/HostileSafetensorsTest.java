package dev.fedtiny.engine.io;

import static dev.fedtiny.engine.io.SafetensorsBytes.file;
import static dev.fedtiny.engine.io.SafetensorsBytes.tensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that lie: each must give a clear error with the place, and none may cost memory. */
class HostileSafetensorsTest {
    @TempDir
    private Path folder;

    private void refused(byte[] bytes, long byteOffset, String message) throws IOException {
        Path path = SafetensorsBytes.write(folder, bytes);
        SafetensorsException failure = assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(path));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
        assertTrue(failure.getMessage().startsWith(path.toString()), failure.getMessage());
        assertEquals(byteOffset, failure.byteOffset(), failure.getMessage());
    }

    private void refused(String header, int dataBytes, long byteOffset, String message) throws IOException {
        refused(file(header, dataBytes), byteOffset, message);
    }

    @Test
    void lengthsOfTheHeader() throws IOException {
        refused(new byte[0], 0, "0 bytes, expected at least 8");
        refused(new byte[7], 7, "7 bytes");
        refused(new byte[8], 8, "does not start with '{'");
        for (long length : new long[] {1, 3, 1 << 20, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE, -1, Long.MIN_VALUE, -8}) {
            byte[] bytes = ByteBuffer.allocate(8 + (length == 1 ? 0 : 2)).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
            refused(bytes, 0, "should have " + Long.toUnsignedString(length) + " bytes");
        }
    }

    /** A sparse file of 4 GiB that claims a header of 1 GiB, and one beyond the limit of this reader. */
    @Test
    void hugeHeadersOfHugeFilesAreNotRead() throws IOException {
        Path path = folder.resolve("huge");
        for (long length : new long[] {1L << 30, (16 << 20) + 1}) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.SPARSE)) {
                channel.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length), 0);
                channel.write(ByteBuffer.allocate(1), (1L << 32) - 1);
            }
            assertEquals(0, assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(path)).byteOffset());
            Files.delete(path);
        }
    }

    @Test
    void headersThatAreNotWellFormed() throws IOException {
        refused(" {}", 0, 8, "does not start with '{'");
        refused("[]", 0, 8, "does not start with '{'");
        refused("{", 0, 9, "the end of the text");
        refused("{} x", 0, 11, "expected the end");
        refused("{\"a\":1}", 0, 8, "'a' is a number, expected an object");
        refused("{\"a\":null}", 0, 8, "'a' is null");
        refused("{\"__metadata__\":[]}", 0, 8, "expected an object");
        refused("{\"__metadata__\":false}", 0, 8, "expected an object");
        refused("{\"__metadata__\":{\"k\":1}}", 0, 24, "'k' is a number, expected a string");
        refused("{" + tensor("a", "U8", "[1]", 0, 1) + "," + tensor("a", "U8", "[1]", 0, 1) + "}", 1, 61, "'a' occurs twice");
        refused("{\"__metadata__\":{\"k\":\"1\",\"k\":\"1\"}}", 0, 33, "'k' occurs twice");
        refused("{\"a\":" + "[".repeat(100_000), 0, 20, "nest deeper");
        refused("{\"a\":" + "{\"a\":".repeat(100_000), 0, 48, "nest deeper");
    }

    @Test
    void entriesThatAreNotWellFormed() throws IOException {
        refused("{\"a\":{}}", 0, 13, "no 'dtype'");
        refused("{\"a\":{\"dtype\":\"U8\"}}", 0, 13, "no 'shape'");
        refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", 1, 13, "no 'data_offsets'");
        refused("{\"a\":{\"dtype\":4,\"shape\":[],\"data_offsets\":[0,1]}}", 1, 13, "dtype 'a number', expected a string");
        refused("{" + tensor("a", "U8", "1", 0, 1) + "}", 1, 13, "'shape' that is a number, expected an array");
        for (String extent : List.of("-1", "1.0", "1e0", "9223372036854775808", "\"1\"", "null", "[1]", "true", "-0.5")) {
            refused("{" + tensor("a", "U8", "[" + extent + "]", 0, 1) + "}", 1, 13, "in 'shape', expected whole numbers");
        }
        refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, 13, "1 data_offsets, expected 2");
        refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}}", 1, 13, "3 data_offsets");
    }

    @Test
    void rangesThatLie() throws IOException {
        refused("{" + tensor("a", "U8", "[1]", -1, 0) + "}", 1, 13, "-1 in 'data_offsets'");
        refused("{" + tensor("a", "U8", "[0]", 1, 0) + "}", 1, 13, "begin <= end <= 1");
        refused("{" + tensor("a", "U8", "[2]", 0, 2) + "}", 1, 13, "begin <= end <= 1");
        refused("{" + tensor("a", "U8", "[9223372036854775807]", 0, Long.MAX_VALUE) + "}", 1, 13, "begin <= end <= 1");
        refused("{" + tensor("a", "F32", "[2]", 0, 4) + "}", 4, 13, "needs 8 bytes");
        refused("{" + tensor("a", "F32", "[]", 0, 8) + "}", 8, 13, "needs 4 bytes");
        refused("{" + tensor("a", "F8_E8M0", "[2]", 0, 1) + "}", 1, 13, "needs 2 bytes");
        refused("{" + tensor("a", "F4", "[3]", 0, 2) + "}", 2, 13, "needs 12 bits");
        refused("{" + tensor("a", "F6_E2M3", "[4]", 0, 4) + "}", 4, 13, "needs 3 bytes");
        refused("{" + tensor("a", "C64", "[1]", 0, 4) + "}", 4, 13, "needs 8 bytes");
        refused("{" + tensor("a", "F128", "[1]", 0, 17) + "}", 16, 13, "begin <= end <= 16");
        refused("{" + tensor("a", "F128", "[4294967296,4294967296]", 0, 16) + "}", 16, 13, "do not fit in 64 bits");
        refused("{" + tensor("a", "F32", "[0]", 0, 4) + "}", 4, 13, "needs 0 bytes");
        // 2^62 · 4 is 2^64, which wraps to 0; so does 2^32 · 2^32.
        refused("{" + tensor("a", "F32", "[4611686018427387904]", 0, 0) + "}", 0, 13, "do not fit in 64 bits");
        refused("{" + tensor("a", "U8", "[4294967296,4294967296]", 0, 0) + "}", 0, 13, "do not fit in 64 bits");
        refused("{" + tensor("a", "U8", "[4294967297,4294967295]", 0, 0) + "}", 0, 13, "do not fit in 64 bits");
    }

    @Test
    void overlapsGapsAndLeftovers() throws IOException {
        String a = "{" + tensor("a", "U8", "[2]", 0, 2) + ",";
        int second = 8 + a.length() + 4;
        refused(a + tensor("b", "U8", "[2]", 1, 3) + "}", 3, second, "'b' overlaps 'a': it begins at data offset 1, expected 2");
        refused(a + tensor("b", "U8", "[2]", 0, 2) + "}", 2, second, "'b' overlaps 'a'");
        refused(a + tensor("b", "U8", "[1]", 0, 1) + "}", 2, 13, "'a' overlaps 'b'");
        refused(a + tensor("b", "U8", "[2]", 3, 5) + "}", 5, second, "'b' leaves a gap after 'a'");
        refused("{" + tensor("a", "U8", "[1]", 1, 2) + "}", 2, 13, "'a' leaves a gap after the header");
        String whole = "{" + tensor("a", "U8", "[2]", 0, 2) + "}";
        refused(whole, 5, 8 + whole.length() + 2, "3 more bytes");
        refused("{}", 1, 10, "1 more bytes");
    }

    @Test
    void truncationAnywhere() throws IOException {
        Path path = folder.resolve("whole");
        new SafetensorsWriter().metadata("k", "v").floats("a", List.of(2, 2), new float[4]).longs("b", List.of(), new long[1])
                .bytes("c", List.of(3), new byte[3]).write(path);
        byte[] whole = Files.readAllBytes(path);
        for (int length = 0; length < whole.length; length++) {
            Path cut = SafetensorsBytes.write(folder, Arrays.copyOf(whole, length));
            SafetensorsException failure = assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(cut));
            assertTrue(failure.byteOffset() >= 0 && failure.byteOffset() <= length, failure.getMessage());
        }
        refused(Arrays.copyOf(whole, whole.length + 1), whole.length, "1 more bytes");
    }

    @Test
    void aFileThatShrinksWhileOpen() throws IOException {
        Path path = SafetensorsBytes.write(folder, file("{" + tensor("a", "F32", "[2]", 0, 8) + "}", 8));
        try (SafetensorsFile open = SafetensorsFile.open(path);
                FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 3);
            SafetensorsException failure = assertThrows(SafetensorsException.class, () -> open.readFloats("a"));
            assertEquals(channel.size(), failure.byteOffset());
        }
    }

    @Test
    void randomDamage() throws IOException {
        Path path = folder.resolve("whole");
        new SafetensorsWriter().metadata("k", "v").floats("a", List.of(2, 2), new float[4]).longs("b", List.of(), new long[1])
                .bytes("c", List.of(3), new byte[3]).write(path);
        byte[] whole = Files.readAllBytes(path);
        int headerEnd = 8 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt();
        RandomStream random = RandomStream.of(1, "damage");
        int refused = 0;
        for (int i = 0; i < 4000; i++) {
            byte[] damaged = whole.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                damaged[random.nextInt(headerEnd)] = (byte) (random.nextInt(2) == 0 ? random.nextInt(256) : '0' + random.nextInt(10));
            }
            try {
                SafetensorsBytes.readAll(SafetensorsBytes.write(folder, damaged));
            } catch (SafetensorsException e) {
                refused++;
            }
        }
        assertTrue(refused > 2000 && refused < 4000, refused + " of 4000 refused");
    }
}
