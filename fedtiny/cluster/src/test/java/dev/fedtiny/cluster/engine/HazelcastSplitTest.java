package dev.fedtiny.cluster.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cluster.Cluster;
import dev.fedtiny.cluster.NodeFacts;
import dev.fedtiny.cluster.hazelcast.HazelcastFleet;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.NodeAddress;
import dev.fedtiny.federation.Platforms;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The network splits in the middle of a round: one member and the driver on one side, the other member, with an answer half on its way, on
 * the other. Real members, whose addresses are those of lines that are cut.
 */
@Timeout(900)
class HazelcastSplitTest {
    private static final int DEVICES = 4;
    private static final int ROUNDS = 3;
    /** Less than an answer. */
    private static final int PART_OF_AN_ANSWER = 3000;
    private static final Pattern DID = Pattern.compile("did (\\d+)");

    @TempDir
    Path folder;

    /** What is done while the network is split, after a round with the lost side's turns has ended. */
    private interface Meanwhile {
        void run(ClusterProcesses processes) throws IOException, InterruptedException;
    }

    private static List<String> reachedAt(CuttableLine line) {
        return List.of("-Dhazelcast.local.publicAddress=127.0.0.1:" + line.port());
    }

    private static boolean noted(List<String> notes, String text) {
        return List.copyOf(notes).stream().anyMatch(note -> note.contains(text));
    }

    private static int turns(String summary) {
        int sum = 0;
        for (Matcher did = DID.matcher(summary); did.find();) {
            sum += Integer.parseInt(did.group(1));
        }
        return sum;
    }

    /** A run whose second round meets the split, and whose third has both members again. */
    private List<String> split(Meanwhile meanwhile) throws Exception {
        int first = ClusterProcesses.freePort();
        int second = ClusterProcesses.freePort();
        List<String> notes = Collections.synchronizedList(new ArrayList<>());
        try (ClusterProcesses processes = new ClusterProcesses(folder); CuttableLine here = CuttableLine.onThisSide(first);
                CuttableLine there = CuttableLine.toTheOtherSide(second)) {
            processes.node("one", first, first, reachedAt(here), ClusterProcesses.classPath());
            processes.node("two", second, here.port(), reachedAt(there), ClusterProcesses.classPath());
            // The limit passes for the lost side; whoever else is slow is asked again as often as it takes.
            Cluster.Rules rules = new Cluster.Rules(Duration.ofSeconds(5), 1000, Duration.ofMinutes(5));
            Experiment experiment = Runs.experiment(Runs.settings("fedavg"));
            try (Cluster cluster = new Cluster(new HazelcastFleet().connect(List.of(new NodeAddress("127.0.0.1", here.port()))),
                    Platforms.SAME, rules, notes::add)) {
                cluster.await(2);
                List<List<String>> lost = new ArrayList<>();
                ModelState spread = Runs.spread(experiment, cluster, report -> {
                    lost.add(report.failures().stream().map(Object::toString).toList());
                    try {
                        if (report.number() == 1) {
                            // Whoever was slow is asked who it is first: both get turns of the next round.
                            cluster.await(2);
                            there.afterAnswers(PART_OF_AN_ANSWER, () -> {
                                here.cut();
                                there.cut();
                            });
                        } else if (report.number() == 2) {
                            assertTrue(noted(notes, "is done again: node 'two' gave no answer within 5 s (device-timeout)"),
                                    notes.toString());
                            meanwhile.run(processes);
                            there.mend();
                            here.mend();
                            cluster.await(2);
                            assertEquals(List.of("one", "two"), cluster.nodes().stream().map(NodeFacts::name).sorted().toList());
                        }
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                Runs.assertSame(Runs.inProcess(experiment), spread);
                assertEquals(Collections.nCopies(ROUNDS, List.of()), lost, "no device was lost to its round");
                assertEquals(DEVICES * ROUNDS, turns(cluster.summary()), "each turn counts once: " + cluster.summary());
                assertTrue(cluster.again() >= 1, cluster.summary());
            }
        }
        return notes;
    }

    /** The half answer arrives when the network is whole again, and is of no use to anybody. */
    @Test
    void turnsOfTheLostSideAreDoneOnThisOneAndCountOnce() throws Exception {
        split(_ -> { });
    }

    /** Takes two minutes: members believe for one that a silent one is there, and look for lost ones every half. */
    @Test
    @Tag("long")
    void aClusterThatCameApartSaysSoAndComesTogetherAgain() throws Exception {
        List<String> notes = split(processes -> {
            for (String name : List.of("one", "two")) {
                while (!processes.printed(name).contains("a node is gone, or cannot be reached: the cluster has 1 node")) {
                    Thread.sleep(100);
                }
            }
        });
        assertTrue(noted(notes, "node 'two' has left"), notes.toString());
    }
}
