package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile.Form;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Well-formed safetensors files that are no good models. */
class HostileModelFileTest {
    @TempDir
    private Path folder;

    /** One convolution of 2×1×3×3, its batch normalisation, one linear layer of 3×2: names and numbers small enough to write by hand. */
    private static Network network() {
        Network.Builder net = Network.builder(new Shape(1, 4, 4)).block("all");
        int x = net.batchNorm2d("bn", net.conv2d("conv", 0, 2, 3, 1, 1, false, true));
        net.linear("fc", net.globalAveragePool(x), 3, true, true);
        return net.build();
    }

    private static final class Draft {
        private final Map<String, float[]> floats = new TreeMap<>();
        private final Map<String, List<Integer>> shapes = new TreeMap<>();
        private final SafetensorsWriter writer = new SafetensorsWriter();

        private Draft() {
            put("conv.weight", List.of(2, 1, 3, 3), 1);
            put("bn.weight", List.of(2), 1);
            put("bn.bias", List.of(2), 0);
            put("bn.running_mean", List.of(2), 0);
            put("bn.running_var", List.of(2), 1);
            put("fc.weight", List.of(3, 2), 1);
            put("fc.bias", List.of(3), 0);
        }

        private Draft put(String name, List<Integer> shape, float value) {
            float[] values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
            Arrays.fill(values, value);
            floats.put(name, values);
            shapes.put(name, shape);
            return this;
        }

        private Draft remove(String name) {
            floats.remove(name);
            return this;
        }

        private Draft set(String name, int place, float value) {
            floats.get(name)[place] = value;
            return this;
        }

        /** Starts the sparse form of the linear layer with so many values; the positions are up to the caller. */
        private Draft sparse(int count) {
            writer.metadata("fedtiny.form", "sparse");
            return remove("fc.weight").put("fc.weight.values", List.of(count), 2);
        }

        private Path write(Path folder) throws IOException {
            floats.forEach((name, values) -> writer.floats(name, shapes.get(name), values));
            Path path = folder.resolve("model.safetensors");
            writer.write(path);
            return path;
        }
    }

    private SafetensorsException refused(Draft draft, String message) throws IOException {
        Path path = draft.write(folder);
        SafetensorsException failure = assertThrows(SafetensorsException.class, () -> ModelFile.load(path, network()));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
        return failure;
    }

