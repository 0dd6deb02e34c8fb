package dev.fedtiny.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.benchmarks.timing.BreakEven;
import dev.fedtiny.benchmarks.timing.Timings;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.experiment.AlgorithmSetting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimingCommandsTest extends CommandCall {
    @TempDir
    Path folder;

    @Test
    void aStepIsReportedUnderThePromisedNames() {
        assertEquals(OK, run("step", "--model", "vgg11", "--width", "2", "--batch", "8", "--density", "0.5", "--threads", "1",
                "--seconds", "0.01", "--json"), err);
        JsonObject json = (JsonObject) JsonReader.parse(out);
        assertTrue(json.number("p10Millis") <= json.number("medianMillis") && json.number("medianMillis") <= json.number("p90Millis"), out);
        assertTrue(json.number("gflops") > 0 && json.number("gflops") < json.number("denseEquivalentGflops"), out);
        assertEquals(json.number("gflops") / json.number("peakGflops"), json.number("shareOfPeak"), 1e-9);
        assertTrue(json.integer("sessionBytes") > 0, out);
        assertTrue(json.integer("steps") >= 9, out);
    }

    @Test
    void aTrainedModelIsTimedBesideUniformMasks() throws Exception {
        ModelState dense = Initializer.initialize(new NetworkSpec(Architecture.ofKey("resnet18"), new Shape(3, 16, 16), 4, 7).build(), 3);
        int[] counts = dense.network().prunable().stream().mapToInt(p -> Math.min(dense.mask(p).size(), 20)).toArray();
        ModelState trained = Magnitude.prune(dense, counts);
        Path file = folder.resolve("model.safetensors");
        ModelFile.save(trained, file, ModelFile.Form.SPARSE);
        assertEquals(OK, run("step", "--model-file", file.toString(), "--mask", "both", "--batch", "8", "--threads", "1",
                "--seconds", "0.01", "--json"), err);
        List<JsonObject> lines = out.lines().map(line -> (JsonObject) JsonReader.parse(line)).toList();
        assertEquals(List.of("own", "uniform"), lines.stream().map(line -> line.string("mask")).toList(), out);
        for (JsonObject line : lines) {
            assertEquals("resnet18", line.string("model"));
            assertEquals(trained.density(), line.number("density"), 1e-12, "the file's own density");
            assertEquals(lines.getFirst().integer("sessionBytes"), line.integer("sessionBytes"), "as many positions a layer");
        }
        assertEquals(USAGE, run("step", "--model-file", file.toString(), "--width", "4"), out);
        assertTrue(err.contains("--model-file and --width"), err);
        assertEquals(USAGE, run("step", "--mask", "both", "--activations", "both"), out);
        assertEquals(USAGE, run("step", "--width", "1", "--mask", "random"), out);
        assertTrue(err.contains("expected own, uniform or both"), err);
    }

    @Test
    void anAdjustmentIsTimedBlockByBlock() {
        String[] words = {"adjust", "--width", "2", "--batch", "8", "--density", "0.2", "--threads", "1", "--seconds", "0.01"};
        assertEquals(OK, run(words), err);
        assertTrue(out.contains("ratio of the pairs") && out.contains("change of all masks"), out);
        List<String> all = new java.util.ArrayList<>(List.of(words));
        all.add("--json");
        assertEquals(OK, run(all.toArray(String[]::new)), err);
        JsonObject json = (JsonObject) JsonReader.parse(out);
        assertEquals(4, json.array("blocks").size(), out);
        JsonObject growth = json.object("all");
        assertTrue(growth.object("growthMillis").number("median") > growth.object("topKMillis").number("median"), out);
        assertTrue(growth.object("topKMillis").number("median") > 0 && growth.object("denseGradientMillis").number("median") > 0, out);
        assertTrue(json.object("changeMillis").number("p10") > 0 && json.object("changeToStep").number("p90") > 0, out);
        assertEquals(USAGE, run("adjust", "--width", "2", "--density", "1"), out);
    }

    @Test
    void breakEvensAreReportedForEveryShape() throws Exception {
        Path table = folder.resolve("table");
        String[] words = {"kernels", "--model", "vgg11", "--width", "1", "--batch", "8", "--densities", "1,0.1",
            "--cell", "0.0001", "--threads", "1", "--shares", "--table", table.toString()};
        assertEquals(OK, run(words), err);
        assertTrue(out.contains("backward-weight"), out);
        assertTrue(out.contains("share of the peak over active weights"), out);
        List<String> lines = Files.readAllLines(table).stream().filter(l -> !l.startsWith("#")).toList();
        assertTrue(lines.getFirst().matches("3 1 32 32 3 1 \\d\\.\\d{3}"), lines.getFirst());
        // VGG11 has eight convolutions of eight shapes but for the last two.
        assertEquals(8, lines.size(), lines.toString());
        assertEquals("shapes 7", lines.getLast());
        tableIsUnderstood(table.toString(), lines.getFirst());
        List<String> all = new java.util.ArrayList<>(List.of(words));
        all.add("--json");
        assertEquals(USAGE, run(all.toArray(String[]::new)), "shares are figures of the text");
        all.remove("--shares");
        assertEquals(OK, run(all.toArray(String[]::new)), err);
        JsonObject shape = (JsonObject) ((JsonObject) JsonReader.parse(out)).array("shapes").getLast();
        assertEquals(List.of("features.22", "features.25"), shape.array("layers").stream()
                .map(v -> ((dev.fedtiny.engine.internal.json.JsonValue.JsonString) v).value()).toList());
        assertEquals(4, shape.array("sparse").size());
        assertTrue(shape.number("denseFrom") >= 0 && shape.object("dense").number("wholeMillis") > 0, out);
        // Maps of 2 × 2 pixels are too small for the transform, those of 4 × 4 before them are not.
        assertTrue(shape.find("transformed").isEmpty(), out);
        JsonObject wider = (JsonObject) ((JsonObject) JsonReader.parse(out)).array("shapes").get(5);
        assertTrue(wider.number("transformedFrom") >= 0 && wider.object("transformed").number("wholeMillis") > 0, out);
    }

    private void tableIsUnderstood(String table, String line) {
        String[] step = {"step", "--model", "vgg11", "--width", "1", "--batch", "8", "--density", "0.5", "--threads", "1",
            "--seconds", "0.01", "--formats", table};
        assertEquals(OK, run(step), err);
        step[4] = "2";
        assertEquals(USAGE, run(step), err);
        assertTrue(err.contains("no line for layer 'features.0'"), err);
        assertEquals(OK, run("profile", "--model", "vgg11", "--width", "1", "--batch", "8", "--steps", "1", "--warm-up", "0",
                "--formats", table), err);
        assertEquals(USAGE, run("profile", "--width", "1", "--formats", table), err);
        String shape = line.substring(0, line.lastIndexOf(' '));
        String choice = AlgorithmSetting.of(table).choice().toString();
        assertTrue(choice.contains(Double.parseDouble(line.substring(line.lastIndexOf(' '))) + " for " + shape), choice);
    }

    /** The command beside the figures makes them again, of an architecture whose usual width is not ResNet18's. */
    @Test
    void aTableNamesTheWidthThatWasMeasured() throws Exception {
        Path table = folder.resolve("usual");
        assertEquals(OK, run("kernels", "--model", "resnet8", "--layers", "conv", "--batch", "8", "--densities", "1", "--cell", "0.0001",
                "--threads", "1", "--table", table.toString()), err);
        String text = Files.readString(table);
        assertTrue(text.contains("kernels --model resnet8 --width 16 --batch 8"), text);
        assertTrue(text.contains("\n3 16 32 32 3 1 "), text);
    }

    @Test
    void wrongUseIsExplained() {
        assertEquals(USAGE, run("kernel"), err);
        assertTrue(err.contains("did you mean 'kernels'"), err);
        assertEquals(USAGE, run("step", "--table", "x"), err);
        assertTrue(err.contains("has no option --table"), err);
        assertEquals(USAGE, run("kernels", "--layers", "conv9"), err);
        assertTrue(err.contains("layer4.1.conv2"), err);
        assertEquals(USAGE, run("kernels", "--densities", "1,2"), err);
        assertTrue(err.contains("above 0 and at most 1"), err);
    }

    @Test
    void theBreakEvenLiesWhereTheTimesMeet() {
        double[] densities = {0.01, 0.1, 1};
        // Time proportional to density, dense as fast as a density of 0.5.
        assertEquals(0.5, BreakEven.of(densities, new double[] {1, 10, 100}, 50).density(), 1e-12);
        assertEquals(BreakEven.NEVER, BreakEven.of(densities, new double[] {1, 10, 40}, 50).density());
        assertEquals(0, BreakEven.of(densities, new double[] {60, 70, 80}, 50).density());
        assertEquals(0.1, BreakEven.of(densities, new double[] {1, 50, 100}, 50).density(), 1e-12);
    }

    @Test
    void percentilesAreOfSortedTimes() {
        Timings timings = new Timings(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
        assertEquals(6, timings.median());
        assertEquals(2, timings.percentile(0.1));
        assertEquals(10, timings.percentile(0.9));
    }

    @Test
    void modelFilesMayBeStateDicts() throws Exception {
        Path page = Files.writeString(folder.resolve("page.safetensors"), "<!DOCTYPE html><html>");
        assertEquals(DATA, run("step", "--model-file", page.toString()), err);
        assertTrue(err.contains("this is a web page"), err);
        ModelState state = Initializer.initialize(new NetworkSpec(Architecture.ofKey("resnet18"), new Shape(3, 32, 32), 2, 10).build(), 3);
        SafetensorsWriter writer = new SafetensorsWriter();
        for (int p = 0; p < state.masks().size(); p++) {
            Parameter parameter = state.network().parameters().get(p);
            writer.floats("module." + parameter.name(), parameter.shape(), state.dense(p));
        }
        Path file = folder.resolve("state-dict");
        writer.write(file);
        assertEquals(OK, run("infer", "--model-file", file.toString(), "--seconds", "0.01", "--threads", "1", "--json"), err);
        assertTrue(out.contains("\"model\":\"resnet18\""), out);
    }
}
