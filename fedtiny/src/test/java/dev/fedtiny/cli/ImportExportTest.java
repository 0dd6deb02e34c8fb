package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of others in and out of the program. */
class ImportExportTest extends CommandCall {
    @TempDir
    private Path folder;

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    /** A network that no architecture is known of. */
    private String onnx() throws IOException {
        Network.Builder net = Network.builder(new Shape(1, 32, 32));
        int x = net.relu(net.batchNorm2d("stem.bn", net.conv2d("stem.conv", 0, 4, 3, 2, 1, false, false)));
        net.block("body");
        int y = net.conv2d("body.conv", x, 4, 3, 1, 1, false, true);
        net.linear("head", net.globalAveragePool(net.add(x, y)), 10, true, true);
        OnnxFile.save(Initializer.initialize(net.build(), 3), folder.resolve("own.onnx"));
        return path("own.onnx");
    }

    @Test
    void onnxModelsAreInspectedEvaluatedAndImported() throws IOException {
        String onnx = onnx();
        assertEquals(OK, run("inspect", onnx), err);
        String table = out;
        assertTrue(table.contains("body.conv.weight"), table);
        assertEquals(OK, run("evaluate", onnx), err);
        String accuracy = out;
        for (String form : List.of("dense", "sparse")) {
            assertEquals(OK, run("import", onnx, "--out", path(form), "--form", form), err);
            assertTrue(out.startsWith("7 layers, 238 parameters, density 1.0000; images 1×32×32, 10 outputs; wrote "), out);
            assertEquals(OK, run("inspect", path(form)), err);
            assertEquals(table, out);
            assertEquals(OK, run("evaluate", path(form)), err);
            assertEquals(accuracy, out);
        }
        assertEquals(OK, run("export", path("dense"), "--out", path("again.onnx")), err);
        assertEquals(-1, Files.mismatch(Path.of(onnx), Path.of(path("again.onnx"))));
    }

    @Test
    void stateDictsAreExportedAndImported() throws IOException {
        NetworkSpec spec = new NetworkSpec(Architecture.RESNET18, new Shape(1, 32, 32), 2, 10);
        ModelState state = Initializer.initialize(spec.build(), 3);
        ModelFile.save(state, folder.resolve("own"), ModelFile.Form.SPARSE);
        assertEquals(OK, run("export", path("own"), "--out", path("dict.safetensors")), err);
        assertEquals(OK, run("import", path("dict.safetensors"), "--out", path("int8"), "--storage", "int8"), err);
        assertTrue(out.contains("(dense, int8, "), out);
        assertEquals(spec, ModelFile.load(folder.resolve("int8")).network().spec().orElseThrow());
        assertTrue(Files.size(folder.resolve("int8")) < Files.size(folder.resolve("own")) / 2);
        assertEquals(OK, run("evaluate", path("own"), "--storages"), err);
        assertTrue(out.contains("bfloat16") && out.contains("int8"), out);
    }

    /** Also where a weight of a pruned model is beyond float16, which has no number for it. */
    @Test
    void otherStoragesAreMeasuredWhereOneIsImpossible() throws IOException {
        ModelState state = Initializer.initialize(new NetworkSpec(Architecture.RESNET18, new Shape(1, 32, 32), 2, 10).build(), 3);
        int head = state.network().parameters().size() - 2;
        float[] values = state.values(head).clone();
        values[1] = 70_000;
        ModelFile.save(state.withValues(head, values), folder.resolve("large"), ModelFile.Form.SPARSE);
        assertEquals(OK, run("evaluate", path("large"), "--storages", "--json"), err);
        assertTrue(out.replaceAll("\\s+", "").contains("\"float16\":{\"impossible\":\""), out);
        assertEquals(OK, run("evaluate", path("large"), "--storages"), err);
        assertTrue(out.contains("float16: " + state.network().parameters().get(head).name() + ": weight storage: 70000.0 at position 1 is "
                + "beyond the range of float16; store the weights as bfloat16 or float32"), out);
        for (String row : List.of("float32 ", "bfloat16 ", "int8 ")) {
            assertTrue(out.lines().anyMatch(line -> line.strip().startsWith(row) && line.matches(".*[0-9]\\.[0-9]{4}.*")), row + out);
        }
    }

    /** A model whose output is a map, and one in which nothing may be pruned: no accuracy, no density. */
    @Test
    void whatAModelHasNotIsNotMadeUp() throws IOException {
        ModelState maps = Initializer.initialize(new NetworkSpec(Architecture.UNET, new Shape(1, 32, 32), 2, 10).build(), 3);
        ModelFile.save(maps, folder.resolve("maps"), ModelFile.Form.SPARSE);
        assertEquals(DATA, run("evaluate", path("maps")), err);
        assertTrue(err.contains("the model's output is 'output' of 10×32×32 an image; accuracy is measured of networks with one"), err);
        Network.Builder net = Network.builder(new Shape(1, 4, 4));
        net.relu(net.linear("head", 0, 3, true, false));
        ModelFile.save(Initializer.initialize(net.build(), 3), folder.resolve("fixed"), ModelFile.Form.SPARSE);
        assertEquals(OK, run("export", path("fixed"), "--out", path("fixed.onnx"), "--json"), err);
        assertTrue(out.contains("\"density\": null"), out);
    }

    @Test
    void whatCannotBeTakenIsNamedAndNothingWritten() throws IOException {
        String onnx = onnx();
        assertEquals(USAGE, run("import", onnx), err);
        assertTrue(err.contains("import needs --out FILE"), err);
        assertEquals(USAGE, run("import", onnx, "--out", onnx), err);
        assertTrue(err.contains("exists already"), err);
        for (String[] wrong : List.of(new String[] {"--form", "thin"}, new String[] {"--storage", "int4"},
                new String[] {"--width", "4"}, new String[] {"--model", "resnet18"})) {
            assertEquals(USAGE, run("import", onnx, "--out", path("new"), wrong[0], wrong[1]), err);
            assertTrue(err.contains(wrong[0]), err);
        }
        assertEquals(USAGE, run("export", onnx, "--out", path("new.pt")), err);
        assertTrue(err.contains(".onnx or .safetensors"), err);
        byte[] bytes = Files.readAllBytes(Path.of(onnx));
        String changed = new String(bytes, StandardCharsets.ISO_8859_1).replace("Relu", "Rely");
        Path damaged = Files.writeString(folder.resolve("damaged.onnx"), changed, StandardCharsets.ISO_8859_1);
        assertEquals(DATA, run("import", damaged.toString(), "--out", path("new")), err);
        assertTrue(err.contains("operator Rely is not supported"), err);
        assertFalse(Files.exists(folder.resolve("new")));
    }
}
