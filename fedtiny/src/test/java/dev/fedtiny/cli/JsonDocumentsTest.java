package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.StandardOutput;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.experiment.BuildInfo;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With {@code --json}, standard output is one document, whose fields the help names. */
class JsonDocumentsTest extends CommandCall {
    private static final String TINY = """
            width = 2
            rounds = 2
            devices = 2
            max-images = 200
            max-test-images = 20
            pretrain-epochs = 1
            adjust-every = 1
            adjust-until = 2
            density = 0.2
            selection = none
            partition = iid
            threads = 1
            """;

    @TempDir
    private Path folder;

    /** Runs a command with {@code --json}: all of its standard output is one object, whose members are in its help. */
    private JsonObject document(int code, String... words) {
        String[] all = Arrays.copyOf(words, words.length + 1);
        all[words.length] = "--json";
        assertEquals(code, run(all), err);
        JsonObject object = assertInstanceOf(JsonObject.class, JsonReader.parse(out), out);
        assertEquals(code, object.integer("exitCode"));
        assertEquals(code != 0 && err.contains("fedtiny: " + object.find("error").map(e -> object.string("error")).orElse("-")),
                object.find("error").isPresent(), out + err);
        String messages = err;
        run("help", words[0]);
        String help = out.substring(out.indexOf("The document of --json:"), out.indexOf("\nOptions:"));
        object.members().keySet().forEach(name -> assertTrue(help.contains(name), words[0] + ": " + name + " in\n" + help));
        err = messages;
        return object;
    }

    private static JsonObject element(JsonObject object, String array, int place) {
        return (JsonObject) object.array(array).get(place);
    }

    private String tiny(String more) throws Exception {
        return Files.writeString(folder.resolve("settings"), TINY + more).toString();
    }

    @Test
    void everyCommandThatHasADocumentTakesTheOption() {
        List<String> with = new ArrayList<>();
        for (Command command : Main.commands()) {
            boolean option = command.options().stream().anyMatch(o -> o.name().equals("json"));
            assertTrue(option || command.fields().isEmpty(), command.name());
            if (!command.fields().isEmpty()) {
                with.add(command.name());
            }
        }
        Set<String> all = Set.of("run", "sweep", "report", "evaluate", "inspect", "import", "export", "estimate", "data", "partition",
                "serve", "enrol", "info");
        assertEquals(all, Set.copyOf(with));
    }

    @Test
    void anEstimateIsADocumentHoweverItEnds() {
        JsonObject estimate = document(OK, "estimate", "--set", "width=4", "--set", "dropout=0.1");
        assertEquals("fedtiny", estimate.string("method"));
        assertTrue(estimate.object("expected").number("shareOfRounds") > 0);
        assertTrue(document(USAGE, "estimate", "--set", "density=2").string("error").contains("density"));
    }

    @Test
    void aRunIsItsResultAndThatOfTheDenseOne() throws Exception {
        String directory = folder.resolve("a run").toString();
        JsonObject run = document(OK, "run", tiny(""), "--out", directory);
        assertEquals(directory, run.string("directory"));
        assertEquals(JsonReader.parse(Files.readString(Path.of(directory, "result.json"))), run.get("result"));
        assertEquals("fedtiny", run.object("result").string("method"));
        assertEquals(3, run.object("result").array("curve").size());
        assertFalse(run.object("result").bool("diverged"));
        assertEquals("fedavg", run.object("baseline").string("method"));
        assertTrue(err.contains("fedtiny  round") && err.contains("fedavg   round"), "progress is on the error stream");
        assertEquals(run, document(OK, "run", "--resume", directory));

        JsonObject report = document(OK, "report", directory);
        assertEquals(2, report.integer("runs"));
        assertTrue(Files.exists(Path.of(report.string("file"))));

        JsonObject model = document(OK, "inspect", Path.of(directory, "model.safetensors").toString());
        assertEquals("resnet18", model.object("network").string("architecture"));
        assertEquals(2, model.object("network").integer("width"));
        assertEquals("conv1.weight", element(model, "parameters", 0).string("key"));
        assertEquals(4, element(model, "parameters", 0).array("shape").size());
        assertTrue(model.object("total").number("density") <= 0.2);
        assertTrue(model.object("total").integer("bitmaskBytes") < model.object("total").integer("denseBytes"));
        assertEquals(OK, run("inspect", Path.of(directory, "model.safetensors").toString()), err);
        assertTrue(out.contains(model.integer("activeZeros") + " active weights are zero"), out);

        JsonObject score = document(OK, "evaluate", Path.of(directory, "model.safetensors").toString(), "--recalibrate", "20");
        JsonObject stored = score.object("asStored");
        assertEquals(stored.integer("correct"), Math.round(stored.number("accuracy") * stored.integer("count")));
        assertTrue(stored.number("loss") > 0 && score.object("recalibrated").number("loss") != stored.number("loss"));
    }

