package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile.Form;
import dev.fedtiny.engine.io.ModelFile.Zeros;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch's tools write: renamed keys, masks, other precisions; what network they are of, and what is wrong with them. */
class StateDictTest {
    private static final NetworkSpec SPEC = new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 2, 10);
    private static final NetworkSpec VGG = new NetworkSpec(Architecture.VGG11_SINGLE, new Shape(3, 32, 32), 2, 7);
    private static final String PRUNED = "layer1.0.conv1.weight";

    @TempDir
    private Path folder;

    private static StateDictFile draft(NetworkSpec spec) {
        return StateDictFile.of(Initializer.initialize(spec.build(), 4));
    }

    private void assertReads(NetworkSpec spec, StateDictFile draft) throws IOException {
        ModelState state = Initializer.initialize(spec.build(), 4);
        ModelFileTest.assertSame(state, ModelFile.load(draft.write(folder), spec));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "net.backbone.", "state_dict.",
        "encoder_q.", "layer1.", "."})
    void commonPrefixesAreTaken(String prefix) throws IOException {
        assertReads(SPEC, draft(SPEC).rename(name -> prefix + name));
    }

    @Test
    void wrappersInsideOfKeysAreTaken() throws IOException {
        assertReads(VGG, draft(VGG).rename(name -> name.replace("features.", "features.module.")));
        assertReads(SPEC, draft(SPEC).rename(name -> "module." + name.replace("layer1.0.", "layer1.0._orig_mod.")));
        assertReads(SPEC, draft(SPEC).rename(name -> "_fsdp_wrapped_module." + name
                .replace("layer2.", "layer2._fsdp_wrapped_module._checkpoint_wrapped_module.")));
    }

    @Test
    void averagedModelsAreTakenAndTwoModelsRefused() throws IOException {
        assertReads(SPEC, draft(SPEC).rename(name -> "module." + name).put("n_averaged", DataType.I64, List.of(), 7));
        StateDictFile twice = draft(SPEC).rename(name -> "student." + name);
        for (Parameter parameter : SPEC.build().parameters()) {
            twice.put("teacher." + parameter.name(), DataType.F32, parameter.shape(), new double[parameter.size()]);
        }
        String message = refused(twice);
        assertTrue(message.contains("'student.'") && message.contains("'teacher.'"), message);
    }

    private String refused(StateDictFile draft) throws IOException {
        Path path = draft.write(folder);
        String message = assertThrows(SafetensorsException.class, () -> ModelFile.load(path, SPEC)).getMessage();
        assertTrue(message.startsWith(path.toString()), message);
        return message;
    }

    /** The weight times its mask is what PyTorch computes with; the mask stays a mask, zeros among the active values stay values. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F64", "BOOL", "U8", "I8", "I32", "I64"})
    void masksOfTorchPruneStayMasks(DataType maskType) throws IOException {
        ModelState state = Initializer.initialize(SPEC.build(), 4);
        int parameter = SPEC.build().indexOf(PRUNED);
        float[] dense = state.dense(parameter);
        dense[2] = 0;
        double[] mask = new double[36];
        for (int i = 0; i < 36; i += 2) {
            mask[i] = 1;
        }
        for (String prefix : List.of("", "module.")) {
            StateDictFile draft = draft(SPEC).remove(PRUNED).put(PRUNED + "_orig", DataType.F32, List.of(2, 2, 3, 3),
                    StateDictFile.doubles(dense)).put(PRUNED + "_mask", maskType, List.of(2, 2, 3, 3), mask).rename(name -> prefix + name);
            ModelState read = ModelFile.load(draft.write(folder), SPEC);
            int[] even = IntStream.range(0, 18).map(i -> 2 * i).toArray();
            assertEquals(Mask.of(36, even), read.mask(parameter));
            assertArrayEquals(Mask.of(36, even).gather(dense), read.values(parameter));
            assertEquals(0, read.values(parameter)[1]);
        }
        // Masks beside the weights themselves.
        StateDictFile beside = draft(SPEC).put(PRUNED + "_mask", maskType, List.of(2, 2, 3, 3), mask);
        assertEquals(18, ModelFile.load(beside.write(folder), SPEC).mask(parameter).count());
    }

    @Test
    void masksThatAreNone() throws IOException {
        StateDictFile half = draft(SPEC).put(PRUNED + "_mask", DataType.F32, List.of(2, 2, 3, 3), new double[36]);
        half.put(PRUNED + "_mask", DataType.F32, List.of(2, 2, 3, 3), IntStream.range(0, 36).mapToDouble(i -> i == 5 ? 0.5 : 1).toArray());
        assertTrue(refused(half).contains("mask '" + PRUNED + "_mask' has 0.5 at place 5, expected 0 or 1"), refused(half));
        StateDictFile none = draft(SPEC).rename(name -> name.equals(PRUNED) ? PRUNED + "_orig" : name);
        assertTrue(refused(none).contains("there is no tensor '" + PRUNED + "_mask' (expected shape [2, 2, 3, 3])"), refused(none));
        StateDictFile shape = draft(SPEC).put(PRUNED + "_mask", DataType.F32, List.of(36), new double[36]);
        assertTrue(refused(shape).contains("has shape [36], the network expects [2, 2, 3, 3]"), refused(shape));
        // A bias cannot be pruned: what its mask takes away is 0.
        StateDictFile bias = draft(SPEC).remove("fc.bias").put("fc.bias_orig", DataType.F32, List.of(10), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
                .put("fc.bias_mask", DataType.F32, List.of(10), 1, 0, 1, 1, 1, 1, 1, 1, 1, 0);
        ModelState read = ModelFile.load(bias.write(folder), SPEC);
        assertArrayEquals(new float[] {1, 0, 3, 4, 5, 6, 7, 8, 9, 0}, read.values(SPEC.build().indexOf("fc.bias")));
    }

    @Test
    void differencesAreListedWithCountsAndBothShapes() throws IOException {
        String missing = refused(draft(SPEC).remove("bn1.weight"));
        assertTrue(missing.contains("there is no tensor 'bn1.weight' (expected shape [2])"), missing);
        StateDictFile many = draft(SPEC);
        Stream.of("bias", "weight", "running_mean", "running_var").forEach(name -> many.remove("layer4.1.bn2." + name));
        for (int i = 0; i < 5; i++) {
            many.put("extra" + i, DataType.U8, List.of(i), new double[i]);
        }
        many.put("conv1.weight", DataType.F32, List.of(2, 3, 7, 7), new double[294]);
        String message = refused(many);
        assertTrue(message.contains("tensor 'conv1.weight' has shape [2, 3, 7, 7], the network expects [2, 3, 3, 3]"), message);
        assertTrue(message.contains("'layer4.1.bn2.weight' (expected shape [16]), "), message);
        assertTrue(message.contains(" and 1 more (4 missing)"), message);
        assertTrue(message.contains("'extra0' [0], 'extra1' [1], 'extra2' [2] and 2 more (5 extra)"), message);
    }

    @Test
    void hintsSayWhatToDo() throws IOException {
        String renamed = refused(draft(SPEC).rename(name -> name.replace("fc.", "linear.")));
        assertTrue(renamed.contains("'linear.weight' has the shape of 'fc.weight'"), renamed);
        String parametrised = refused(draft(SPEC).rename(name -> name.equals(PRUNED)
                ? "layer1.0.conv1.parametrizations.weight.original" : name));
        assertTrue(parametrised.contains("remove_parametrizations"), parametrised);
        String normalised = refused(draft(SPEC).rename(name -> name.equals(PRUNED) ? "layer1.0.conv1.weight_v" : name));
        assertTrue(normalised.contains("remove_weight_norm"), normalised);
    }

    private static double[] withZeros(DataType type) {
        double[] values = new double[36];
        for (int i = 0; i < values.length; i++) {
            // What rounds to zero in 16 bits, or as a float, but is not zero where it was computed.
            values[i] = i % 4 != 0 ? 1 : type == DataType.F64 ? 1e-60 : type == DataType.F32 ? 0 : 1e-9;
        }
        if (type == DataType.F64) {
            values[35] = 0;
        }
        return values;
    }

    /** Small values that rounding made zero are values, unless the caller says otherwise. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F64"})
    void zerosAreWhatTheirTypeOrTheCallerSays(DataType type) throws IOException {
        Network network = SPEC.build();
        int parameter = network.indexOf(PRUNED);
        double[] values = withZeros(type);
        if (type == DataType.BF16) {
            for (int i = 0; i < values.length; i += 4) {
                values[i] = 0;
            }
        }
        Path path = draft(SPEC).put(PRUNED, type, List.of(2, 2, 3, 3), values).write(folder);
        int zeros = type == DataType.F64 ? 1 : 9;
        int byType = type == DataType.F32 || type == DataType.F64 ? 36 - zeros : 36;
        assertEquals(byType, ModelFile.load(path, network).mask(parameter).count());
        assertEquals(byType, ModelFile.load(path, network, Zeros.BY_TYPE).mask(parameter).count());
        assertEquals(36 - zeros, ModelFile.load(path, network, Zeros.PRUNED).mask(parameter).count());
        ModelState kept = ModelFile.load(path, network, Zeros.KEPT);
        assertTrue(kept.mask(parameter).isFull());
        assertEquals(0, kept.mask(parameter).bytes());
        assertEquals(0, kept.values(parameter)[0]);
        assertEquals(1, kept.values(parameter)[1]);
        // What was decided survives the file that is written of it.
        for (Form form : Form.values()) {
            Path again = folder.resolve("again");
            ModelFile.save(kept, again, form);
            ModelFileTest.assertSame(kept, ModelFile.load(again));
            ModelState pruned = ModelFile.load(path, network, Zeros.PRUNED);
            ModelFile.save(pruned, again, form);
            ModelFileTest.assertSame(pruned, ModelFile.load(again));
        }
    }

    @Test
    void zerosBesideMasksAreValues() throws IOException {
        double[] mask = new double[36];
        mask[0] = 1;
        double[] zero = new double[36];
        String other = "layer1.0.conv2.weight";
        Path path = draft(SPEC).put(PRUNED + "_mask", DataType.U8, List.of(2, 2, 3, 3), mask)
                .put(other, DataType.F32, List.of(2, 2, 3, 3), zero).write(folder);
        int parameter = SPEC.build().indexOf(other);
        assertTrue(ModelFile.load(path, SPEC).mask(parameter).isFull());
        assertEquals(0, ModelFile.load(path, SPEC.build(), Zeros.PRUNED).mask(parameter).count());
        assertEquals(1, ModelFile.load(path, SPEC.build(), Zeros.KEPT).mask(SPEC.build().indexOf(PRUNED)).count());
    }

    /** Own files of the dense form say themselves what their zeros are; a caller may still want them as values. */
    @Test
    void zerosOfOwnFiles() throws IOException {
        ModelState state = ModelFileTest.masked(SPEC.build(), 0.3, 2);
        Path path = folder.resolve("own");
        ModelFile.save(state, path, Form.DENSE);
        ModelFileTest.assertSame(state, ModelFile.load(path, Zeros.PRUNED));
        ModelState kept = ModelFile.load(path, Zeros.KEPT);
        for (int p = 0; p < state.masks().size(); p++) {
            assertTrue(kept.mask(p).isFull());
            assertArrayEquals(state.dense(p), kept.values(p));
        }
    }

    private StateDictSpec.Inferred infer(StateDictFile draft, StateDictSpec.Known known) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(draft.write(folder))) {
            return StateDictSpec.infer(file, known);
        }
    }

    @Test
    void networksAreFoundByNamesAndShapes() throws IOException {
        for (Architecture architecture : Architecture.values()) {
            NetworkSpec usual = architecture.usual();
            int classes = architecture.classifies() ? 7 : usual.classes();
            NetworkSpec spec = new NetworkSpec(architecture, usual.input(), 8, classes);
            if (spec.build().parameters().equals(new NetworkSpec(architecture, usual.input(), 1, classes).build().parameters())) {
                spec = new NetworkSpec(architecture, usual.input(), 1, classes);
            }
            for (UnaryOperator<String> renaming : List.<UnaryOperator<String>>of(name -> name, name -> "module." + name)) {
                StateDictSpec.Inferred inferred = infer(draft(spec).rename(renaming), StateDictSpec.Known.NOTHING);
                assertEquals(spec, inferred.spec());
                assertTrue(inferred.found().getFirst().contains("model " + architecture.key()), inferred.found().toString());
            }
        }
    }

    @Test
    void whatIsKnownIsNotGuessed() throws IOException {
        StateDictSpec.Known all = new StateDictSpec.Known(Optional.of(Architecture.RESNET18), OptionalInt.of(2), OptionalInt.of(10),
                Optional.of(new Shape(3, 48, 40)), Optional.empty());
        StateDictSpec.Inferred inferred = infer(draft(SPEC), all);
        assertEquals(new NetworkSpec(Architecture.RESNET18, new Shape(3, 48, 40), 2, 10), inferred.spec());
        assertEquals(List.of(), inferred.found());
        assertEquals(new Shape(3, 28, 28), infer(draft(SPEC), StateDictSpec.Known.NOTHING.withData(new Shape(1, 28, 28))).spec().input());
        StateDictSpec.Known wide = new StateDictSpec.Known(Optional.empty(), OptionalInt.of(64), OptionalInt.empty(), Optional.empty(),
                Optional.empty());
        String message = assertThrows(SafetensorsException.class, () -> infer(draft(SPEC), wide)).getMessage();
        assertTrue(message.contains("has shape [2, 3, 3, 3], the network expects [64, 3, 3, 3]"), message);
    }

    @Test
    void unknownNetworksAreComparedWithTheNearest() throws IOException {
        StateDictFile otherStem = draft(SPEC).put("conv1.weight", DataType.F32, List.of(2, 3, 5, 5), new double[150]);
        String message = assertThrows(SafetensorsException.class, () -> infer(otherStem, StateDictSpec.Known.NOTHING)).getMessage();
        assertTrue(message.contains("the nearest is resnet18 (width 2, 10 classes, images 3×32×32): tensor 'conv1.weight' has shape "
                + "[2, 3, 5, 5], the network expects [2, 3, 3, 3]"), message);
        StateDictFile none = new StateDictFile().put("w", DataType.F32, List.of(2), 1, 2);
        assertThrows(SafetensorsException.class, () -> infer(none, StateDictSpec.Known.NOTHING));
        assertThrows(SafetensorsException.class, () -> infer(new StateDictFile(), StateDictSpec.Known.NOTHING));
        // Extents that no network could have, in names that it has.
        StateDictFile hostile = new StateDictFile().put("conv1.weight", DataType.F32, List.of(1_000_000_000, 0, 3, 3))
                .put("fc.weight", DataType.F32, List.of(0, 2_000_000_000));
        assertThrows(SafetensorsException.class, () -> infer(hostile, StateDictSpec.Known.NOTHING));
    }
}
