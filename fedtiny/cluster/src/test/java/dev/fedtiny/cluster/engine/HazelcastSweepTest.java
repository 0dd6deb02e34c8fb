package dev.fedtiny.cluster.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.experiment.Sweep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on real members, by the command line: a driver is killed, then a member, and every run ends with its bits. */
@Timeout(900)
class HazelcastSweepTest {
    @TempDir
    Path folder;

    private Process sweep(ClusterProcesses processes, String name, Path file, int port) throws Exception {
        List<String> words = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector", "-Xmx400m", "-cp",
                ClusterProcesses.classPath(), "dev.fedtiny.cli.Main", "sweep", file.toString(), "--on", "hazelcast", "--slice", "1",
                "--set", "cluster=127.0.0.1:" + port, "--out", folder.resolve("out").toString()));
        return processes.java(name, Map.of(), words);
    }

    @Test
    void runsEndWithTheirBitsThoughDriverAndMemberAreKilled() throws Exception {
        StringBuilder text = new StringBuilder("sweep.seed = 1, 2, 3, 4\n");
        Map<String, String> settings = Runs.settings("fedtiny");
        // Slices are as long as a second, and a run some of them.
        settings.put("epochs", "12");
        settings.put("rounds", "4");
        settings.remove("baseline");
        settings.forEach((key, value) -> text.append(key).append(" = ").append(value).append('\n'));
        Path file = Files.writeString(folder.resolve("s.sweep"), text);
        int port = ClusterProcesses.freePort();
        try (ClusterProcesses processes = new ClusterProcesses(folder)) {
            processes.node("one", port, port);
            Process two = processes.node("two", ClusterProcesses.freePort(), port);
            Process first = sweep(processes, "first", file, port);
            // A run is in the middle, and most have not begun.
            processes.awaitLine(first, "first", "(node '");
            first.destroyForcibly().waitFor();
            Process second = sweep(processes, "second", file, port);
            processes.awaitLine(second, "second", ", 2 at work, ");
            two.destroyForcibly();
            assertEquals(0, second.waitFor(), processes.printed("second"));
            String said = processes.printed("second");
            assertTrue(said.contains("; 4 of 4 done, 0 at work, 0 waiting"), said);
            assertTrue(said.lines().anyMatch(line -> line.matches("\\[./4\\] .*; about .* left")), said);
            // What it did is done again by the other one, by name, and counted.
            assertTrue(said.contains("node 'two' has left") || said.contains("is done again: node 'two' was lost"), said);
            assertTrue(said.lines().anyMatch(line -> line.matches("fedtiny: turns on nodes: .*'two' did \\d+ and left.*begun again.*")),
                    said);
            Process third = sweep(processes, "third", file, port);
            assertEquals(0, third.waitFor(), processes.printed("third"));
            assertEquals(4, processes.printed("third").lines().filter(line -> line.contains("(done before)")).count());
        }
        for (Sweep.Run run : Sweep.read(file, Map.of()).runs()) {
            settings.put("seed", run.place().get("seed"));
            assertArrayEquals(Runs.model(settings, folder.resolve("here-" + run.name()), new Runs.Heard()),
                    Files.readAllBytes(folder.resolve("out").resolve(run.name()).resolve("model.safetensors")), run.name());
        }
    }
}
