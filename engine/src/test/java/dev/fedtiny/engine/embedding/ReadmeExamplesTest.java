package dev.fedtiny.engine.embedding;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.testing.DocumentedPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of the README and of {@code docs/embedding.md}, compiled and run as they stand there: on a plain class path, with nothing
 * but the engine.
 */
@Tag("once")
class ReadmeExamplesTest {
    @TempDir
    Path folder;

    private String run(String name) throws Exception {
        return run("README.md", name);
    }

    private String run(String document, String name) throws Exception {
        Path model = folder.resolve("model.safetensors");
        ModelFile.save(Initializer.initialize(new NetworkSpec(Architecture.ofKey("cnn-8-8-8"), new Shape(3, 32, 32), 1, 10).build(), 1),
                model, ModelFile.Form.DENSE);
        return new DocumentedPrograms(document, ModelFile.class).run(name, folder, model.toString());
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
        assertTrue(run("docs/embedding.md", "Pixels").contains("loss "));
        assertTrue(run("docs/embedding.md", "Adapt").contains("adapted, loss "));
        assertTrue(Files.exists(folder.resolve("model.safetensors.adapted")));
        String head = run("docs/embedding.md", "TrainTheHead");
        assertTrue(head.contains("\n650 values trained") && head.contains("loss "), head);
        assertTrue(Files.exists(folder.resolve("model.safetensors.head")));
        assertTrue(run("docs/embedding.md", "Similarity").contains("64 features, cosine "));
        assertTrue(run("docs/embedding.md", "TwoHeads").contains("16 numbers of boxes"));
        String pruned = run("docs/embedding.md", "Prune");
        assertTrue(pruned.contains("density 0.0") || pruned.contains("density 0.1"), pruned);
        assertTrue(Files.exists(folder.resolve("model.safetensors.pruned")));
        assertTrue(run("docs/embedding.md", "Budget").contains("batch 64: "));
    }

    @Test
    void embeddingDistillsFineTunesAndPrunesWhileTraining() throws Exception {
        String distilled = run("docs/embedding.md", "Distill");
        assertTrue(distilled.contains("loss ") && distilled.contains(", then "), distilled);
        String tuned = run("docs/embedding.md", "FineTune");
        assertTrue(tuned.contains("step 11, loss "), tuned);
        assertTrue(Files.exists(folder.resolve("model.safetensors.optimizer")));
        String pruned = run("docs/embedding.md", "PruneWhileTraining");
        assertTrue(pruned.contains("step 25: density 0.0999") || pruned.contains("step 25: density 0.1"), pruned);
        assertTrue(pruned.contains("step 50: ") && pruned.contains(" weights exchanged"), pruned);
    }
}
