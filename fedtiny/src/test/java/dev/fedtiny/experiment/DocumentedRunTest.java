package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.testing.DocumentedPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide's program runs an experiment and leaves what {@code run} leaves. */
class DocumentedRunTest {
    @TempDir
    Path folder;

    @Test
    void aRunFromJava() throws Exception {
        Path run = folder.resolve("mine");
        String printed = new DocumentedPrograms("docs/guide.md", Runner.class, ModelFile.class).run("OwnRun",
                Files.createDirectory(folder.resolve("program")), run.toString());
        assertTrue(printed.contains("round 1 of 4: loss ") && printed.contains("round 4 of 4: loss ")
                && printed.contains("accuracy 0."), printed);
        assertEquals("fl-pqsu", ((JsonObject) JsonReader.parse(Files.readString(run.resolve("result.json"))))
                .string("method"));
    }
}
