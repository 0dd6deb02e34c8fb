package dev.fedtiny.engine.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.io.ByteSource;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The graph as records: every way in which numbers are written, and files that are none. */
class OnnxParserTest {
    private static OnnxModel parse(byte[] bytes) throws IOException {
        return OnnxParser.parse(ByteSource.of(bytes, "model.onnx"));
    }

    @Test
    void graphsAsTheyAreWritten() throws IOException {
        byte[] bytes = OnnxBytes.of(0, 3, 8, 8).constant(OnnxBytes.filled("w", List.of(4, 3, 3, 3), 0.5f))
                .node("Conv", List.of("input", "w"), "output", OnnxBytes.wholes("pads", 1, 1, 1, 1), OnnxBytes.whole("group", 1),
                        OnnxBytes.text("auto_pad", "NOTSET"), OnnxBytes.real("alpha", 0.25f)).bytes();
        OnnxModel model = parse(bytes);
        assertEquals(17, model.opset());
        assertEquals(List.of(Optional.empty(), Optional.of(3L), Optional.of(8L), Optional.of(8L)),
                model.inputs().getFirst().shape().orElseThrow());
        OnnxModel.Node node = model.nodes().getFirst();
        assertEquals("Conv 'conv'", node.text());
        assertEquals(new OnnxModel.Attribute.Wholes(List.of(1L, 1L, 1L, 1L)), node.attributes().get("pads"));
        assertEquals(new OnnxModel.Attribute.Whole(1), node.attributes().get("group"));
        assertEquals(new OnnxModel.Attribute.Text("NOTSET"), node.attributes().get("auto_pad"));
        assertEquals(new OnnxModel.Attribute.Real(0.25f), node.attributes().get("alpha"));
        assertEquals("4x3x3x3", model.constants().get("w").text());
        assertEquals(108, model.constants().get("w").floats().length);
    }

    private static ProtobufWriter raw(int type, String hex) {
        return new ProtobufWriter().numbers(1, List.of(3)).number(2, type).text(8, "t").bytes(9, HexFormat.of().parseHex(hex));
    }

    private static ProtobufWriter typed(int type, Consumer<ProtobufWriter> data) {
        ProtobufWriter tensor = new ProtobufWriter().numbers(1, List.of(3)).number(2, type).text(8, "t");
        data.accept(tensor);
        return tensor;
    }