    private void refusedAt(Draft draft, String tensor, int offsetInTensor, String message) throws IOException {
        SafetensorsException failure = refused(draft, message);
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            assertEquals(file.get(tensor).begin() + offsetInTensor, failure.byteOffset(), failure.getMessage());
        }
    }

    @Test
    void namesAndShapes() throws IOException {
        assertEquals(1.0, ModelFile.load(new Draft().write(folder), network()).density());
        refused(new Draft().remove("bn.running_mean"), "no tensor 'bn.running_mean' (expected shape [2])");
        refusedAt(new Draft().put("bn2.weight", List.of(5), 0), "bn2.weight", 0, "no tensor 'bn2.weight' [5]");
        refusedAt(new Draft().put("conv.weight", List.of(2, 1, 9), 0), "conv.weight", 0,
                "tensor 'conv.weight' has shape [2, 1, 9], the network expects [2, 1, 3, 3]");
        refusedAt(new Draft().put("fc.weight.values", List.of(1), 0), "fc.weight.values", 0, "no tensor 'fc.weight.values'");
        Draft integers = new Draft().remove("fc.bias");
        integers.writer.ints("fc.bias", List.of(3), new int[3]);
        refusedAt(integers, "fc.bias", 0, "tensor 'fc.bias' is I32, expected F32, F16, BF16 or F64");
    }

    @Test
    void valuesThatAreNoNumbers() throws IOException {
        refusedAt(new Draft().set("conv.weight", 7, Float.NaN), "conv.weight", 28, "tensor 'conv.weight' has NaN at place 7");
        refusedAt(new Draft().set("fc.bias", 2, Float.NEGATIVE_INFINITY), "fc.bias", 8, "-Infinity at place 2");
        refusedAt(new Draft().set("bn.running_var", 1, -0.5f), "bn.running_var", 4,
                "-0.5 at place 1, expected a finite number that is not negative");
        Draft sparse = new Draft().sparse(3);
        sparse.writer.bytes("fc.weight.bitmask", List.of(1), new byte[] {0b000111});
        refusedAt(sparse.set("fc.weight.values", 1, Float.NaN), "fc.weight.values", 4, "NaN at place 1");
    }

    @Test
    void metadata() throws IOException {
        for (String text : List.of("7", "-1", "x", "0,0", "1,0", "0,", "99999999999", "2", "All")) {
            Draft draft = new Draft().set("fc.weight", 0, 0).set("fc.weight", 1, 0);
            draft.writer.metadata("fedtiny.mask.fc.weight", text);
            refused(draft, "metadata 'fedtiny.mask.fc.weight' has '");
        }
        Draft version = new Draft();
        version.writer.metadata("fedtiny.version", "2");
        refused(version, "is '2', this engine reads version 1");
        Draft form = new Draft();
        form.writer.metadata("fedtiny.form", "other");
        refused(form, "is 'other', expected 'dense' or 'sparse'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet18|3x32x32|65536|10", "vgg11-imagenet|65536x32x32|65536|65536", "cnn-8-8-8|1x1x1|1|10",
            "resnet19|3x32x32|8|10", "resnet18|3x32|8|10", "resnet18|3x32x32|0|10", "resnet18|3x32x32|8|9999999999",
            "resnet18|65536x65536x65536|8|10", "vgg11|3x2x2|8|10", "resnet18|3x65536x8000|64|10", "vgg11|3x32x32|65536|10"})
    void networksThatCannotBe(String text) throws IOException {
        String[] parts = text.split("\\|");
        Draft draft = new Draft();
        draft.writer.metadata("architecture", parts[0]).metadata("input", parts[1])
                .metadata("width", parts[2]).metadata("classes", parts[3]);
        Path path = draft.write(folder);
        assertThrows(SafetensorsException.class, () -> ModelFile.load(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nothing", "fc2.bias", "fc2.weight,fc2.weight", "conv1.weight"})
    void exemptionsThatCannotBe(String names) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().metadata("fedtiny.never_pruned", names);
        new NetworkSpec(Architecture.CNN_8_8_8, new Shape(1, 28, 28), 1, 3).toMetadata().forEach(writer::metadata);
        Path path = folder.resolve("model");
        writer.write(path);
        String message = assertThrows(SafetensorsException.class, () -> ModelFile.load(path)).getMessage();
        assertTrue(message.contains("describe no network"), message);
    }

    @Test
    void bitmasks() throws IOException {
        Draft good = new Draft().sparse(3);
        good.writer.bytes("fc.weight.bitmask", List.of(1), new byte[] {0b101010});
        ModelState state = ModelFile.load(good.write(folder), network());
        int[] kept = state.mask(state.network().indexOf("fc.weight")).indices();
        assertEquals("[1, 3, 5]", Arrays.toString(kept));

        Draft fewer = new Draft().sparse(3);
        fewer.writer.bytes("fc.weight.bitmask", List.of(1), new byte[] {0b100010});
        refusedAt(fewer, "fc.weight.bitmask", 0, "keeps 2 positions, but there are 3 values");
        Draft beyond = new Draft().sparse(3);
        beyond.writer.bytes("fc.weight.bitmask", List.of(1), new byte[] {(byte) 0b1000_0011});
        refusedAt(beyond, "fc.weight.bitmask", 0, "sets bits beyond the 6 positions");
        Draft longer = new Draft().sparse(3);
        longer.writer.bytes("fc.weight.bitmask", List.of(2), new byte[2]);
        refusedAt(longer, "fc.weight.bitmask", 0, "has shape [2], the network expects [1]");
        refused(new Draft().sparse(3), "no tensor 'fc.weight.row_pointers'");
        refused(new Draft().sparse(7), "at most 6");
        refused(new Draft().sparse(2).remove("fc.weight.values"), "no tensor 'fc.weight.values' (tensor 'fc.weight' is missing too)");
    }

    @Test
    void rowPointersAndColumns() throws IOException {
        ModelState state = ModelFile.load(rows(new int[] {0, 1, 1, 3}, 1, 0, 1).write(folder), network());
        assertEquals("[1, 4, 5]", Arrays.toString(state.mask(state.network().indexOf("fc.weight")).indices()));

        refusedAt(rows(new int[] {1, 1, 1, 3}, 1, 0, 1), "fc.weight.row_pointers", 0, "has 1 at place 0");
        refusedAt(rows(new int[] {0, 2, 1, 3}, 0, 1, 1), "fc.weight.row_pointers", 8, "has 1 at place 2");
        refusedAt(rows(new int[] {0, -1, 1, 3}, 0, 1, 1), "fc.weight.row_pointers", 4, "has -1 at place 1");
        refusedAt(rows(new int[] {0, 1, Integer.MAX_VALUE, 3}, 0, 1, 1), "fc.weight.row_pointers", 8, "at place 2");
        refusedAt(rows(new int[] {0, 1, 1, 2}, 1, 0, 1), "fc.weight.row_pointers", 12, "has 2 at place 3");
        refusedAt(rows(new int[] {0, 1, 1, 3}, 2, 0, 1), "fc.weight.column_indices", 0, "has 2 after -1 in row 0");
        refusedAt(rows(new int[] {0, 1, 1, 3}, 1, 1, 0), "fc.weight.column_indices", 8, "has 0 after 1 in row 2");
        refusedAt(rows(new int[] {0, 1, 1, 3}, 1, 1, 1), "fc.weight.column_indices", 8, "has 1 after 1");
        refusedAt(rows(new int[] {0, 1, 1, 3}, 1, -1, 1), "fc.weight.column_indices", 4, "has -1 after -1 in row 2");
        refused(rows(new int[] {0, 1, 3}, 1, 0, 1), "has shape [3], the network expects [4]");
        refused(rows(new int[] {0, 1, 1, 2}, 1, 0), "has shape [2], the network expects [3]");
    }

    private static Draft rows(int[] rowPointers, int... columns) {
        Draft draft = new Draft().sparse(3);
        draft.writer.ints("fc.weight.row_pointers", List.of(rowPointers.length), rowPointers);
        draft.writer.ints("fc.weight.column_indices", List.of(columns.length), columns);
        return draft;
    }

    /** Flipped bytes anywhere and files cut anywhere: a state that passes its own check, or the one kind of exception. */
    @ParameterizedTest
    @EnumSource(Form.class)
    void randomDamage(Form form) throws IOException {
        NetworkSpec spec = new NetworkSpec(Architecture.VGG11_SINGLE, new Shape(1, 32, 32), 1, 2);
        Path path = folder.resolve("model");
        ModelFile.save(ModelFileTest.masked(spec.build(), 0.3, 4), path, form);
        byte[] whole = Files.readAllBytes(path);
        int headerEnd = 8 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt();
        RandomStream random = RandomStream.of(1, "damage");
        int accepted = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(i % 2 == 0 ? whole.length : headerEnd)] = (byte) random.nextInt(256);
            if (i % 10 == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(whole.length));
            }
            // Anew: a file that is emptied and written again is written to the disk by ext4, which takes 6 ms.
            Files.delete(path);
            Files.write(path, damaged);
            try {
                ModelFile.load(path).check();
                accepted++;
            } catch (SafetensorsException e) {
                assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
            }
        }
        assertTrue(accepted > 100 && accepted < 2900, accepted + " of 3000 accepted");
    }
}
