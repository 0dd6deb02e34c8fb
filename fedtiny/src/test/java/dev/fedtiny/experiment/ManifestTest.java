package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonValue.JsonBoolean;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a manifest says, in which form, and that those of the first release go on. */
class ManifestTest {
    @TempDir
    private Path folder;

    private static Experiment experiment(String... more) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        settings.putAll(Map.of(Setting.WIDTH, "2", Setting.ROUNDS, "3", Setting.DEVICES, "2", Setting.MAX_IMAGES, "120",
                Setting.MAX_TEST_IMAGES, "20", AdjustmentSettings.EVERY, "1", AdjustmentSettings.UNTIL, "3",
                        Setting.DENSITY, "0.2"));
        settings.putAll(Map.of(Setting.PRETRAIN_EPOCHS, "1", FedTiny.SELECTION, "none", Setting.THREADS, "1",
                Setting.WEIGHT_DECAY, "1e-4"));
        for (String setting : more) {
            settings.put(SettingIndex.of(setting.substring(0, setting.indexOf('='))), setting.substring(setting.indexOf('=') + 1));
        }
        return Experiment.of(settings);
    }

    private static JsonObject manifest(Experiment experiment) {
        return (JsonObject) JsonReader.parse(JsonWriter.indented(Manifest.of(experiment, experiment.open()).object()));
    }

    /** The bits of a run that goes on elsewhere are promised of one program only. */
    @Test
    void anotherProgramThatGoesOnIsNamed() {
        JsonObject manifest = manifest(experiment());
        assertTrue(new Manifest(manifest).otherProgram().isEmpty());
        JsonObject.Builder other = JsonObject.builder();
        JsonObject.Builder first = JsonObject.builder();
        manifest.members().forEach((name, value) -> {
            other.put(name, name.equals("program") ? JsonObject.builder().put("version", "0.0.9").put("commit", "abc").build() : value);
            if (!name.equals("program")) {
                first.put(name, value);
            }
        });
        String sentence = new Manifest(other.build()).otherProgram().orElseThrow();
        assertTrue(sentence.contains("version 0.0.9, commit abc") && sentence.contains(BuildInfo.get().toString()), sentence);
        assertTrue(new Manifest(first.build()).otherProgram().orElseThrow().contains("earlier release"));
        assertEquals(BuildInfo.get().version(), dev.fedtiny.protocol.Platform.RELEASE, "what devices say of themselves");
    }

    @Test
    void whatRanIsNamedAndNumbersAreNumbers() {
        JsonObject manifest = manifest(experiment());
        assertEquals("fedtiny-manifest-2", manifest.string("format"));
        assertEquals("0.1.0", manifest.object("program").string("version"));
        assertTrue(manifest.object("program").string("commit").matches("[0-9a-f]{40}(-dirty)?|unknown"), manifest.toString());
        assertFalse(manifest.array("command").isEmpty());
        assertTrue(Instant.parse(manifest.string("started")).isBefore(Instant.now().plusSeconds(60)));
        JsonObject configuration = manifest.object("configuration");
        for (String number : List.of("width", "density", "rounds", "weight-decay", "seed", "momentum", "checkpoint-every")) {
            assertTrue(configuration.get(number) instanceof JsonNumber, number);
        }
        assertEquals(1e-4, configuration.number("weight-decay"));
        assertTrue(configuration.bool("progressive") && !configuration.bool("zero-gamma"));
        for (String word : List.of("method", "data", "dataset", "classes", "formats", "meter")) {
            assertTrue(configuration.get(word) instanceof JsonString, word);
        }
        JsonObject machine = manifest.object("machine");
        assertEquals(Runtime.getRuntime().availableProcessors(), machine.integer("processors"));
        assertEquals(Runtime.getRuntime().maxMemory(), machine.integer("maximum-heap-bytes"));
        assertTrue(machine.get("fused-multiply-add") instanceof JsonBoolean);
        assertEquals("fashion-mnist", manifest.object("data").string("kind"));
        assertEquals(List.of(JsonValue.of(0.286)), manifest.object("data").object("normalization").array("mean"));
    }

    /** A folder may be called 7, or true. */
    @Test
    void pathsAreTextsWhateverTheyLookLike() {
        JsonObject configuration = Manifest.of(experiment("data=demo").with(Map.of(Setting.DATA, "7")), experiment().open()).object()
                .object("configuration");
        assertEquals("7", configuration.string("data"));
    }

    /** Whoever edits a split between two parts of a run would get a model of both. */
    @Test
    void aSplitThatWasEditedSinceIsRefused() throws IOException {
        TrainTest images = experiment().open();
        Path file = folder.resolve("split.json");
        experiment().drawSplit(images.train()).write(file);
        Experiment kept = experiment("partition-file=" + file);
        Manifest begun = Manifest.of(kept, images);
        begun.checkFiles(folder, kept);
        Files.delete(file);
        experiment("seed=2").drawSplit(images.train()).write(file);
        String message = assertThrows(DataException.class, () -> begun.checkFiles(folder, kept)).getMessage();
        assertTrue(message.contains("began with a split of SHA-256") && message.contains("partition-file = " + file), message);
    }

    @Test
    void theBaselineHasItsOwnSettings() {
        JsonObject dense = manifest(experiment().denseBaseline());
        assertEquals("fedavg", dense.object("configuration").string("method"));
        assertEquals(1, dense.object("configuration").number("density"));
        assertFalse(dense.object("configuration").bool("baseline"));
        List<JsonValue> unused = dense.array("unused");
        for (String setting : List.of("density", "selection", "selection-sample", "adjust-every", "granularity", "pool", "snip-steps",
                "fedmef-penalty")) {
            assertTrue(unused.contains(JsonValue.of(setting)), setting);
        }
        assertFalse(unused.contains(JsonValue.of("rounds")));
        assertEquals(1, manifest(experiment("method=fedavg")).object("configuration").number("density"), "asked for by itself, too");
        List<JsonValue> ours = manifest(experiment()).array("unused");
        assertTrue(ours.contains(JsonValue.of("snip-steps")) && !ours.contains(JsonValue.of("density"))
                && !ours.contains(JsonValue.of("selection")));
    }

    /** Ends after a round, or never for 0. */
    private record Listener(int failAfter) implements Runner.Listener {
        @Override
        public void started(Method method, InitReport report, TestResult test) {
            assertTrue(test.count() > 0);
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            assertEquals(2, roundsDone);
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            if (report.number() == failAfter) {
                throw new IllegalStateException("stop");
            }
        }

        @Override
        public void warning(String sentence) {
            assertFalse(sentence.isEmpty());
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
            throw new AssertionError("nobody stops the process");
        }
    }

    /** The manifest as the first release wrote it: texts, and nothing that came later. */
    private static void makeOld(Path run) throws IOException {
        Path file = run.resolve(RunDirectory.MANIFEST);
        JsonObject now = (JsonObject) JsonReader.parse(Files.readString(file));
        JsonObject.Builder configuration = JsonObject.builder();
        now.object("configuration").members().forEach((key, value) -> {
            if (!key.equals("dataset")) {
                configuration.put(key, key.equals("density") ? "0.2" : text(value));
            }
        });
        JsonObject.Builder machine = JsonObject.builder();
        now.object("machine").members().forEach((key, value) -> machine.put(key, text(value)));
        JsonObject data = now.object("data");
        JsonObject.Builder oldData = JsonObject.builder();
        List.of("train", "trainHash", "test", "testHash").forEach(key -> oldData.put(key, data.string(key)));
        JsonObject old = JsonObject.builder().put("started", now.string("started")).put("configuration", configuration.build())
                .put("seed", now.integer("seed")).put("formats", now.object("formats")).put("data", oldData.build())
                .put("machine", machine.build()).build();
        Files.writeString(file, JsonWriter.indented(old));
    }

    private static String text(JsonValue value) {
        return value instanceof JsonNumber number ? number.text() : value instanceof JsonBoolean bool ? "" + bool.value()
                : ((JsonString) value).value();
    }

    private Path interrupted(String name, Experiment experiment, TrainTest images) throws IOException {
        Path run = folder.resolve(name);
        RunDirectory directory = RunDirectory.create(run);
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, directory, new Listener(2)));
        return run;
    }

    @ParameterizedTest
    @ValueSource(strings = {"fedtiny", "fedavg"})
    void aRunOfTheFirstReleaseGoesOn(String method) throws IOException {
        Experiment experiment = experiment("method=" + method);
        TrainTest images = experiment.open();
        Path whole = folder.resolve("whole");
        Runner.run(experiment, images, RunDirectory.create(whole), new Listener(0));
        Path run = interrupted("old", experiment, images);
        makeOld(run);
        RunDirectory directory = RunDirectory.begun(run);
        assertEquals("fashion-mnist", directory.experiment().text(Setting.DATASET), "what its images were taken for");
        // The dense baseline of the first release said the density of the run beside it; so does a sweep that goes on.
        Experiment again = method.equals("fedavg") ? experiment.denseBaseline() : experiment;
        Runner.run(again, images, directory, new Listener(0));
        assertArrayEquals(Files.readAllBytes(whole.resolve("model.safetensors")), Files.readAllBytes(run.resolve("model.safetensors")));
    }

    private Path digits() throws IOException {
        Path images = Files.createDirectories(folder.resolve("digits"));
        Random random = new Random(5);
        for (String part : List.of("train", "t10k")) {
            int count = part.equals("train") ? 200 : 30;
            ByteBuffer pixels = ByteBuffer.allocate(16 + count * 784).putInt(0x803).putInt(count).putInt(28).putInt(28);
            ByteBuffer labels = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
            for (int i = 0; i < count; i++) {
                labels.put((byte) (i % 10));
                byte[] image = new byte[784];
                random.nextBytes(image);
                pixels.put(image);
            }
            Files.write(images.resolve(part + "-images.idx3-ubyte"), pixels.array());
            Files.write(images.resolve(part + "-labels.idx1-ubyte"), labels.array());
        }
        return images;
    }

    @Test
    void measuredFiguresArePartOfTheRun() throws IOException {
        Experiment experiment = experiment("data=" + digits(), "max-images=150");
        TrainTest images = experiment.open();
        assertEquals(DatasetKind.CUSTOM, images.train().kind());
        assertEquals(images.train().normalization(), experiment("data=" + digits(), "max-images=0").open().test().normalization(),
                "of all training images, whatever part is used");
        Path run = interrupted("digits-run", experiment, images);
        JsonObject manifest = (JsonObject) JsonReader.parse(Files.readString(run.resolve(RunDirectory.MANIFEST)));
        JsonObject figures = manifest.object("data").object("normalization");
        assertEquals("neutral", manifest.object("data").string("kind"));
        assertEquals("measured", figures.string("name"));
        assertEquals(List.of(JsonValue.of(images.train().normalization().mean().getFirst())), figures.array("mean"));
        RunDirectory directory = RunDirectory.begun(run);
        assertEquals(images.train().normalization(), directory.experiment().open().train().normalization(), "the same after a resume");
        Path whole = folder.resolve("digits-whole");
        Runner.run(experiment, images, RunDirectory.create(whole), new Listener(0));
        Runner.run(directory.experiment(), directory.experiment().open(), directory, new Listener(0));
        assertArrayEquals(Files.readAllBytes(whole.resolve("model.safetensors")), Files.readAllBytes(run.resolve("model.safetensors")));

        Path other = interrupted("digits-other", experiment, images);
        Path file = other.resolve(RunDirectory.MANIFEST);
        Files.writeString(file, Files.readString(file).replace(Double.toString(images.train().normalization().mean().getFirst()), "0.25"));
        String message = assertThrows(DataException.class,
                () -> Runner.run(experiment, images, RunDirectory.begun(other), new Listener(0))).getMessage();
        assertTrue(message.contains("0.25") && message.contains("dataset"), message);
    }

    /** The first release took all IDX files for Fashion-MNIST: its runs on others go on as they began, and never silently otherwise. */
    @Test
    void aRunOnDigitsOfTheFirstReleaseGoesOnAsItBegan() throws IOException {
        Experiment as = experiment("data=" + digits(), "max-images=150", "dataset=fashion-mnist");
        Path run = interrupted("digits-old", as, as.open());
        makeOld(run);
        RunDirectory directory = RunDirectory.begun(run);
        Experiment begun = directory.experiment();
        assertEquals("fashion-mnist", begun.text(Setting.DATASET));
        Experiment neutral = experiment("data=" + digits(), "max-images=150");
        String message = assertThrows(DataException.class,
                () -> Runner.run(neutral, neutral.open(), directory, new Listener(0))).getMessage();
        assertTrue(message.contains("fashion-mnist") && message.contains("neutral"), message);
        Path whole = folder.resolve("digits-as");
        Runner.run(as, as.open(), RunDirectory.create(whole), new Listener(0));
        Runner.run(begun, begun.open(), directory, new Listener(0));
        assertArrayEquals(Files.readAllBytes(whole.resolve("model.safetensors")), Files.readAllBytes(run.resolve("model.safetensors")));
    }

    @Test
    void aLaterFormatIsRefusedByName() throws IOException {
        Files.writeString(folder.resolve("manifest.json"), "{\"format\":\"fedtiny-manifest-3\",\"configuration\":{}}");
        String message = assertThrows(DataException.class, () -> Manifest.read(folder)).getMessage();
        assertTrue(message.contains("fedtiny-manifest-3") && message.contains("fedtiny-manifest-2"), message);
    }

    /** What a run that goes on is compared with is missing at once and by the file's name, and not half way. */
    @Test
    void aManifestIsWholeOrNone() throws IOException {
        String whole = JsonWriter.indented(manifest(experiment()));
        Path file = folder.resolve("manifest.json");
        Files.writeString(file, whole);
        assertEquals(experiment().text(Setting.WIDTH), Manifest.read(folder).experiment().text(Setting.WIDTH));
        for (String name : List.of("fused-multiply-add", "trainHash", "testHash", "machine", "commit", "standardDeviation")) {
            Files.writeString(file, whole.replace("\"" + name + "\"", "\"other\""));
            String message = assertThrows(DataException.class, () -> Manifest.read(folder), name).getMessage();
            assertTrue(message.contains(file + " is no manifest") && message.contains("'" + name + "'"), message);
        }
    }

    @Test
    void theCommandIsWhatWasTyped() {
        assertEquals(List.of("fedtiny", "run", "--out", "a b"), CommandLine.of(
                List.of("-Xmx1g", "--module", "dev.fedtiny/dev.fedtiny.cli.Main", "run", "--out", "a b"), "ignored"));
        assertEquals(List.of("fedtiny", "run"), CommandLine.of(List.of(), "dev.fedtiny/dev.fedtiny.cli.Main run"));
        assertEquals(List.of("my.Program --fast"), CommandLine.of(List.of("-Dpassword=secret", "my.Program", "--fast"),
                "my.Program --fast"),
                "no options of the virtual machine, which may hold secrets");
        assertEquals(List.of(), CommandLine.of(List.of(), ""));
    }

    @Test
    void unknownDataSetsAreRefusedWithTheirNames() {
        String message = assertThrows(IllegalArgumentException.class, () -> experiment("dataset=minst")).getMessage();
        assertTrue(message.contains("dataset") && message.contains("mnist") && message.contains("neutral"), message);
    }
}