    /** 1, -2 and 0.5 in every type and place. */
    static Stream<Arguments> floats() {
        return Stream.of(Arguments.of("FLOAT raw", raw(1, "0000803f" + "000000c0" + "0000003f")),
                Arguments.of("FLOAT16 raw", raw(10, "003c" + "00c0" + "0038")),
                Arguments.of("BFLOAT16 raw", raw(16, "803f" + "00c0" + "003f")),
                Arguments.of("DOUBLE raw", raw(11, "000000000000f03f" + "00000000000000c0" + "000000000000e03f")),
                Arguments.of("float_data packed", typed(1, t -> t.floats(4, 3, () -> new float[] {1, -2, 0.5f}))),
                Arguments.of("float_data one by one", typed(1, t -> t.real(4, 1).real(4, -2).real(4, 0.5f))),
                Arguments.of("float_data in two parts", typed(1, t -> t.floats(4, 2, () -> new float[] {1, -2}).real(4, 0.5f))),
                Arguments.of("FLOAT16 as numbers", typed(10, t -> t.numbers(5, List.of(0x3c00, 0xc000, 0x3800)))),
                Arguments.of("BFLOAT16 one by one", typed(16, t -> t.number(5, 0x3f80).number(5, 0xc000).number(5, 0x3f00))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floats")
    void floatsInEveryForm(String form, ProtobufWriter tensor) throws IOException {
        OnnxTensor read = parse(OnnxBytes.of(0, 3).constant(tensor).bytes()).constants().get("t");
        assertArrayEquals(new float[] {1, -2, 0.5f}, read.floats(), form);
    }

    @Test
    void wholeNumbersInEveryForm() throws IOException {
        for (ProtobufWriter tensor : List.of(raw(7, "0100000000000000" + "feffffffffffffff" + "0a00000000000000"),
                raw(6, "01000000" + "feffffff" + "0a000000"), OnnxBytes.longs("t", List.of(3), 1L, -2L, 10L),
                typed(6, t -> t.number(5, 1).number(5, -2).number(5, 10)))) {
            assertArrayEquals(new long[] {1, -2, 10}, parse(OnnxBytes.of(0, 3).constant(tensor).bytes()).constants().get("t").longs());
        }
    }

    @Test
    void tensorsThatLieAreRefusedBeforeAnythingIsAllocated() throws IOException {
        refusedTensor(OnnxBytes.floats("t", List.of(4, 3), 1, 2), "'t' declares 4x3, 12 elements, and holds 2");
        refusedTensor(new ProtobufWriter().numbers(1, List.of(1 << 30)).number(2, 1).text(8, "t"), "1073741824 elements, and holds 0");
        refusedTensor(new ProtobufWriter().numbers(1, List.of(1 << 20, 1 << 20)).number(2, 1).text(8, "t"), "at most 2^31 - 9 elements");
        refusedTensor(new ProtobufWriter().numbers(1, List.of(-1)).number(2, 1).text(8, "t"), "has shape -1");
        refusedTensor(new ProtobufWriter().numbers(1, List.of(1)).number(2, 1).text(8, "t").bytes(9, new byte[5]), "no multiple of 4");
        refusedTensor(new ProtobufWriter().numbers(1, List.of(1)).number(2, 1).text(8, "t").bytes(4, new byte[5]), "no multiple of 4");
        refusedTensor(new ProtobufWriter().numbers(1, List.of(1)).number(2, 8).text(8, "t"), "is of type OTHER");
        refusedTensor(new ProtobufWriter().numbers(1, List.of(1)).number(2, 7).text(8, "t"), "is of type INT64, expected FLOAT");
        refusedTensor(OnnxBytes.floats("t", List.of(1), 1).number(14, 1), "in another file (external data), which is never opened");
    }

    private static void refusedTensor(ProtobufWriter tensor, String message) throws IOException {
        OnnxTensor read = parse(OnnxBytes.of(0, 3).constant(tensor).bytes()).constants().get("t");
        String found = assertThrows(OnnxException.class, read::floats).getMessage();
        assertTrue(found.contains(message), found);
    }

    @Test
    void filesOfOthersAreNamed() {
        refused("PK\u0003\u0004" + "\0".repeat(22) + "\u0010\0\0\0archive/data.pkl", "this is a PyTorch file of torch.save (.pt, .pth)");
        refused("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.", "a PyTorch file of torch.save in its older form");
        refused("<!doctype html><html>", "a web page");
        refused("\n\0\0\0\0\0\0\0{\"a\":{}} ", "a safetensors file");
        refused("version https://git-lfs.github.com/spec/v1", "a Git LFS pointer");
        refused("", "the file is empty, expected an ONNX model");
        refused("\u0008\u0008", "there is no graph in it");
    }

    private static void refused(String bytes, String message) {
        OnnxException failure = assertThrows(OnnxException.class, () -> parse(bytes.getBytes(StandardCharsets.ISO_8859_1)));
        assertTrue(failure.getMessage().startsWith("model.onnx") && failure.getMessage().contains(message), failure.getMessage());
    }

    @Test
    void structuresThatAreNotTakenAreNamed() {
        refused(OnnxBytes.of(0, 3).with(15, new ProtobufWriter()).bytes(), "sparse initializers");
        refused(OnnxBytes.of(0, 3).constant(OnnxBytes.floats("t", List.of(1), 1)).constant(OnnxBytes.floats("t", List.of(1), 1)).bytes(),
                "two initializers are called 't'");
        refused(OnnxBytes.bytes(new ProtobufWriter().number(1, 8).message(25, new ProtobufWriter())), "functions of its own");
        refused(OnnxBytes.bytes(new ProtobufWriter().number(1, 8).message(7, new ProtobufWriter()).message(7, new ProtobufWriter())),
                "a second graph");
        refused(OnnxBytes.of(0, 3).node("Relu", List.of("input"), "output", OnnxBytes.whole("a", 1), OnnxBytes.whole("a", 2)).bytes(),
                "two attributes 'a'");
    }

    private static void refused(byte[] bytes, String message) {
        String found = assertThrows(OnnxException.class, () -> parse(bytes)).getMessage();
        assertTrue(found.contains(message), found);
    }

    /** Files of a hundred megabytes, of many small parts or one large one, of which the reader may keep a constant. */
    @ParameterizedTest
    @ValueSource(strings = {"0a00", "3a00", "2a00", "5a00", "0a020a00", "0a022a00", "6200"})
    void hundredMegabytesCostAConstant(String part, @TempDir Path folder) throws IOException {
        byte[] pattern = HexFormat.of().parseHex(part);
        byte[] inner = new byte[100 << 20];
        for (int i = 0; i < inner.length; i++) {
            inner[i] = pattern[i % pattern.length];
        }
        Path file = folder.resolve("large.onnx");
        try (OutputStream out = Files.newOutputStream(file)) {
            new ProtobufWriter().number(1, 8).bytes(7, inner).write(out);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try (ByteSource source = ByteSource.open(file)) {
            OnnxModel model = OnnxParser.parse(source);
            assertEquals("3a00", part, "only fields that are passed over may be many");
            assertEquals(List.of(), model.nodes());
        } catch (OnnxException e) {
            assertTrue(e.getMessage().contains("no network has so many") || e.getMessage().contains("two initializers"), e.getMessage());
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 100 << 20, allocated + " bytes");
    }
}
