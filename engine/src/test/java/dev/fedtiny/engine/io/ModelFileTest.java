package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile.Form;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelFileTest {
    private static final NetworkSpec SMALL = new NetworkSpec(Architecture.CNN_8_8_8, new Shape(1, 28, 28), 1, 3);
    /** A signal and classes beyond what 16 bits count. */
    private static final NetworkSpec LONG = new NetworkSpec(Architecture.CNN_1D, new Shape(9, 1, 160_000), 4, 70_000);
    private static final NetworkSpec RESIDUAL = new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 8, 10);

    @TempDir
    private Path folder;

    /** A state with random masks; a few active values are zeros of both signs, as after growing. */
    static ModelState masked(Network network, double density, long seed) {
        List<Mask> masks = new ArrayList<>();
        for (int p = 0; p < network.parameters().size(); p++) {
            Parameter parameter = network.parameters().get(p);
            RandomStream random = RandomStream.of(seed, "mask", p);
            masks.add(parameter.prunable()
                    ? Mask.of(parameter.size(), IntStream.range(0, parameter.size()).filter(_ -> random.nextDouble() < density).toArray())
                    : Mask.full(parameter.size()));
        }
        ModelState state = Initializer.initialize(network, seed).masked(masks);
        for (int p : network.prunable()) {
            float[] values = state.values(p).clone();
            for (int i = 0; i < values.length; i += 17) {
                values[i] = i % 2 == 0 ? 0f : -0f;
            }
            state = state.withValues(p, values);
        }
        return state;
    }

    static void assertSame(ModelState expected, ModelState actual) {
        assertEquals(expected.network().parameters(), actual.network().parameters());
        for (int i = 0; i < expected.network().parameters().size(); i++) {
            String name = expected.network().parameters().get(i).name();
            assertEquals(expected.mask(i), actual.mask(i), name);
            assertEquals(0, Arrays.compare(expected.values(i), actual.values(i)), name);
        }
    }

    static Stream<Arguments> cases() {
        List<NetworkSpec> specs = List.of(RESIDUAL, new NetworkSpec(Architecture.VGG11_SINGLE, new Shape(3, 32, 32), 8, 7),
                new NetworkSpec(Architecture.VGG11_SMALL, new Shape(3, 32, 32), 2, 100), SMALL);
        return Stream.concat(Stream.of(Arguments.of(LONG, Form.SPARSE, 0.5)), specs.stream().flatMap(spec -> Stream.of(Form.values())
                .flatMap(form -> Stream.of(0, 0.01, 0.05, 0.5, 1.0).map(density -> Arguments.of(spec, form, density)))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void statesComeBackBitForBit(NetworkSpec spec, Form form, double density) throws IOException {
        ModelState state = masked(spec.build(), density, 3);
        Path path = folder.resolve("model");
        ModelFile.save(state, path, form);
        assertSame(state, ModelFile.load(path));
        assertSame(state, ModelFile.load(path, spec));
        assertEquals(spec, ModelFile.load(path).network().spec().orElseThrow());
        byte[] first = Files.readAllBytes(path);
        ModelFile.save(ModelFile.load(path), path, form);
        assertArrayEquals(first, Files.readAllBytes(path));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void denseFormIsTheStateDict() throws IOException {
        Network network = RESIDUAL.build();
        ModelState state = masked(network, 0.1, 5);
        Path path = folder.resolve("model");
        ModelFile.save(state, path, Form.DENSE, Map.of("mean", "0.5"));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals("pt", file.metadata().get("format"));
            assertEquals("0.5", file.metadata().get("mean"));
            assertEquals(Optional.of(RESIDUAL), ModelFile.spec(file));
            for (int i = 0; i < network.parameters().size(); i++) {
                Parameter parameter = network.parameters().get(i);
                assertTrue(file.get(parameter.name()).hasShape(parameter.shape()));
                assertEquals(0, Arrays.compare(state.dense(i), file.readFloats(parameter.name())));
            }
            List<TensorEntry> batches = file.tensors().stream().filter(entry -> entry.name().endsWith(".num_batches_tracked")).toList();
            long variances = network.parameters().stream().filter(p -> p.kind() == Parameter.Kind.RUNNING_VARIANCE).count();
            assertEquals(variances, batches.size());
            assertEquals(network.parameters().size() + variances, file.tensors().size());
            assertEquals(DataType.I64, file.get("layer1.0.bn1.num_batches_tracked").dataType());
            assertEquals(List.of(), file.get("layer1.0.bn1.num_batches_tracked").shape());
            assertArrayEquals(new long[1], file.readLongs("layer1.0.bn1.num_batches_tracked"));
        }
    }

    /** Bytes as the format's description says: the smaller of ⌈n/8⌉ and 4·(rows + 1) + 2·m beside 4·m for the values. */
    @Test
    void sparseFormTakesTheFewerBytes() throws IOException {
        Network network = RESIDUAL.build();
        for (double density : new double[] {0.01, 0.3}) {
            ModelState state = masked(network, density, 6);
            Path path = folder.resolve("model");
            ModelFile.save(state, path, Form.SPARSE);
            int bitmasks = 0;
            long expected = 0;
            for (int i = 0; i < network.parameters().size(); i++) {
                Mask mask = state.mask(i);
                long bits = Math.ceilDiv(mask.size(), 8);
                long rows = 4L * (network.parameters().get(i).rows() + 1) + 2L * mask.count();
                expected += 4L * mask.count() + (mask.isFull() ? 0 : Math.min(bits, rows));
                bitmasks += !mask.isFull() && bits <= rows ? 1 : 0;
            }
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertEquals(expected, file.tensors().stream().mapToLong(TensorEntry::bytes).sum());
                assertEquals(bitmasks, file.tensors().stream().filter(entry -> entry.name().endsWith(".bitmask")).count());
            }
            assertTrue(density > 0.1 ? bitmasks > 15 : bitmasks < 15, bitmasks + " bitmasks at density " + density);
        }
    }

    /** More than 65,536 columns need wider column indices. */
    @ParameterizedTest
    @EnumSource(Form.class)
    void wideRowsComeBack(Form form) throws IOException {
        Network.Builder builder = Network.builder(new Shape(70_001, 1, 1)).block("all");
        builder.linear("fc", 0, 3, false, true);
        Network network = builder.build();
        ModelState state = ModelState.of(network, List.of(Mask.of(210_003, new int[] {70_000, 70_001, 210_002})),
                List.of(new float[] {1, 2, 3}));
        Path path = folder.resolve("wide");
        ModelFile.save(state, path, form);
        assertSame(state, ModelFile.load(path, network));
        assertSame(state, ModelFile.load(path));
    }

    /** Weights exempt from pruning stay exempt; a weight that is usually not pruned may still be. */
    @ParameterizedTest
    @EnumSource(Form.class)
    void exemptionsAndUnusualMasksComeBack(Form form) throws IOException {
        Network network = SMALL.build().withoutPruning("fc2.weight").withoutPruning("conv3.weight");
        ModelState state = masked(network, 0.2, 8);
        int first = network.indexOf("conv1.weight");
        state = state.with(first, Mask.of(72, new int[] {0, 5, 71}), new float[] {1, -2, 3});
        int exempt = network.indexOf("fc2.weight");
        state = state.withValues(exempt, new float[state.mask(exempt).size()]);
        Path path = folder.resolve("model");
        ModelFile.save(state, path, form);
        assertSame(state, ModelFile.load(path));
        assertFalse(ModelFile.load(path).network().parameters().get(exempt).prunable());
        assertEquals(state.masks(), ModelFile.load(path, SMALL).masks());
        // What a state may be, a session may hold, and an estimate foretells.
        try (Session session = Session.open(ModelFile.load(path), Mode.TRAINING, 2)) {
            assertEquals(MemoryEstimate.of(state, Mode.TRAINING, 2, 1, SessionOptions.DEFAULT).total(), session.bytes());
            assertEquals(state.masks(), session.state().masks());
        }
    }

    /** A weight that may be pruned here and not in the architecture as it is known is one in the file, too. */
    @ParameterizedTest
    @EnumSource(Form.class)
    void weightsThatMayBePrunedAsWellComeBack(Form form) throws IOException {
        Network network = SMALL.build().withPruning("conv1.weight");
        int first = network.indexOf("conv1.weight");
        assertEquals(network, network.withPruning("conv1.weight"));
        assertEquals(first, network.blocks().getFirst().parameters().getFirst());
        ModelState state = masked(network, 0.2, 8);
        state = state.with(first, Mask.of(72, new int[] {0, 5, 71}), new float[] {1, -2, 3});
        Path path = folder.resolve("model");
        ModelFile.save(state, path, form);
        ModelState read = ModelFile.load(path);
        assertSame(state, read);
        assertEquals(network.parameters(), read.network().parameters());
        assertEquals(network.blocks(), read.network().blocks());
        assertEquals(SMALL.build().blocks(), network.withoutPruning("conv1.weight").blocks());
        assertThrows(IllegalArgumentException.class, () -> network.withPruning("fc2.bias"));
        assertThrows(IllegalArgumentException.class, () -> network.withPruning("conv9.weight"));
    }

    /** What is no weight keeps everything, for a state, other masks of one, and an estimate, in the same words. */
    @Test
    void aMaskOnWhatIsNoWeightIsRefused() {
        Network network = SMALL.build();
        ModelState state = masked(network, 0.2, 8);
        int bias = network.indexOf("fc2.bias");
        List<Mask> masks = new ArrayList<>(state.masks());
        masks.set(bias, Mask.of(3, new int[] {0, 2}));
        String rule = assertThrows(IllegalArgumentException.class, () -> state.masked(masks)).getMessage();
        assertTrue(rule.contains("'fc2.bias' is BIAS and cannot be pruned: it keeps all of its 3 positions [3], got 2 active ones"), rule);
        assertEquals(rule, assertThrows(IllegalArgumentException.class, () -> state.with(bias, masks.get(bias),
                new float[2])).getMessage());
        int[] kept = masks.stream().mapToInt(Mask::count).toArray();
        assertEquals(rule, assertThrows(IllegalArgumentException.class,
                () -> MemoryEstimate.of(network, kept, Mode.TRAINING, 1, 1, SessionOptions.DEFAULT)).getMessage());
    }

    /** What other programs write: no metadata, another order, other precisions, positive counts of batches. */
    @Test
    void readsAPlainStateDict() throws IOException {
        Network network = RESIDUAL.build();
        ModelState state = masked(network, 0.3, 9);
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        for (int i = network.parameters().size() - 1; i >= 0; i--) {
            Parameter parameter = network.parameters().get(i);
            writer.floats(parameter.name(), parameter.shape(), state.dense(i));
            if (parameter.kind() == Parameter.Kind.RUNNING_VARIANCE) {
                writer.longs(parameter.name().replace("running_var", "num_batches_tracked"), List.of(), new long[] {99});
            }
        }
        Path path = folder.resolve("plain");
        writer.write(path);
        ModelState read = ModelFile.load(path, RESIDUAL);
        for (int i = 0; i < network.parameters().size(); i++) {
            // Adding 0 turns -0 into 0: the sign of a pruned zero is not kept.
            float[] expected = state.dense(i);
            for (int j = 0; j < expected.length; j++) {
                expected[j] += 0f;
            }
            assertArrayEquals(expected, read.dense(i), network.parameters().get(i).name());
            assertEquals(network.parameters().get(i).prunable() ? Mask.ofNonZero(expected) : Mask.full(expected.length), read.mask(i));
        }
        assertThrows(SafetensorsException.class, () -> ModelFile.load(path));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Optional.empty(), ModelFile.spec(file));
        }
    }

    @Test
    void saveRefusesWhatCouldNotBeReadBackAndKeepsTheOldFile() throws IOException {
        ModelState state = masked(SMALL.build(), 0.5, 1);
        Path path = folder.resolve("model");
        ModelFile.save(state, path, Form.DENSE);
        byte[] old = Files.readAllBytes(path);
        float[] broken = state.values(0).clone();
        ModelState diverged = state.withValues(0, broken);
        broken[3] = Float.NaN;
        assertThrows(IllegalStateException.class, () -> ModelFile.save(diverged, path, Form.DENSE));
        assertThrows(NonFiniteException.class, () -> state.withValues(0, broken));
        for (String key : List.of("architecture", "format", "fedtiny.form", "fedtiny.other")) {
            assertThrows(IllegalArgumentException.class, () -> ModelFile.save(state, path, Form.SPARSE, Map.of(key, "x")), key);
        }
        assertArrayEquals(old, Files.readAllBytes(path));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }
}