    @Test
    void aRunThatFailsOrDivergesSaysSo() throws Exception {
        JsonObject none = document(DATA, "run", "--set", "data=" + folder.resolve("nowhere"), "--out", folder.resolve("x").toString());
        assertTrue(none.string("error").contains("nowhere") && none.find("result").isEmpty());
        JsonObject wrong = document(USAGE, "run", "--set", "rounds=0");
        assertTrue(wrong.string("error").contains("rounds"));
        JsonObject diverged = document(FAILED, "run", tiny("learning-rate = 1e10\non-divergence = stop\nmethod = fedavg\n"),
                "--out", folder.resolve("y").toString());
        assertTrue(diverged.object("result").bool("diverged"));
        assertEquals(1, diverged.object("result").object("divergence").integer("round"));
        assertTrue(diverged.find("error").isEmpty());
    }

    @Test
    void aSweepIsOneObjectARun() throws Exception {
        String file = tiny("case.bad = devices = 250\ncase.good = model = resnet18\ncase.wild = learning-rate=1e10; on-divergence=stop\n");
        String out = folder.resolve("runs").toString();
        for (boolean before : new boolean[] {false, true}) {
            JsonObject sweep = document(FAILED, "sweep", file, "--out", out);
            assertEquals(out, sweep.string("directory"));
            JsonObject bad = element(sweep, "runs", 0);
            assertEquals("failed", bad.string("state"));
            assertTrue(bad.string("error").contains("devices = 250") && bad.integer("exitCode") == USAGE);
            JsonObject good = element(sweep, "runs", 1);
            assertEquals("good", good.object("place").string("case"));
            assertEquals("done", good.string("state"));
            assertEquals(before, good.bool("before"));
            assertEquals(JsonReader.parse(Files.readString(Path.of(good.string("directory"), "result.json"))), good.get("result"));
            assertEquals("diverged", element(sweep, "runs", 2).string("state"));
        }
        JsonObject list = document(OK, "sweep", file, "--out", out, "--list");
        assertEquals(List.of("open", "done", "diverged"),
                list.array("runs").stream().map(run -> ((JsonObject) run).string("state")).toList());
    }

    @Test
    void infoNamesTheCommit() {
        JsonObject info = document(OK, "info");
        assertEquals(BuildInfo.get().commit(), info.string("commit"));
        assertEquals(BuildInfo.get().version(), info.string("version"));
        assertEquals(Runtime.getRuntime().availableProcessors(), info.object("machine").integer("processors"));
        assertTrue(!info.string("formOfWeights").isEmpty() && info.object("machine").find("kernels").isPresent());
        assertEquals(OK, run("info"), err);
        assertTrue(out.lines().anyMatch(line -> line.matches("commit +" + BuildInfo.get().commit())), out);
    }

