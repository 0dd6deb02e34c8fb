package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile.Form;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights in fewer bits: how they are rounded, and that files give back what was rounded. */
class WeightStorageTest {
    private static final NetworkSpec SPEC = new NetworkSpec(Architecture.VGG11_SINGLE, new Shape(1, 32, 32), 4, 3);

    @TempDir
    private Path folder;

    private static float[] random(int count, double scale) {
        RandomStream random = RandomStream.of(7, "weights");
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * (random.nextDouble() - 0.5) * Math.pow(2, -20 * random.nextDouble()));
        }
        return values;
    }

    static Stream<Arguments> files() {
        return Stream.of(WeightStorage.values()).flatMap(storage -> Stream.of(Form.values()).flatMap(form -> Stream.of(0, 0.05, 1.0)
                .map(density -> Arguments.of(storage, form, density))));
    }

    @ParameterizedTest
    @MethodSource("files")
    void filesGiveBackWhatWasRounded(WeightStorage storage, Form form, double density) throws IOException {
        Network network = SPEC.build();
        ModelState state = ModelFileTest.masked(network, density, 3);
        ModelState expected = state;
        for (int p = 0; p < network.parameters().size(); p++) {
            if (network.parameters().get(p).kind().isWeight()) {
                expected = expected.withValues(p, storage.rounded(state.mask(p), network.parameters().get(p).columns(), state.values(p)));
            }
        }
        Path path = folder.resolve("model");
        ModelFile.save(state, path, form, storage, Map.of());
        ModelState read = ModelFile.load(path);
        ModelFileTest.assertSame(expected, read);
        byte[] first = Files.readAllBytes(path);
        ModelFile.save(read, path, form, storage, Map.of());
        assertArrayEquals(first, Files.readAllBytes(path), "rounding twice is rounding once");
    }

    @Test
    void filesAreAsMuchSmallerAsTheirWeights() throws IOException {
        ModelState state = ModelFileTest.masked(new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 16, 10).build(), 1, 3);
        long[] sizes = new long[WeightStorage.values().length];
        for (WeightStorage storage : WeightStorage.values()) {
            Path path = folder.resolve(storage.key());
            ModelFile.save(state, path, Form.SPARSE, storage, Map.of());
            sizes[storage.ordinal()] = Files.size(path);
        }
        assertEquals(0.5, (double) sizes[1] / sizes[0], 0.03);
        assertEquals(sizes[1], sizes[2], 64, "headers name the types");
        assertEquals(0.25, (double) sizes[3] / sizes[0], 0.04);
    }

    @ParameterizedTest
    @EnumSource(WeightStorage.class)
    void errorsAreWithinTheirBounds(WeightStorage storage) {
        int columns = 50;
        float[] values = random(40 * columns, 8);
        float[] rounded = storage.rounded(Mask.full(values.length), columns, values);
        for (int i = 0; i < values.length; i++) {
            float largest = 0;
            for (int j = i / columns * columns; j < (i / columns + 1) * columns; j++) {
                largest = Math.max(largest, Math.abs(values[j]));
            }
            double bound = switch (storage) {
                case FLOAT32 -> 0;
                case FLOAT16 -> Math.max(Math.abs(values[i]) * 0x1p-11, 0x1p-25);
                case BFLOAT16 -> Math.abs(values[i]) * 0x1p-8;
                case INT8 -> largest / 253;
            };
            assertTrue(Math.abs((double) rounded[i] - values[i]) <= bound, storage + ": " + values[i] + " became " + rounded[i]);
        }
        assertArrayEquals(rounded, storage.rounded(Mask.full(values.length), columns, rounded), "rounding twice is rounding once");
    }

    @Test
    void bfloat16RoundsTiesToEven() {
        Mask mask = Mask.full(5);
        float[] given = {1f, 1f + 0x1p-8f, 1f + 0x3p-8f, 1f + 0x1p-8f + 0x1p-20f, -0f};
        assertArrayEquals(new float[] {1f, 1f, 1f + 0x1p-6f, 1f + 0x1p-7f, -0f}, WeightStorage.BFLOAT16.rounded(mask, 5, given));
    }

    @Test
    void int8HasAScaleForEveryOutputChannel() {
        float[] values = {1, -0.5f, 0.25f, 100, 1, -100, 0, 0, 0};
        StoredWeights stored = StoredWeights.of(WeightStorage.INT8, Mask.full(9), 3, values);
        assertArrayEquals(new int[] {127, -63, 32, 127, 1, -127, 0, 0, 0}, stored.numbers());
        assertEquals(0, stored.scales()[2]);
        assertEquals(9 + 12, stored.bytes());
        // Of a sparse matrix a channel's active weights count.
        StoredWeights sparse = StoredWeights.of(WeightStorage.INT8, Mask.of(9, new int[] {1, 5, 8}), 3, new float[] {-2, 3, 0.5f});
        assertArrayEquals(new int[] {-127, 127, 127}, sparse.numbers());
    }

    @ParameterizedTest
    @EnumSource(WeightStorage.class)
    void bytesOfMessages(WeightStorage storage) {
        Mask mask = Mask.of(60, new int[] {3, 17, 20, 44, 59});
        StoredWeights stored = StoredWeights.of(storage, mask, 10, random(5, 1));
        ByteBuffer bytes = ByteBuffer.allocate((int) stored.bytes() + 2).position(1);
        stored.write(bytes);
        assertEquals(stored.bytes() + 1, bytes.position());
        StoredWeights read = StoredWeights.read(bytes.position(1), storage, 5, 6);
        assertArrayEquals(stored.decode(mask, 10), read.decode(mask, 10));
        assertEquals(stored.bytes() + 1, bytes.position());
        assertThrows(BufferUnderflowException.class, () -> StoredWeights.read(ByteBuffer.allocate(4), storage, Integer.MAX_VALUE, 6));
    }

    @Test
    void weightsBeyondTheRangeAreRefusedAndNothingIsWritten() {
        Network network = SPEC.build();
        int weight = network.prunable().getFirst();
        float[] large = new float[network.parameters().get(weight).size()];
        large[3] = 70_000;
        ModelState state = ModelFileTest.masked(network, 1, 3).with(weight, Mask.full(large.length), large);
        Path path = folder.resolve("model");
        String message = assertThrows(IllegalArgumentException.class, () -> ModelFile.save(state, path, Form.DENSE, WeightStorage.FLOAT16,
                Map.of())).getMessage();
        assertTrue(message.contains("70000.0 at position 3 is beyond the range of float16; store the weights as bfloat16 or float32"),
                message);
        assertFalse(Files.exists(path));
    }

    /** The scale is rounded up, so that 127 times it is more than a float holds. */
    @Test
    void theLargestFloatHasNoInt8() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> WeightStorage.INT8.rounded(Mask.full(2), 2, new float[] {1, -Float.MAX_VALUE})).getMessage();
        assertTrue(message.contains("at position 1 is beyond the range of int8; store the weights as float32"), message);
    }

    @Test
    void scalesThatAreNoneAreRefused() throws IOException {
        Network.Builder net = Network.builder(Shape.features(3)).block("all");
        net.linear("fc", 0, 2, false, true);
        Network network = net.build();
        for (List<Float> scales : List.of(List.of(1f), List.of(1f, Float.NaN), List.of(1f, Float.POSITIVE_INFINITY))) {
            float[] given = new float[scales.size()];
            for (int i = 0; i < given.length; i++) {
                given[i] = scales.get(i);
            }
            SafetensorsWriter writer = new SafetensorsWriter().floats("fc.weight.scale", List.of(given.length), given);
            writer.weights("fc.weight", List.of(2, 3), new StoredWeights(WeightStorage.INT8, new int[] {1, 2, 3, 4, 5, 6}, new float[0]));
            Path path = folder.resolve("model");
            writer.write(path);
            assertThrows(SafetensorsException.class, () -> ModelFile.load(path, network));
        }
    }
}
