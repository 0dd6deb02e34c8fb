package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.ConvolutionShape;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlgorithmSettingTest {
    private static final Experiment EXPERIMENT = Experiment.of(Map.of(Setting.WIDTH, "2", Setting.ROUNDS, "2", Setting.DEVICES, "2",
            Setting.MAX_IMAGES, "100", Setting.MAX_TEST_IMAGES, "20", AdjustmentSettings.EVERY, "1", Setting.DENSITY, "0.2",
            Setting.PRETRAIN_EPOCHS, "1", Setting.PUBLIC_PER_CLASS, "2", Setting.THREADS, "1"));

    @TempDir
    private Path folder;

    private static Map<ConvolutionShape, Double> shapes(Network network) {
        Map<ConvolutionShape, Double> shapes = new LinkedHashMap<>();
        for (Layer layer : network.layers()) {
            if (layer instanceof Conv2d conv) {
                // Every other shape densely.
                shapes.putIfAbsent(ConvolutionShape.of(conv.geometry()), shapes.size() % 2 == 0 ? 0.0 : 2.0);
            }
        }
        return shapes;
    }

    private String table(Network network) throws IOException {
        Path file = folder.resolve("table");
        AlgorithmSetting.write(file, List.of("of a test"), shapes(network));
        return file.toString();
    }

    private Path run(String name, Experiment experiment, TrainTest images) throws IOException {
        Path path = folder.resolve(name);
        Runner.run(experiment, images, RunDirectory.create(path), new Silent());
        return path;
    }

    private static byte[] model(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("model.safetensors"));
    }

    private static JsonObject forms(Path run) throws IOException {
        return ((JsonObject) JsonReader.parse(Files.readString(run.resolve("manifest.json")))).object("formats");
    }

    @Test
    void bitsDoNotDependOnTheTableAndTheManifestNamesIt() throws IOException {
        TrainTest images = EXPERIMENT.open();
        String table = table(EXPERIMENT.network(images.train()));
        assertEquals("auto", forms(run("auto", EXPERIMENT.with(Map.of(Setting.FORMATS, "auto")), images)).string("choice"));
        Path usual = run("usual", EXPERIMENT, images);
        assertEquals("direct", forms(usual).string("choice"));
        assertEquals(Optional.empty(), forms(usual).find("tableSha256"));
        Experiment other = EXPERIMENT.with(Map.of(Setting.FORMATS, table));
        assertTrue(other.plan(images.train()).local().sessions().algorithms() instanceof AlgorithmPolicy.Measured);
        Path measured = run("measured", other, images);
        assertArrayEquals(model(usual), model(measured));
        assertEquals(table, forms(measured).string("choice"));
        assertEquals(AlgorithmSetting.of(table).hash().orElseThrow(), forms(measured).string("tableSha256"));
        assertEquals(64, forms(measured).string("tableSha256").length());
        assertArrayEquals(model(usual), model(run("bitmask", EXPERIMENT.with(Map.of(Setting.FORMATS, "bitmask")), images)));
    }

    /** Also when it is gone: a run can be resumed with other forms. */
    @Test
    void theTableIsReadWhenItIsNeeded() throws IOException {
        TrainTest images = EXPERIMENT.open();
        Experiment lost = EXPERIMENT.with(Map.of(Setting.FORMATS, folder.resolve("gone").toString()));
        String message = assertThrows(IllegalArgumentException.class, () -> lost.plan(images.train())).getMessage();
        assertTrue(message.contains("expected auto, direct, winograd, dense, csr, bitmask, or a file"), message);
        assertTrue(message.contains("no file of that name"), message);
        assertEquals("direct", lost.withFree(Map.of(Setting.FORMATS, "direct")).formats().text());
        String refusal = assertThrows(IllegalArgumentException.class, () -> lost.withFree(Map.of(Setting.FORMATS, "auto"))).getMessage();
        assertTrue(refusal.contains("rounds otherwise"), refusal);
        Experiment automatic = EXPERIMENT.with(Map.of(Setting.FORMATS, "auto"));
        assertThrows(IllegalArgumentException.class, () -> automatic.withFree(Map.of(Setting.FORMATS, "csr")));
        assertThrows(IllegalArgumentException.class, () -> automatic.withFree(Map.of(Setting.FORMATS, "winograd")));
    }

    @Test
    void wordsAndTablesAreRead() throws IOException {
        assertEquals(AlgorithmPolicy.AUTOMATIC, AlgorithmSetting.of("auto").choice());
        assertEquals(AlgorithmPolicy.DIRECT, AlgorithmSetting.of("direct").choice());
        assertEquals(AlgorithmPolicy.TRANSFORMED, AlgorithmSetting.of("winograd").choice());
        for (ConvolutionAlgorithm format : ConvolutionAlgorithm.STORED) {
            assertEquals(new AlgorithmPolicy.Always(format),
                    AlgorithmSetting.of(format.name().toLowerCase(java.util.Locale.ROOT)).choice());
        }
        Network network = EXPERIMENT.network(EXPERIMENT.open().train());
        AlgorithmSetting read = AlgorithmSetting.of(table(network));
        assertEquals(new AlgorithmPolicy.Measured(shapes(network)), read.check(network).choice());
        String before = read.hash().orElseThrow();
        Files.writeString(folder.resolve("table"), Files.readString(folder.resolve("table")).replace("of a test", "of another"));
        assertTrue(!AlgorithmSetting.of(folder.resolve("table").toString()).hash().orElseThrow().equals(before));
    }

    @Test
    void aTableOfOtherShapesIsRefused() throws IOException {
        TrainTest images = EXPERIMENT.open();
        String table = table(EXPERIMENT.network(images.train()));
        Experiment wider = EXPERIMENT.with(Map.of(Setting.FORMATS, table, Setting.WIDTH, "3"));
        String message = assertThrows(IllegalArgumentException.class, () -> wider.plan(images.train())).getMessage();
        assertTrue(message.contains("no line for layer 'conv1'") && message.contains("bin/benchmarks kernels --table"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3 4 8 8 3 1 0.5\n", "3 4 8 8 3 1 0.5\nshapes 2\n", "3 4 8 8 3 1\nshapes 1\n",
        "3 4 8 8 3 1 0.5 1\nshapes 1\n", "3 4 8 8 three 1 0.5\nshapes 1\n", "3 4 8 8 3 1 NaN\nshapes 1\n", "3 4 8 8 3 1 -0.1\nshapes 1\n",
        "3 4 8 8 3 1 2.5\nshapes 1\n", "3 4 8 8 3 1 0.5\n3 4 8 8 3 1 0.5\nshapes 2\n", "shapes 0\n3 4 8 8 3 1 0.5\n", "\u0000\u0001\u0002"})
    void aDamagedTableIsRefused(String text) throws IOException {
        Path file = folder.resolve("damaged");
        Files.writeString(file, text);
        String message = assertThrows(DataException.class, () -> AlgorithmSetting.of(file.toString())).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains("bin/benchmarks kernels --table"), message);
    }

    /** Says nothing. */
    private static final class Silent implements Runner.Listener {
        @Override
        public void started(Method method, InitReport report, TestResult test) {
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
        }

        @Override
        public void warning(String sentence) {
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
        }
    }
}