    @Test
    void dataIsListedAndVerified() throws Exception {
        JsonObject published = document(OK, "data", "cifar10");
        assertEquals("c32a1d4ab5d03f1284b67883e8d87530", element(published, "files", 0).string("md5"));
        byte[] records = new byte[6 * 3073];
        for (int i = 0; i < 6; i++) {
            records[i * 3073] = (byte) (i + 2);
        }
        Files.write(folder.resolve("data_batch_1.bin"), records);
        Files.write(folder.resolve("test_batch.bin"), new byte[3073]);
        JsonObject here = document(OK, "data", "cifar10", folder.toString());
        assertEquals("missing", element(here, "files", 0).string("verdict"));
        assertEquals("other-size", element(here, "files", 1).string("verdict"));
        assertEquals(6 * 3073, element(here, "files", 1).integer("bytesHere"));
        assertEquals("airplane", element(here, "classes", 0).string("name"));
        assertEquals(1, element(here, "classes", 0).integer("test"));
        assertEquals(6, here.object("train").integer("images"));
        assertEquals(64, here.object("test").string("sha256").length());
        assertFalse(here.bool("complete"));
        JsonObject other = document(DATA, "data", "svhn", folder.toString());
        assertTrue(other.string("error").contains("not SVHN") && other.string("name").equals("svhn"));
    }

    @Test
    void aPartitionIsCounted() {
        JsonObject split = document(OK, "partition", "--set", "max-images=300", "--set", "devices=3", "--out",
                folder.resolve("split.json").toString());
        assertEquals(50, split.integer("publicImages"));
        assertEquals(64, split.string("labelsSha256").length());
        long images = 0;
        for (JsonValue device : split.array("devices")) {
            long byClass = ((JsonObject) device).array("byClass").stream()
                    .mapToLong(n -> ((JsonValue.JsonNumber) n).toLong().orElseThrow()).sum();
            assertEquals(((JsonObject) device).integer("images"), byClass);
            images += byClass;
        }
        assertEquals(250, images);
        assertEquals(USAGE, document(USAGE, "partition").integer("exitCode"));
    }

    @Test
    void tensorsOfAnUnknownNetworkAreListed() throws Exception {
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.floats("some.tensor", List.of(2, 1), new float[2]);
        Path file = folder.resolve("other.safetensors");
        writer.write(file);
        JsonObject listed = document(OK, "inspect", file.toString());
        assertEquals(file.toString(), listed.string("file"));
        assertEquals("some.tensor", element(listed, "tensors", 0).string("key"));
        assertEquals(8, element(listed, "tensors", 0).integer("bytes"));
        assertFalse(listed.string("reason").isEmpty());
        assertTrue(document(DATA, "inspect", folder.resolve("nowhere").toString()).string("error").contains("nowhere"));
    }

    /** A model whose outputs are not finite has no accuracy; the document is one of a failure, and valid. */
    @Test
    void aModelThatIsNotFiniteIsAFailure() throws Exception {
        Path file = folder.resolve("wild");
        var state = Initializer.initialize(new NetworkSpec(Architecture.RESNET18, new Shape(1, 32, 32), 2, 10).build(), 3);
        int linear = state.network().parameters().size() - 2;
        float[] weights = new float[state.network().parameters().get(linear).size()];
        Arrays.fill(weights, Float.MAX_VALUE);
        ModelFile.save(state.withValues(linear, weights), file, ModelFile.Form.DENSE);
        JsonObject wild = document(FAILED, "evaluate", file.toString());
        assertTrue(wild.find("asStored").isEmpty() && wild.string("error").contains("not finite"));
    }

    @Test
    void aDocumentThatCannotBeWrittenIsToldOnce() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws java.io.IOException {
                throw new java.io.IOException("No space left on device");
            }
        };
        java.io.ByteArrayOutputStream errors = new java.io.ByteArrayOutputStream();
        Terminal terminal = new Terminal(StandardOutput.over(full, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8), false);
        assertEquals(ExitCode.IO.number(), Main.PROGRAM.run(new String[] {"info", "--json"}, terminal));
        assertEquals(1, errors.toString(StandardCharsets.UTF_8).lines().count(), errors.toString(StandardCharsets.UTF_8));
        assertEquals(Optional.empty(), errors.toString(StandardCharsets.UTF_8).lines().filter(l -> !l.contains("standard output"))
                .findFirst());
    }
}
