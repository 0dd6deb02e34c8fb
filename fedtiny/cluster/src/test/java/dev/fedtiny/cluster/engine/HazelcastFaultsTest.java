package dev.fedtiny.cluster.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cluster.Cluster;
import dev.fedtiny.cluster.NodeFacts;
import dev.fedtiny.cluster.hazelcast.HazelcastFleet;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.NodeAddress;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real members that may not work, do not hold what is needed, are all gone, or are cut off: each fault is named, and costs no bit. */
@Timeout(900)
class HazelcastFaultsTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private static Map<String, String> settings(int port, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Runs.settings("fedavg"));
        settings.putAll(Map.of("devices-on", "hazelcast", "cluster", "127.0.0.1:" + port));
        settings.putAll(more);
        return settings;
    }

    private static Cluster cluster(int port, Cluster.Rules rules, List<String> notes) throws IOException {
        return new Cluster(new HazelcastFleet().connect(List.of(new NodeAddress("127.0.0.1", port))), Platforms.SAME, rules, notes::add);
    }

    private static void awaitNote(List<String> notes, String text) throws InterruptedException {
        while (List.copyOf(notes).stream().noneMatch(note -> note.contains(text))) {
            Thread.sleep(50);
        }
    }

    @Test
    void membersWithOtherClassesAreLeftOutByName() throws Exception {
        int port = ClusterProcesses.freePort();
        try (ClusterProcesses processes = new ClusterProcesses(folder)) {
            processes.node("old", port, port, List.of(), processes.otherClasses());
            isLeftOut(port, "node 'old' has other classes of this program (fingerprint ",
                    "put the driver's jars on the node and start it again");
            goesOnWithoutIt(processes, port);
        }
    }

    @Test
    void membersWithOtherBitsAreLeftOutByName() throws Exception {
        Assumptions.assumeTrue(Kernels.current().fusedMultiplyAdd(), "this machine has no fused multiply-add to be without");
        int port = ClusterProcesses.freePort();
        try (ClusterProcesses processes = new ClusterProcesses(folder)) {
            processes.node("other", port, port, List.of("-XX:-UseFMA"), ClusterProcesses.classPath());
            isLeftOut(port, "node 'other' computes other bits (", "this run promises the same bits whoever does the work");
            goesOnWithoutIt(processes, port);
        }
    }

    /** The only member is left out with a sentence, and with nobody else there is nobody to work. */
    private void isLeftOut(int port, String... sentences) throws Exception {
        List<String> notes = Collections.synchronizedList(new ArrayList<>());
        try (Cluster cluster = cluster(port, new Cluster.Rules(LONG, 3, LONG), notes)) {
            for (String sentence : sentences) {
                awaitNote(notes, sentence);
            }
            assertEquals(List.of(), cluster.nodes());
        }
        try (Cluster cluster = cluster(port, new Cluster.Rules(LONG, 3, Duration.ofSeconds(2)), notes)) {
            String message = assertThrows(IOException.class, () -> cluster.await(1)).getMessage();
            assertTrue(message.contains("the cluster has 0 nodes that can work, expected at least 1 within 2 s; "), message);
        }
    }

    private void goesOnWithoutIt(ClusterProcesses processes, int port) throws Exception {
        processes.node("right", ClusterProcesses.freePort(), port);
        Runs.Heard heard = new Runs.Heard();
        byte[] spread = Runs.model(settings(port, Map.of()), folder.resolve("spread"), heard);
        assertArrayEquals(Runs.model(Runs.settings("fedavg"), folder.resolve("here"), new Runs.Heard()), spread);
        assertTrue(heard.notes.stream().anyMatch(note -> note.startsWith("turns on nodes: 'right' did ")), heard.notes.toString());
    }

    @Test
    void dataOfDevicesStayOnTheNodesThatHoldThem() throws Exception {
        Experiment experiment = Runs.experiment(Runs.settings("fedavg"));
        TrainTest images = experiment.open();
        List<Dataset> shares = experiment.data(images).devices();
        for (int device = 0; device < shares.size(); device++) {
            Path holder = Files.createDirectories(folder.resolve(device < 2 ? "first" : "second"));
            ImageFile.write(shares.get(device), holder.resolve("device-" + device + ".images"));
        }
        int port = ClusterProcesses.freePort();
        try (ClusterProcesses processes = new ClusterProcesses(folder)) {
            processes.node("first", port, port, "--shares", folder.resolve("first").toString());
            // The data of two devices are nowhere.
            Cluster.Rules brief = new Cluster.Rules(LONG, 3, Duration.ofSeconds(3));
            List<String> notes = Collections.synchronizedList(new ArrayList<>());
            try (Cluster cluster = cluster(port, brief, notes)) {
                awaitNote(notes, "node 'first' works on 1 turn");
                String message = assertThrows(IOException.class, () -> cluster.awaitShares(4)).getMessage();
                assertEquals("no node holds the data of devices 2 to 3, and none that does came within 3 s; node 'first' holds the data of "
                        + "devices 0 to 1; start one with 'fedtiny node --shares DIR', whose DIR has their files device-K.images", message);
            }
            Map<String, String> held = settings(port, Map.of("device-data", "held", "cluster-patience", "2"));
            String refused = assertThrows(IOException.class, () -> Runs.model(held, folder.resolve("without"), new Runs.Heard()))
                    .getMessage();
            // Whether or not the member has said in this time what it holds.
            assertTrue(refused.matches("(?s)no node holds the data of devices [02] to 3, and none that does came within 2 s; .*"), refused);
            held.put("cluster-patience", "300");
            Process second = processes.node("second", ClusterProcesses.freePort(), port, "--shares", folder.resolve("second").toString());
            byte[] here = Runs.model(Runs.settings("fedavg"), folder.resolve("here"), new Runs.Heard());
            assertArrayEquals(here, Runs.model(held, folder.resolve("held"), new Runs.Heard()));
            // Who held the data is gone in the middle of the run: these devices are lost by name, and the others are not.
            notes.clear();
            try (Cluster cluster = cluster(port, brief, notes)) {
                awaitNote(notes, "node 'first' works on 1 turn");
                awaitNote(notes, "node 'second' works on 1 turn");
                Runs.spreadOverHolders(experiment, cluster, report -> {
                    report.failures().forEach(failure -> notes.add(failure.reason()));
                    if (report.number() == 1) {
                        second.destroyForcibly().onExit().join();
                        assertFalse(second.isAlive());
                    }
                });
            }
            for (int device : List.of(2, 3)) {
                assertTrue(notes.stream().anyMatch(note -> note.contains("device " + device + ": ")
                        && note.contains("no node of the cluster can do it, and none that can came within 3 s; node 'first' holds the data "
                        + "of devices 0 to 1")), notes.toString());
            }
        }
    }

    /** Takes a minute, since the driver waits for a cluster that is gone. */
    @Test
    @Tag("long")
    void aClusterThatLosesAllMembersEndsTheRunWhichGoesOnWithItsBits() throws Exception {
        int port = ClusterProcesses.freePort();
        try (ClusterProcesses processes = new ClusterProcesses(folder)) {
            Process only = processes.node("only", port, port);
            Map<String, String> settings = settings(port, Map.of("cluster-patience", "60", "rounds", "4"));
            Path out = folder.resolve("spread");
            String message = assertThrows(UncheckedIOException.class, () -> Runs.model(settings, out, Runs.afterTheFirstRound(
                    () -> only.destroyForcibly().onExit().join()))).getMessage();
            assertTrue(message.contains("the cluster has no node left that can work, and none came within 60 s"), message);
            assertTrue(message.contains("the run goes on from its checkpoint (run --resume)"), message);
            // On the same port another one, which is gone for a while in its turn: the client finds the cluster again.
            Process next = processes.node("next", port, port);
            settings.put("cluster-patience", "300");
            Runs.Heard heard = new Runs.Heard() {
                @Override
                public void round(RoundReport report, TestResult test, int rounds) {
                    super.round(report, test, rounds);
                    if (report.number() == 2) {
                        next.destroyForcibly().onExit().join();
                        Thread.ofPlatform().start(() -> {
                            try {
                                processes.node("last", port, port);
                            } catch (IOException | InterruptedException e) {
                                notes.add("no other node: " + e);
                            }
                        });
                    }
                }
            };
            Experiment experiment = Runs.experiment(settings);
            Runner.run(experiment, experiment.open(), RunDirectory.begun(out), heard);
            assertTrue(heard.notes.stream().anyMatch(note -> note.contains("node 'last' works on 1 turn")), heard.notes.toString());
            Map<String, String> here = new HashMap<>(Runs.settings("fedavg"));
            here.put("rounds", "4");
            assertArrayEquals(Runs.model(here, folder.resolve("here"), new Runs.Heard()),
                    Files.readAllBytes(out.resolve("model.safetensors")), heard.notes.toString());
        }
    }

    /**
     * A member that is stopped is what a network that has split looks like from the driver: its connections stay open, and nothing comes
     * over them. Its turns never end.
     */
    @Test
    void aMemberThatIsCutOffLosesItsTurnsAndComesBack() throws Exception {
        int first = ClusterProcesses.freePort();
        try (ClusterProcesses processes = new ClusterProcesses(folder)) {
            processes.node("one", first, first);
            Process two = processes.node("two", ClusterProcesses.freePort(), first);
            List<String> notes = Collections.synchronizedList(new ArrayList<>());
            // The limit passes for the one that is cut off; whoever else is slow is asked again as often as it takes.
            Cluster.Rules rules = new Cluster.Rules(Duration.ofSeconds(5), 1000, LONG);
            Experiment experiment = Runs.experiment(Runs.settings("fedtiny"));
            try (Cluster cluster = cluster(first, rules, notes)) {
                cluster.await(2);
                boolean[] back = new boolean[1];
                ModelState spread = Runs.spread(experiment, cluster, report -> {
                    try {
                        if (report.number() == 1) {
                            // Whoever was slow is asked who it is first: both get turns of the next round.
                            cluster.await(2);
                            ClusterProcesses.signal("STOP", two);
                        } else if (report.number() == 2) {
                            awaitNote(notes, "is done again: node 'two' gave no answer within 5 s (device-timeout)");
                            ClusterProcesses.signal("CONT", two);
                            cluster.await(2);
                            back[0] = cluster.nodes().stream().map(NodeFacts::name).toList().contains("two");
                        }
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                assertTrue(back[0], notes.toString());
                Runs.assertSame(Runs.inProcess(experiment), spread);
                assertTrue(cluster.again() >= 1);
                assertTrue(cluster.summary().matches("turns on nodes: .*'two' did .*; [1-9]\\d* begun again; .*"), cluster.summary());
            }
        }
    }
}
