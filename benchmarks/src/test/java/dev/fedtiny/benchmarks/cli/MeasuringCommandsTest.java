package dev.fedtiny.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Profiles and comparisons from the command line. */
class MeasuringCommandsTest extends CommandCall {
    @TempDir
    Path folder;

    @Test
    void aComparisonGoesOnWhereItStopped() {
        String[] words = {"compare", "--width", "2", "--batch", "8", "--images", "16", "--density", "0.2", "--method", "fedtiny",
            "--small", "none", "--warm-up", "1", "--seconds", "1", "--store", folder.resolve("cells.jsonl").toString(), "--json"};
        assertEquals(OK, run(words), err);
        assertEquals(2, out.lines().count(), out);
        assertTrue(out.lines().allMatch(line -> line.contains("\"timeSaving\":") && line.contains("\"paperMemorySaving\":")), out);
        words[words.length - 4] = "0";
        assertEquals(OK, run(words), err);
        assertTrue(out.contains("\"method\":\"fedtiny\""), "rounds in the file need not be measured again: " + out);
        assertEquals(USAGE, run("compare", "--seconds", "0"));
    }

    @Test
    void aProfileAddsUp() {
        assertEquals(OK, run("profile", "--width", "2", "--batch", "8", "--density", "0.2", "--threads", "1", "--steps", "2",
                "--warm-up", "0", "--growth", "--json"), err);
        assertTrue(out.contains("\"pass\":\"top_k\"") && out.contains("\"transposed\":"), out);
        assertEquals(1, out.lines().count());
        assertEquals(OK, run("profile", "--set", "model=cnn-8-8-8", "--set", "threads=1", "--steps", "2", "--warm-up", "0"), err);
        assertTrue(out.contains("cnn-8-8-8, density 0.0") && out.contains("backward weight") && out.contains("rest"), out);
        assertEquals(USAGE, run("profile", "--density", "2"), out);
    }

    /** Asked of the method's promise, not of one method's class. */
    @Test
    void aProfileTakesTheDensityOfAnyMethod() {
        for (String method : List.of("fedtiny", "fl-pqsu", "snip", "synflow", "prunefl", "feddst", "lotteryfl", "fedmef", "fedrts",
                "fedsgc", "fedavg")) {
            assertEquals(OK, run("profile", "--set", "method=" + method, "--set", "density=0.25", "--set", "threads=1", "--set",
                    "model=cnn-8-8-8", "--set", "batch=8", "--steps", "1", "--warm-up", "0"), err);
            assertTrue(out.startsWith(method.equals("fedavg") ? "cnn-8-8-8, density 1.0000" : "cnn-8-8-8, density 0.2"),
                    method + ": " + out);
        }
        assertEquals(OK, run("profile", "--set", "method=snip", "--set", "threads=1", "--model", "cnn-8-8-8", "--density", "0.5",
                "--steps", "1", "--warm-up", "0"), err);
        assertTrue(out.startsWith("cnn-8-8-8, density 0.5000"), out);
    }
}
