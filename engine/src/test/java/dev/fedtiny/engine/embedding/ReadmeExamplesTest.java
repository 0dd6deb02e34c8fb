package dev.fedtiny.engine.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the README and of {@code docs/embedding.md}, compiled and run as they stand there: on a plain class path, with nothing but the engine. */
class ReadmeExamplesTest {
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?class (\\w+) .*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    private static Path document(String name) {
        Path here = Path.of(name).toAbsolutePath();
        return Files.exists(here) ? here : Path.of("..").resolve(name);
    }

    private String run(String name) throws Exception {
        return run("README.md", name);
    }

    private String run(String document, String name) throws Exception {
        Matcher programs = PROGRAM.matcher(Files.readString(document(document)));
        while (programs.find()) {
            if (programs.group(2).equals(name)) {
                Path model = folder.resolve("model.safetensors");
                ModelFile.save(Initializer.initialize(new NetworkSpec(Architecture.ofKey("cnn-8-8-8"), new Shape(3, 32, 32), 1, 10)
                        .build(), 1), model, ModelFile.Form.DENSE);
                Path source = folder.resolve(name + ".java");
                Files.writeString(source, programs.group(1));
                String engine = Path.of(ModelFile.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
                execute("javac", "-proc:none", "-cp", engine, "-d", folder.toString(), source.toString());
                return execute("java", "--add-modules", "jdk.incubator.vector", "-cp", engine + File.pathSeparator + folder, name,
                        model.toString());
            }
        }
        throw new AssertionError(document + " has no program " + name);
    }

    /** Runs a tool of the JDK; answers what it printed. */
    private static String execute(String tool, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", tool).toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    @Test
    void classifies() throws Exception {
        assertTrue(run("Classify").contains("class "));
    }

    @Test
    void goesOnTraining() throws Exception {
        String output = run("GoOnTraining");
        assertTrue(output.contains("loss "), output);
        assertTrue(Files.exists(folder.resolve("model.safetensors.trained")), output);
    }

    @Test
    void embeddingClassifiesTrainsPrunesAndEstimates() throws Exception {
        assertTrue(run("docs/embedding.md", "Scores").contains("image 2: class "));
        assertTrue(run("docs/embedding.md", "Adapt").contains("adapted, loss "));
        assertTrue(Files.exists(folder.resolve("model.safetensors.adapted")));
        String pruned = run("docs/embedding.md", "Prune");
        assertTrue(pruned.contains("density 0.0") || pruned.contains("density 0.1"), pruned);
        assertTrue(Files.exists(folder.resolve("model.safetensors.pruned")));
        assertTrue(run("docs/embedding.md", "Budget").contains("batch 64: "));
    }
}
