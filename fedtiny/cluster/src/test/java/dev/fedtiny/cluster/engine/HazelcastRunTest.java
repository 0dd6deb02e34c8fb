package dev.fedtiny.cluster.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cluster.hazelcast.HazelcastFleet;
import dev.fedtiny.experiment.NodeAddress;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two Hazelcast members on this machine, each a process: the bits of runs in this process, with a member killed as well. */
@Timeout(900)
class HazelcastRunTest {
    @TempDir
    Path folder;

    private static Map<String, String> spread(String method, int port) {
        Map<String, String> settings = new HashMap<>(Runs.settings(method));
        settings.putAll(Map.of("devices-on", "hazelcast", "cluster", "127.0.0.1:" + port));
        return settings;
    }

    @Test
    void membersGiveTheBitsOfThisProcessAlsoWhenOneIsKilled() throws Exception {
        int first = ClusterProcesses.freePort();
        int second = ClusterProcesses.freePort();
        try (ClusterProcesses processes = new ClusterProcesses(folder)) {
            processes.node("one", first, first);
            Process two = processes.node("two", second, first);
            for (String method : List.of("prunefl", "lotteryfl")) {
                Runs.Heard heard = new Runs.Heard();
                byte[] spread = Runs.model(spread(method, first), folder.resolve("spread-" + method), heard);
                assertArrayEquals(Runs.model(Runs.settings(method), folder.resolve(method), new Runs.Heard()), spread, method);
                assertTrue(heard.notes.stream().anyMatch(note -> note.contains("node 'two' works on 1 turn")), heard.notes.toString());
                assertTrue(heard.notes.stream().anyMatch(note -> note.startsWith("turns on nodes: ")), heard.notes.toString());
            }
            // The next round begins at once, both members work all the time, and the last round does not begin before one is gone.
            Runs.Heard killing = new Runs.Heard() {
                @Override
                public void round(RoundReport report, TestResult test, int rounds) {
                    super.round(report, test, rounds);
                    if (report.number() == 1) {
                        Thread.ofPlatform().start(() -> {
                            LockSupport.parkNanos(100_000_000);
                            two.destroyForcibly();
                        });
                    } else if (report.number() == 2) {
                        two.onExit().join();
                    }
                }
            };
            Map<String, String> settings = spread("fedtiny", first);
            settings.put("epochs", "12");
            byte[] spread = Runs.model(settings, folder.resolve("spread-fedtiny"), killing);
            settings.put("devices-on", "threads");
            assertArrayEquals(Runs.model(settings, folder.resolve("fedtiny"), new Runs.Heard()), spread, killing.notes.toString());
            two.waitFor();
            assertTrue(killing.notes.stream().anyMatch(note -> note.contains("'two'") && (note.contains("left") || note.contains("lost"))),
                    killing.notes.toString());
        }
    }

    @Test
    void aClusterThatIsNotThereIsNamed() {
        int nobody = ClusterProcesses.freePort();
        String message = assertThrows(IOException.class,
                () -> new HazelcastFleet().connect(List.of(new NodeAddress("127.0.0.1", nobody)))).getMessage();
        assertTrue(message.contains("no node of a cluster answers at [127.0.0.1:" + nobody + "]; start one"), message);
    }
}
