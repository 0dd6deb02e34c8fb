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
}
