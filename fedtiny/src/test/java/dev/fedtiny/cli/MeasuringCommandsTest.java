package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measuring from the command line. */
class MeasuringCommandsTest extends CommandCall {
    @TempDir
    Path folder;

    @Test
    void aRecordedRunHoldsRoundsStepsOperatorsAndMessages() throws Exception {
        Path recording = folder.resolve("run.jfr");
        Path directory = folder.resolve("run");
        String[] words = {"run", "--out", directory.toString(), "--jfr", recording.toString(), "--no-baseline", "--quiet",
            "--set", "width=2", "--set", "rounds=2", "--set", "devices=2", "--set", "max-images=150", "--set", "public-per-class=1",
            "--set", "max-test-images=10", "--set", "progressive=false", "--set", "density=0.2", "--set", "pretrain-epochs=1",
            "--set", "selection=none", "--set", "threads=1"};
        assertEquals(OK, run(words), err);
        Map<String, List<RecordedEvent>> events = RecordingFile.readAllEvents(recording).stream()
                .collect(Collectors.groupingBy(e -> e.getEventType().getName()));
        List<RecordedEvent> rounds = events.get("dev.fedtiny.Round");
        // A recording does not promise an order.
        assertEquals(List.of(1, 2), rounds.stream().map(e -> e.getInt("round")).sorted().toList());
        List<RecordedEvent> trains = events.get("dev.fedtiny.Message").stream().filter(e -> e.getString("kind").equals("TRAIN")).toList();
        assertEquals(4, trains.size());
        assertEquals(rounds.stream().mapToLong(e -> e.getLong("bytesDown")).sum(),
                trains.stream().mapToLong(e -> e.getLong("bytes")).sum());
        assertFalse(events.get("dev.fedtiny.Step").isEmpty());
        assertTrue(events.get("dev.fedtiny.Operator").stream().anyMatch(e -> e.getString("operator").equals("layer4.1.conv2")));
        List<String> lines = Files.readAllLines(directory.resolve("metrics.jsonl"));
        String round = lines.reversed().stream().filter(line -> line.contains("\"event\":\"round\"")).findFirst().orElseThrow();
        assertTrue(round.contains("\"measured\":{\"steps\":"), round);
        assertTrue(round.contains("\"peakMemory\":{\"values\":"), round);
        assertTrue(round.contains("\"phases\":{\"decode\":{"), round);
        assertTrue(lines.getLast().contains("\"roofGflops\":"), lines.getLast());
        assertEquals(OK, run("report", directory.toString()), err);
        String page = Files.readString(directory.resolve("report.html"));
        assertTrue(page.contains("layer4.1.conv2, backward weight") && page.contains("training, activations")
                && page.contains("in registers"), "flame, roofline and memory show the run");
        assertEquals(USAGE, run(words), "neither recording nor directory is written again");
        assertEquals(USAGE, run("run", "--jfr", folder.resolve("none/x.jfr").toString(), "--quiet"));
        assertTrue(err.contains("there is no folder"), err);
    }

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
                    "width=2", "--set", "batch=8", "--steps", "1", "--warm-up", "0"), err);
            assertTrue(out.startsWith(method.equals("fedavg") ? "resnet18, density 1.0000" : "resnet18, density 0.2"), method + ": " + out);
        }
        assertEquals(OK, run("profile", "--set", "method=snip", "--set", "threads=1", "--model", "cnn-8-8-8", "--density", "0.5",
                "--steps", "1", "--warm-up", "0"), err);
        assertTrue(out.startsWith("cnn-8-8-8, density 0.5000"), out);
    }
}
