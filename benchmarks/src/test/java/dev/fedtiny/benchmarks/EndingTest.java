package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.FileWriteException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndingTest {
    @TempDir
    private Path folder;

    @Test
    void whateverIsThrownIsAnExitCode() {
        assertEquals(0, Ending.of(() -> 0));
        assertEquals(2, Ending.of(() -> {
            throw new IllegalArgumentException("x");
        }));
        assertEquals(3, Ending.of(() -> {
            throw new NoSuchFileException("x");
        }));
        assertEquals(1, Ending.of(() -> {
            throw new StackOverflowError();
        }));
        assertEquals(4, Ending.of(() -> {
            throw new FileWriteException(folder, new NoSuchFileException("x"));
        }));
    }

    @Test
    void resultsAreWrittenThroughNoLink() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Path results = Files.createDirectory(folder.resolve("results"));
        for (String name : new String[] {"x.json", "x.md"}) {
            Files.createSymbolicLink(results.resolve(name), victim);
        }
        Path page = ResultFiles.write(results, "x", Map.of("java", "25"), List.of(), "table");
        assertEquals("precious", Files.readString(victim));
        assertFalse(Files.isSymbolicLink(page));
        assertTrue(Files.readString(page).contains("table"));
        assertThrows(FileWriteException.class, () -> ResultFiles.write(victim, "x", Map.of(), List.of(), ""));
    }
}
