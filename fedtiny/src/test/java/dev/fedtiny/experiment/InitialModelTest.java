package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.pruning.Allocation;
import dev.fedtiny.engine.pruning.MagnitudePruning;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that begin with a trained model, and train its network, whoever made it. */
class InitialModelTest {
    private static final Shape IMAGE = new Shape(1, 32, 32);

    @TempDir
    private Path folder;

    private static Map<SettingSpec<?>, String> settings(Path file) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        settings.putAll(Map.of(Setting.INIT, file.toString(), Setting.ROUNDS, "3", Setting.DEVICES, "2", Setting.MAX_IMAGES, "120",
                Setting.MAX_TEST_IMAGES, "20", AdjustmentSettings.EVERY, "1", AdjustmentSettings.UNTIL, "3", Setting.DENSITY, "0.3",
                Setting.PRETRAIN_EPOCHS, "0", FedTiny.POOL, "3"));
        settings.put(Setting.THREADS, "1");
        return settings;
    }

    /** A network that no setting names: seven channels, a residual of its own, an average over 16 × 16. */
    private static ModelState own() {
        return own(10);
    }

    private static ModelState own(int outputs) {
        Network.Builder builder = Network.builder(IMAGE);
        int x = builder.relu(builder.batchNorm2d("bn1", builder.conv2d("conv1", 0, 7, 3, 2, 1, false, false)));
        builder.block("body");
        int y = builder.relu(builder.batchNorm2d("bn2", builder.conv2d("conv2", x, 7, 3, 1, 1, false, true)));
        builder.linear("fc", builder.globalAveragePool(builder.add(x, y)), outputs, true, true);
        return Initializer.initialize(builder.build(), 3, false);
    }

    private static class Quiet implements Runner.Listener {
        private final int failAfter;

        private Quiet(int failAfter) {
            this.failAfter = failAfter;
        }

        @Override
        public void started(Method method, InitReport report, TestResult test) {
            // Nothing to keep.
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            // Nothing to keep.
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            if (report.round() + 1 == failAfter) {
                throw new IllegalStateException("stop");
            }
        }

        @Override
        public void warning(String sentence) {
            // Nothing to keep.
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
            // Nothing to keep.
        }
    }

    @Test
    void theDenseModelHasTheValuesOfTheFile() throws IOException {
        ModelState pruned = new MagnitudePruning(Allocation.UNIFORM).prune(own(), 0.5);
        Path file = folder.resolve("pruned.safetensors");
        ModelFile.save(pruned, file, ModelFile.Form.SPARSE);
        Experiment experiment = Experiment.of(settings(file));
        ModelState start = experiment.plan(experiment.open().train()).untrained();
        assertEquals(1.0, start.density(), "every position is active again");
        for (int p = 0; p < start.network().parameters().size(); p++) {
            assertArrayEquals(pruned.dense(p), start.values(p), start.network().parameters().get(p).name());
        }
    }

    /** Of an ONNX file too; interrupted and resumed it ends with the same bits, and what it costs is what was estimated. */
    @ParameterizedTest
    @ValueSource(strings = {"fedtiny", "prunefl", "fedavg"})
    void anOwnNetworkRunsAndGoesOn(String method) throws IOException {
        Path file = folder.resolve("own.onnx");
        OnnxFile.save(own(), file);
        Experiment experiment = Experiment.of(settings(file)).with(Map.of(Setting.METHOD, method));
        TrainTest images = experiment.open();
        Path whole = folder.resolve("whole-" + method);
        Runner.Result result = Runner.run(experiment, images, RunDirectory.create(whole), new Quiet(0));
        assertEquals(Estimate.of(Experiment.of(settings(file)).with(Map.of(Setting.METHOD, method)).values().given(), true).exact()
                .totalFlops(), result.costs().flops());
        assertEquals(own().network().parameters(), ModelFile.load(whole.resolve("model.safetensors")).network().parameters());

        Path run = folder.resolve("run-" + method);
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, RunDirectory.create(run), new Quiet(2)));
        Path moved = Files.move(file, folder.resolve("moved.onnx"));
        Experiment begun = RunDirectory.begun(run).experiment();
        String message = assertThrows(DataException.class, () -> Runner.run(begun, images, RunDirectory.begun(run), new Quiet(0)))
                .getMessage();
        assertTrue(message.contains("own.onnx"), message);
        Runner.run(begun.withFree(Map.of(Setting.INIT, moved.toString())), images, RunDirectory.begun(run), new Quiet(0));
        assertArrayEquals(Files.readAllBytes(whole.resolve("model.safetensors")), Files.readAllBytes(run.resolve("model.safetensors")));
    }

    /** More outputs than the images have classes are no matter, to the end of the run and in its files. */
    @Test
    void aModelMayHaveMoreOutputsThanThereAreClasses() throws IOException {
        Path file = folder.resolve("more.safetensors");
        ModelFile.save(own(12), file, ModelFile.Form.DENSE);
        Experiment experiment = Experiment.of(settings(file)).with(Map.of(Setting.METHOD, "fedavg", Setting.ROUNDS, "1"));
        Path run = folder.resolve("more");
        Runner.Result result = Runner.run(experiment, experiment.open(), RunDirectory.create(run), new Quiet(0));
        assertEquals(20, result.last().count());
        assertEquals(12, ModelFile.load(run.resolve("model.safetensors")).network().classes());
    }

    @Test
    void anotherFileIsRefusedWhenARunGoesOn() throws IOException {
        Path file = folder.resolve("own.safetensors");
        ModelFile.save(own(), file, ModelFile.Form.DENSE);
        Experiment experiment = Experiment.of(settings(file));
        TrainTest images = experiment.open();
        Path run = folder.resolve("run");
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, RunDirectory.create(run), new Quiet(1)));
        ModelFile.save(Initializer.initialize(own().network(), 4, false), file, ModelFile.Form.DENSE);
        String message = assertThrows(DataException.class, () -> Runner.run(experiment, images, RunDirectory.begun(run), new Quiet(0)))
                .getMessage();
        assertTrue(message.contains("SHA-256") && message.contains("give the file that it began with"), message);
    }

    /** A state_dict does not say its network: then the settings do. */
    @Test
    void aStateDictIsOfTheNetworkThatTheSettingsName() throws IOException {
        NetworkSpec spec = new NetworkSpec(Architecture.ofKey("resnet18"), IMAGE, 2, 10);
        ModelState state = Initializer.initialize(spec.build(), 5, false);
        Path file = folder.resolve("state.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        for (int p = 0; p < state.network().parameters().size(); p++) {
            Parameter parameter = state.network().parameters().get(p);
            writer.floats(parameter.name(), parameter.shape(), state.values(p));
        }
        writer.write(file);
        Map<SettingSpec<?>, String> settings = settings(file);
        settings.put(Setting.WIDTH, "2");
        Experiment experiment = Experiment.of(settings);
        ModelState start = experiment.plan(experiment.open().train()).untrained();
        assertArrayEquals(state.values(0), start.values(0));

        settings.put(Setting.WIDTH, "4");
        Experiment wrong = Experiment.of(settings);
        String message = assertThrows(DataException.class, () -> wrong.plan(wrong.open().train())).getMessage();
        assertTrue(message.contains("state.safetensors") && message.contains("conv1.weight"), message);
    }

    @Test
    void modelsThatDoNotFitAreNamed() throws IOException {
        refused(folder.resolve("none.onnx"), "none.onnx");
        Path text = Files.writeString(folder.resolve("text.safetensors"), "this is no model");
        refused(text, "text.safetensors");
        Path color = folder.resolve("color.safetensors");
        ModelFile.save(Initializer.initialize(new NetworkSpec(Architecture.ofKey("resnet18"), new Shape(3, 32, 32), 2, 10).build(), 1,
                false), color, ModelFile.Form.DENSE);
        refused(color, "3×32×32");
        Path few = folder.resolve("few.safetensors");
        ModelFile.save(Initializer.initialize(new NetworkSpec(Architecture.ofKey("resnet18"), IMAGE, 2, 4).build(), 1, false), few,
                ModelFile.Form.DENSE);
        refused(few, "has 4 outputs, the images of this run are of 10 classes");
    }

    private static void refused(Path file, String expected) {
        Experiment experiment = Experiment.of(settings(file));
        TrainTest images = experiment.open();
        String message = assertThrows(DataException.class, () -> experiment.plan(images.train())).getMessage();
        assertTrue(message.startsWith("init = " + file) && message.contains(expected), message);
    }
}
