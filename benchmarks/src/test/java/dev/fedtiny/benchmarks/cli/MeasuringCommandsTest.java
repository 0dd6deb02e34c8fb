package dev.fedtiny.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.probe.MultiplyAddRates;
import java.nio.file.Path;
import java.util.Arrays;
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
        assertEquals(OK, run("profile", "--model", "mlp", "--width", "4", "--input", "1x7x9", "--batch", "8", "--density", "0.2",
                "--threads", "1", "--steps", "1", "--warm-up", "0", "--json"), err);
        assertTrue(out.contains("\"denseMacs\":" + 8 * 4 * 63 + ","), "8 images of 7 × 9 pixels into 4 units: " + out);
    }

    @Test
    void roofsAreThereForEveryWidthAndWorkingSet() {
        String[] words = {"probe", "--threads", "1", "--kilobytes", "16,64", "--seconds", "0.001", "--json"};
        assertEquals(OK, run(words), err);
        JsonObject json = (JsonObject) JsonReader.parse(out);
        assertEquals(1, json.integer("threads"));
        List<JsonObject> widths = objects(json.array("multiplyAdds"));
        assertArrayEquals(MultiplyAddRates.widths(), widths.stream().mapToInt(width -> (int) width.integer("bits")).toArray(), out);
        for (JsonObject width : widths) {
            assertTrue(width.number("registersGflops") > 0, out);
            List<JsonObject> fed = objects(width.array("fed"));
            assertEquals(List.of(16L << 10, 64L << 10), fed.stream().map(one -> one.integer("bytes")).toList(), out);
            assertTrue(fed.stream().allMatch(one -> one.number("gflops") > 0), out);
        }
        List<JsonObject> levels = objects(json.array("bandwidths"));
        assertEquals(List.of("l1", "l2", "l3", "dram"), levels.stream().map(level -> level.string("level")).toList(), out);
        assertTrue(levels.stream().allMatch(level -> level.number("readGigabytes") > 0 && level.number("copyGigabytes") > 0), out);
        assertEquals(OK, run(Arrays.copyOf(words, words.length - 1)), err);
        assertTrue(out.contains("from 64 KB") && out.contains("1 thread ") && out.contains("copy L1"), out);
        for (String wrong : List.of("0", "16,", "1.5", "-1", "2000000")) {
            assertEquals(USAGE, run("probe", "--kilobytes", wrong), wrong);
            assertTrue(err.contains("expected whole numbers from 1 to 1048576 with commas between them"), err);
        }
        assertEquals(USAGE, run("probe", "--threads", "0"), err);
        assertEquals(USAGE, run("probe", "--threads", "1024", "--kilobytes", "1048576"), err);
        assertTrue(err.contains("--kilobytes = 1048576 needs") && err.contains("would fit"), err);
    }

    private static List<JsonObject> objects(List<JsonValue> values) {
        return values.stream().map(value -> (JsonObject) value).toList();
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
