package dev.fedtiny.engine.onnx;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ByteSource;
import dev.fedtiny.engine.io.ModelFile.Zeros;
import dev.fedtiny.engine.runtime.RandomStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged models: a state that passes its own check, or the one kind of exception. */
class HostileOnnxTest {
    private static byte[] model(String name) throws Exception {
        return Files.readAllBytes(Path.of(HostileOnnxTest.class.getResource("/onnx/networks/" + name + ".onnx").toURI()));
    }

    private static boolean taken(byte[] bytes) throws IOException {
        try {
            OnnxFile.read(ByteSource.of(bytes, "damaged"), Zeros.BY_TYPE).state().check();
            return true;
        } catch (OnnxException e) {
            assertTrue(e.getMessage().startsWith("damaged"), e.getMessage());
            assertTrue(!e.reasons().isEmpty() && e.getMessage().length() < 30_000, e.getMessage());
            return false;
        }
    }

    /** Bytes that are changed anywhere, most of them outside of the weights. */
    @ParameterizedTest
    @ValueSource(strings = {"dscnn-w16", "squeezenet-w16", "cnn1d-9x128"})
    void changedBytes(String name) throws Exception {
        changedBytes(name, 3, 1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dscnn-w16", "squeezenet-w16", "cnn1d-9x128"})
    @Tag("long")
    void manyMoreChangedBytes(String name) throws Exception {
        changedBytes(name, 4, 10_000);
    }

    private static void changedBytes(String name, int seed, int tries) throws Exception {
        byte[] whole = model(name);
        RandomStream random = RandomStream.of(seed, "onnx-damage");
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            byte[] damaged = whole.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                int place = i % 2 == 0 ? random.nextInt(whole.length) : random.nextInt(Math.min(whole.length, 9000));
                damaged[place] = (byte) (random.nextInt(2) == 0 ? random.nextInt(256) : damaged[place] ^ 1 << random.nextInt(8));
            }
            taken += taken(damaged) ? 1 : 0;
        }
        assertTrue(taken > tries / 20 && taken < tries, taken + " of " + tries + " taken");
    }

    @Test
    void cutAnywhere() throws Exception {
        byte[] whole = model("dscnn-w16");
        for (int length = 0; length < whole.length; length += 7) {
            assertTrue(!taken(Arrays.copyOf(whole, length)), "cut to " + length);
        }
    }

    /** Parts of the file that change places. */
    @Test
    void shuffledParts() throws Exception {
        byte[] whole = model("dscnn-w16");
        RandomStream random = RandomStream.of(4, "onnx-shuffle");
        for (int i = 0; i < 1000; i++) {
            byte[] damaged = whole.clone();
            int length = 1 + random.nextInt(200);
            int from = random.nextInt(whole.length - length);
            int to = random.nextInt(whole.length - length);
            System.arraycopy(whole, from, damaged, to, length);
            taken(damaged);
        }
    }

    /** Nodes that each double what they read, or copy what is large: forty lines of a file that would fill every memory. */
    @ParameterizedTest
    @ValueSource(strings = {"Shape", "constant"})
    void listsThatDouble(String of) throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 2, 1, 2).constant(OnnxBytes.longs("constant", List.of(2), 1L, 2L))
                .node("Shape", List.of("input"), "Shape");
        String last = of;
        for (int i = 0; i < 40; i++) {
            model.node("Concat", List.of(last, last), "twice" + i, OnnxBytes.whole("axis", 0));
            last = "twice" + i;
        }
        refused(model.node("Reshape", List.of("input", last), "output"), "numbers, expected axes, extents or scales, at most 32");
    }

    @Test
    void largeConstantsThatAreCastAgainAndAgain() throws IOException {
        Long[] large = Collections.nCopies(33, 1L).toArray(Long[]::new);
        OnnxBytes model = OnnxBytes.of(0, 2, 1, 2).constant(OnnxBytes.longs("large", List.of(33), large));
        refused(model.node("Cast", List.of("large"), "real", OnnxBytes.whole("to", 1)).node("Add", List.of("input", "real"), "output"),
                "casts 33 numbers");
    }

    /** Two times the square of 2⁶² + 1 is two where products wrap around. */
    @Test
    void extentsWhoseProductWrapsAround() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 2, 1, 1).constant(OnnxBytes.floats("k", List.of(2), 1, 2))
                .constant(OnnxBytes.longs("to", List.of(3), 2L, (1L << 62) + 1, (1L << 62) + 1)).node("Reshape", List.of("k", "to"), "k1")
                .node("Flatten", List.of("input"), "f").node("Add", List.of("f", "k1"), "output");
        refused(model, "expected as many elements");
    }

    private static void refused(OnnxBytes model, String part) throws IOException {
        ByteSource bytes = ByteSource.of(model.bytes(), "damaged");
        String message = assertThrows(OnnxException.class, () -> OnnxFile.read(bytes, Zeros.BY_TYPE)).getMessage();
        assertTrue(message.contains(part), message);
    }
}
