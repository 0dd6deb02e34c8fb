package dev.fedtiny.engine.io;

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
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code num_batches_tracked}: how many batches running statistics have seen, from file to training to file. */
class BatchCountsTest {
    private static final NetworkSpec SPEC = new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 2, 10);
    private static final String FIRST = "bn1.num_batches_tracked";
    private static final String SHORTCUT = "layer2.0.downsample.1.num_batches_tracked";

    @TempDir
    private Path folder;

    private static ModelState trained(ModelState state, int steps, Mode mode) {
        try (Session session = Session.open(state, mode, 2)) {
            Trainer<int[]> trainer = mode == Mode.TRAINING ? Trainer.of(session).optimizer(new Sgd(0.9, 0)).build() : null;
            for (int i = 0; i < steps; i++) {
                if (trainer != null) {
                    trainer.step(new float[2 * 3072], new int[] {1, 2}, 0.01);
                } else {
                    session.setImages(new float[2 * 3072], 2);
                    session.forward(2);
                }
            }
            return session.state();
        }
    }

    private static OptionalLong count(ModelState state, String batchNorm) {
        return state.batchesTracked(state.network().indexOf(batchNorm + ".running_var"));
    }

    private long written(ModelState state, String key) throws IOException {
        Path path = folder.resolve("written");
        ModelFile.save(state, path, Form.DENSE);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return file.readLongs(key)[0];
        }
    }

    @Test
    void everyBatchOfTrainingCounts() throws IOException {
        ModelState fresh = Initializer.initialize(SPEC.build(), 1);
        assertEquals(OptionalLong.of(0), count(fresh, "bn1"));
        assertEquals(OptionalLong.empty(), fresh.batchesTracked(0));
        assertEquals(3, written(trained(fresh, 3, Mode.TRAINING), FIRST));
        assertEquals(3, written(trained(fresh, 3, Mode.TRAINING), SHORTCUT));
        assertEquals(4, written(trained(fresh, 4, Mode.STATISTICS), FIRST));
        assertEquals(0, written(trained(fresh, 5, Mode.INFERENCE), FIRST));
        assertEquals(8, written(trained(trained(fresh, 3, Mode.TRAINING), 5, Mode.TRAINING), SHORTCUT));
        ModelState masked = trained(fresh, 2, Mode.TRAINING).masked(fresh.masks()).withValues(0, fresh.values(0));
        assertEquals(OptionalLong.of(2), count(masked, "bn1"));
        try (Session session = Session.open(fresh, Mode.TRAINING, 2)) {
            session.setImages(new float[2 * 3072], 2);
            session.forward(2);
            session.load(trained(fresh, 6, Mode.TRAINING));
            session.forward(2);
            assertEquals(OptionalLong.of(7), count(session.state(), "bn1"));
            assertEquals(OptionalLong.of(7), count(session.liveState(), "bn1"));
        }
    }

    /** A count of PyTorch's goes on where it was, each batch normalisation by its own. */
    @ParameterizedTest
    @EnumSource(Form.class)
    void countsGoOnWhereTheyWere(Form form) throws IOException {
        ModelState fresh = Initializer.initialize(SPEC.build(), 1);
        StateDictFile draft = StateDictFile.of(fresh);
        for (Parameter parameter : SPEC.build().parameters()) {
            ModelEncoder.batchesKey(parameter).ifPresent(key -> draft.put(key, DataType.I64, List.of(), 1_000_000_000_000L));
        }
        draft.put(SHORTCUT, DataType.I64, List.of(), 5);
        ModelState read = ModelFile.load(draft.write(folder), SPEC);
        assertEquals(OptionalLong.of(1_000_000_000_000L), count(read, "bn1"));
        Path path = folder.resolve("again");
        ModelFile.save(trained(read, 2, Mode.TRAINING), path, form);
        ModelState again = ModelFile.load(path);
        assertEquals(OptionalLong.of(1_000_000_000_002L), count(again, "layer4.1.bn2"));
        assertEquals(OptionalLong.of(7), count(again, "layer2.0.downsample.1"));
        assertEquals(7, written(again, SHORTCUT));
    }

    /** What nobody counted is not invented: PyTorch takes a file without the key, and keeps the count that its model has. */
    @Test
    void unknownCountsAreLeftOut() throws IOException {
        ModelState fresh = Initializer.initialize(SPEC.build(), 1);
        ModelState averaged = ModelState.of(fresh.network(), fresh.masks(), fresh.allValues());
        assertEquals(OptionalLong.empty(), count(averaged, "bn1"));
        assertEquals(OptionalLong.empty(), count(trained(averaged, 2, Mode.TRAINING), "bn1"));
        for (Form form : Form.values()) {
            Path path = folder.resolve("unknown");
            ModelFile.save(averaged, path, form);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertTrue(file.tensors().stream().noneMatch(entry -> entry.name().endsWith("num_batches_tracked")));
                assertFalse(file.metadata().containsKey("fedtiny.num_batches_tracked"));
            }
            assertEquals(OptionalLong.empty(), count(ModelFile.load(path), "bn1"));
        }
    }

    @Test
    void countsThatAreNone() throws IOException {
        ModelState fresh = Initializer.initialize(SPEC.build(), 1);
        Path negative = StateDictFile.of(fresh).put(FIRST, DataType.I64, List.of(), -1).write(folder);
        String message = assertThrows(SafetensorsException.class, () -> ModelFile.load(negative, SPEC)).getMessage();
        assertTrue(message.contains("'" + FIRST + "' has -1"), message);
        Path many = StateDictFile.of(fresh).put(FIRST, DataType.I64, List.of(2), 1, 1).write(folder);
        assertThrows(SafetensorsException.class, () -> ModelFile.load(many, SPEC));
        // A conversion of a whole file to one type takes the counts along.
        Path converted = StateDictFile.of(fresh).put(FIRST, DataType.F16, List.of(), 12).write(folder);
        assertEquals(OptionalLong.of(12), count(ModelFile.load(converted, SPEC), "bn1"));
        Network network = SPEC.build();
        for (String text : List.of("1", "x", "-1", "1,".repeat(30))) {
            Path path = folder.resolve("sparse");
            SafetensorsWriter writer = new SafetensorsWriter().metadata("fedtiny.form", "sparse")
                    .metadata("fedtiny.num_batches_tracked", text);
            for (int p = 0; p < network.parameters().size(); p++) {
                writer.floats(network.parameters().get(p).name(), network.parameters().get(p).shape(), fresh.values(p));
            }
            writer.write(path);
            String sparse = assertThrows(SafetensorsException.class, () -> ModelFile.load(path, SPEC)).getMessage();
            assertTrue(sparse.contains("metadata 'fedtiny.num_batches_tracked' has "), sparse);
        }
        assertThrows(IllegalArgumentException.class, () -> fresh.withBatchesTracked(new long[1]));
    }
}
