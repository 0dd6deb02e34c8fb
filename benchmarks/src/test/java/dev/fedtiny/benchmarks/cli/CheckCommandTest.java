package dev.fedtiny.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code check} computes what a reference file says, or says which setting it cannot. */
class CheckCommandTest extends CommandCall {
    private static final Path GOLDEN = Path.of("..", "engine", "src", "test", "resources", "golden");

    @TempDir
    private Path folder;

    /** As in {@code torch.optim}: a file that leaves a setting out means PyTorch's default. */
    private Path adam;

    @BeforeEach
    void copyOne() throws IOException {
        adam = folder.resolve("train.safetensors");
        Files.copy(GOLDEN.resolve("train-resnet18-w4-adam.safetensors"), adam);
    }

    /** Replaces text in a file's header. */
    private void edit(String text, String replacement) throws IOException {
        byte[] bytes = Files.readAllBytes(adam);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
        assertTrue(header.contains(text), header);
        byte[] edited = header.replace(text, replacement).getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + edited.length + bytes.length - 8 - length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(adam, file.putLong(edited.length).put(edited).put(bytes, 8 + length, bytes.length - 8 - length).array());
    }

    @Test
    void everyFileOfTheResourcesPasses() throws IOException {
        assertEquals(OK, run("check", GOLDEN.toString()), out);
        for (String file : List.of("train-resnet18-w4-adam", "train-resnet18-w4-sgd", "conv-00", "batchnorm-00")) {
            assertTrue(out.lines().anyMatch(line -> line.startsWith("ok") && line.contains(file)), out);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"optimizer\":\"Adam\"|\"optimizer\":\"adam as in PyTorch: betas and all\"",
        "\"optimizer\":\"Adam\"|\"optimizer\":\"torch.optim.Adam\",\"maximize\":\"False\",\"max_norm\":\"None\"",
                "\"betas\":\"0.9,0.9\"|\"betas\":\"(0.9, 0.9)\"",
        "\"eps\":\"1e-08\",|''"})
    void settingsMayBeWrittenInSeveralWays(String text, String replacement) throws IOException {
        edit(text, replacement);
        assertEquals(OK, run("check", folder.toString()), out);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"optimizer\":\"Adam\"|\"optimizer\":\"SGD\"",
        "\"amsgrad\":\"true\"|\"amsgrad\":\"false\"",
        "\"betas\":\"0.9,0.9\"|\"betas\":\"0.8,0.99\"",
        "\"lr\":\"0.002\"|\"lr\":\"0.003\"",
        "\"weight_decay\":\"5.0E-4\"|\"weight_decay\":\"0.5\"",
        "\"eps\":\"1e-08\"|\"eps\":\"0.01\""})
    void everySettingCounts(String text, String replacement) throws IOException {
        edit(text, replacement);
        assertEquals(1, run("check", folder.toString()), out);
        assertTrue(out.contains("of 5e-03"), out);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"optimizer\":\"Adam\"|\"optimizer\":\"AdamW\"|'optimizer' is 'AdamW', expected one that the engine has: SGD or Adam",
        "\"optimizer\":\"Adam\"|\"optimizer\":\"RMSprop\"|'optimizer' is 'RMSprop'",
        "\"optimizer\":\"Adam\",|''|metadata has no 'optimizer'",
        "\"optimizer\":\"Adam\"|\"optimizer\":\"SGD\",\"nesterov\":\"true\"|'nesterov' is 'true', expected false",
        "\"optimizer\":\"Adam\"|\"optimizer\":\"SGD\",\"dampening\":\"0.1\"|'dampening' is '0.1', expected 0",
        "\"optimizer\":\"Adam\"|\"optimizer\":\"Adam\",\"maximize\":\"true\"|'maximize' is 'true'",
        "\"optimizer\":\"Adam\"|\"optimizer\":\"Adam\",\"max_norm\":\"5.0\"|'max_norm' is '5.0'",
        "\"optimizer\":\"Adam\"|\"optimizer\":\"Adam\",\"lr.fc.weight\":\"0.1\"|'lr.fc.weight' is '0.1'",
        "\"optimizer\":\"Adam\"|\"optimizer\":\"Adam\",\"loss\":\"mse\"|'loss' is 'mse'",
        "\"amsgrad\":\"true\"|\"amsgrad\":\"yes\"|'amsgrad' is 'yes', expected true or false",
        "\"betas\":\"0.9,0.9\"|\"betas\":\"0.9\"|'betas' is '0.9', expected two numbers",
        "\"betas\":\"0.9,0.9\"|\"betas\":\"0.9,1.5\"|out of range: adam: betas",
        "\"lr\":\"0.002\"|\"lr\":\"NaN\"|'lr' is 'NaN'",
        "\"steps\":\"10\"|\"steps\":\"0\"|'steps' is '0', expected a whole number of at least 1",
        "\"steps\":\"10\"|\"steps\":\"11\"|there is no tensor 'labels.10'"})
    void whatTheEngineCannotDoIsRefusedByName(String text, String replacement, String message) throws IOException {
        edit(text, replacement);
        assertEquals(1, run("check", folder.toString()), out);
        assertTrue(out.contains("FAIL") && out.contains(message), out);
    }

    @ParameterizedTest
    @CsvSource({"conv-00, dilation, 2", "conv-00, groups, 3", "maxpool-00, ceil_mode, true", "batchnorm-00, eps, 0.01",
        "linear-cross-entropy-00, label_smoothing, 0.1"})
    void operatorsSettingsAreRefusedByNameToo(String name, String key, String value) throws IOException {
        Files.copy(GOLDEN.resolve(name + ".safetensors"), adam, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        if (name.startsWith("batchnorm")) {
            edit("\"eps\":\"1.0E-5\"", "\"eps\":\"" + value + "\"");
        } else {
            edit("\"op\":", "\"" + key + "\":\"" + value + "\",\"op\":");
        }
        assertEquals(1, run("check", folder.toString()), out);
        assertTrue(out.contains("metadata '" + key + "' is '" + value + "'"), out);
    }

    @Test
    void aFolderThatIsNotThereIsCodeThree() {
        assertEquals(DATA, run("check", folder.resolve("nowhere").toString()), err);
    }

    @Test
    void aDamagedReferenceFileFailsAndNamesItself() throws IOException {
        Files.delete(adam);
        Files.write(folder.resolve("broken.safetensors"), new byte[] {9, 0, 0, 0, 0, 0, 0, 0, '{'});
        Files.write(folder.resolve("other.safetensors"), new byte[3]);
        assertEquals(FAILED, run("check", folder.toString()), err);
        assertTrue(out.contains("FAIL  broken.safetensors") && out.contains("FAIL  other.safetensors"), out);
        assertTrue(out.contains("0 of 2 files pass"), out);
    }

    /** One document, in which a file that fails is among the others. */
    @Test
    void theDocumentHasAllFiles() throws IOException {
        Files.delete(adam);
        Files.copy(GOLDEN.resolve("conv-00.safetensors"), folder.resolve("a.safetensors"));
        Files.write(folder.resolve("broken.safetensors"), new byte[3]);
        assertEquals(FAILED, run("check", folder.toString(), "--all", "--json"), err);
        JsonObject check = (JsonObject) JsonReader.parse(out);
        assertEquals(List.of(1L, 1L, 1L), List.of(check.integer("passed"), check.integer("failed"), check.integer("exitCode")));
        JsonObject passes = (JsonObject) check.array("files").getFirst();
        assertTrue(passes.bool("passes") && passes.object("worst").number("error") <= passes.object("worst").number("tolerance"), out);
        assertTrue(passes.array("tensors").size() > 1, out);
        JsonObject broken = (JsonObject) check.array("files").getLast();
        assertTrue(!broken.bool("passes") && !broken.string("error").isEmpty(), out);
        assertEquals(FAILED, run("check", folder.toString(), "--json"), err);
        assertTrue(((JsonObject) ((JsonObject) JsonReader.parse(out)).array("files").getFirst()).find("tensors").isEmpty(), out);
    }
}
