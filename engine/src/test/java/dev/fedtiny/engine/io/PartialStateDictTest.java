package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile.Form;
import dev.fedtiny.engine.io.ModelFile.Zeros;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files of which a part fits: another head, missing and further tensors, other names. */
class PartialStateDictTest {
    private static final NetworkSpec TEN = new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 2, 10);
    private static final NetworkSpec SEVEN = new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 2, 7);

    @TempDir
    private Path folder;

    private final ModelState start = Initializer.initialize(SEVEN.build(), 9);

    private void assertTaken(ModelState from, StateDict.Loaded loaded) {
        for (int p = 0; p < start.network().parameters().size(); p++) {
            String name = start.network().parameters().get(p).name();
            ModelState expected = loaded.kept().contains(name) ? start : from;
            assertEquals(expected.mask(p), loaded.state().mask(p), name);
            assertArrayEquals(expected.values(p), loaded.state().values(p), name);
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void anotherHeadKeepsItsStartingValues(Form form) throws IOException {
        ModelState trained = ModelFileTest.masked(TEN.build(), 0.2, 4);
        Path file = folder.resolve("ten");
        ModelFile.save(trained, file, form);
        StateDict.Loaded loaded = StateDict.load(file, start);
        assertEquals(List.of("fc.weight", "fc.bias"), loaded.kept());
        assertEquals(List.of(), loaded.unused());
        assertTaken(trained, loaded);
        assertEquals("2 of 102 tensors keep their starting values: fc.weight, fc.bias", loaded.report().getFirst());
        assertTrue(loaded.report().get(1).contains("the network expects [7"), loaded.report().toString());
        loaded.state().check();
    }

    @Test
    void missingAndFurtherTensorsAreReported() throws IOException {
        ModelState trained = Initializer.initialize(SEVEN.build(), 4);
        StateDictFile draft = StateDictFile.of(trained).remove("layer1.0.conv1.weight").remove("bn1.running_var")
                .rename(name -> "module." + name).put("ema.decay", DataType.F32, List.of(1), 0.5);
        StateDict.Loaded loaded = StateDict.load(draft.write(folder), start);
        assertEquals("module.", loaded.prefix());
        assertEquals(List.of("bn1.running_var", "layer1.0.conv1.weight"), loaded.kept());
        assertEquals(List.of("ema.decay"), loaded.unused());
        assertFalse(loaded.complete());
        assertTaken(trained, loaded);
        StateDict.Loaded whole = StateDict.load(StateDictFile.of(trained).write(folder), start);
        assertTrue(whole.complete());
        assertEquals(List.of(), whole.report());
    }

    @Test
    void keysAreRenamed() throws IOException {
        ModelState trained = Initializer.initialize(SEVEN.build(), 4);
        UnaryOperator<String> theirs = name -> "net." + name.replace("layer", "stage").replace("fc.", "head.linear.");
        StateDict.Loaded loaded = StateDict.load(StateDictFile.of(trained).rename(theirs).write(folder), start, Zeros.BY_TYPE, name ->
                name.replace("stage", "layer").replace("head.linear.", "fc."));
        assertTrue(loaded.complete(), loaded.report().toString());
        assertTaken(trained, loaded);
    }

    @Test
    void filesOfWhichNothingFitsAreRefused() throws IOException {
        StateDictFile other = new StateDictFile();
        other.put("embedding.weight", DataType.F32, List.of(2), 1, 2);
        Path file = other.write(folder);
        String message = assertThrows(SafetensorsException.class, () -> StateDict.load(file, start)).getMessage();
        assertTrue(message.contains("there is no tensor 'conv1.weight'"), message);
        StateDictFile infinite = StateDictFile.of(Initializer.initialize(SEVEN.build(), 4)).put("fc.bias", DataType.F32, List.of(7), 0, 0,
                0, 0, 0, 0, Double.POSITIVE_INFINITY);
        Path damaged = infinite.write(folder);
        assertThrows(SafetensorsException.class, () -> StateDict.load(damaged, start));
    }
}
