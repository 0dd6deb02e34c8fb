package dev.fedtiny.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.runtime.RandomStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server and devices that are processes, and are killed in the middle of what they do. */
@Tag("long")
@Timeout(300)
class KilledProcessesTest {
    private static final int QUICK = 0;
    private static final int HELD = 1;
    private static final List<String> EXPERIMENT = List.of("devices=2", "width=2", "rounds=6", "max-images=90", "max-test-images=10",
            "selection=none", "partition=iid", "public-per-class=1", "adjust-every=1", "adjust-until=4", "density=0.2",
            "pretrain-epochs=1", "threads=1", "checkpoint-every=2");

    @TempDir
    Path folder;

    @BeforeEach
    void aSystemWithSignals() {
        assumeTrue(Files.isExecutable(Path.of("/bin/kill")), "a process is held with /bin/kill -STOP");
    }

    private static void hold(Process process) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("/bin/kill", "-STOP", Long.toString(process.pid())).start().waitFor());
    }

    private static Predicate<JsonObject> line(String event, int device) {
        return line -> line.string("event").equals(event) && line.integer("number") == device;
    }

    private static Predicate<JsonObject> of(String key, String value) {
        return line -> line.find(key).isPresent() && line.string(key).equals(value);
    }

    /** Lets the first rounds pass, behind a checkpoint, holds one device and waits until the other has answered; returns its turn. */
    private static String halfARound(FederationProcesses federation, Process held) throws IOException, InterruptedException {
        federation.await("three rounds are answered", () -> federation.audit().stream().anyMatch(line("answer", HELD)
                .and(answer -> answer.integer("round") == 3)));
        hold(held);
        federation.await("one of two has answered", () -> halfARound(federation.audit()).isPresent());
        return halfARound(federation.audit()).orElseThrow();
    }

    /** A turn of training that one device has answered and the other, which is held, has not. */
    private static Optional<String> halfARound(List<JsonObject> audit) {
        List<JsonObject> asked = audit.stream().filter(of("event", "turn").and(of("kind", "TRAIN"))).toList();
        return asked.stream().filter(line("turn", QUICK)).filter(turn -> audit.stream().anyMatch(line("answer", QUICK)
                .and(of("turn", turn.string("turn"))))).filter(turn -> audit.stream().noneMatch(line("answer", HELD)
                .and(answer -> answer.integer("round") == turn.integer("round")))).map(turn -> turn.string("turn")).findFirst();
    }

    private static long count(List<JsonObject> audit, Predicate<JsonObject> which) {
        return audit.stream().filter(which).count();
    }

    /**
     * The server is killed while one answer to a round is there and another is not, and the device that owes it is killed as well. The
     * answer that was there is taken from the disk: its device is not asked for it a second time, and nothing of it is seen in the model.
     */
    @Test
    void aServerKilledInTheMiddleOfARoundGoesOnWithTheAnswersItHas() throws Exception {
        try (FederationProcesses federation = new FederationProcesses(folder, EXPERIMENT)) {
            Process server = federation.serve();
            Process quick = federation.join(QUICK);
            Process held = federation.join(HELD);
            String turn = halfARound(federation, held);
            server.destroyForcibly().waitFor();
            held.destroyForcibly().waitFor();
            assertFalse(Files.exists(federation.served().resolve("model.safetensors")), "the run is not over");
            List<JsonObject> before = federation.audit();

            Process resumed = federation.resume();
            Process again = federation.join(HELD);
            federation.awaitSuccess("the server", resumed);
            federation.awaitSuccess("the device that stayed", quick);
            federation.awaitSuccess("the device that was killed", again);

            List<JsonObject> after = federation.audit().subList(before.size(), federation.audit().size());
            assertEquals(1, count(before, of("event", "turn").and(of("turn", turn))), before.toString());
            assertEquals(0, count(after, of("event", "turn").and(of("turn", turn))), "asked a second time: " + after);
            assertEquals(0, count(after, of("event", "answer").and(of("turn", turn))), "answered a second time: " + after);
            assertEquals(1, count(after, of("event", "accept").and(of("turn", turn))), "taken from the disk: " + after);
            assertEquals(0, count(after, of("event", "lost")) + count(after, of("event", "enrol")), after.toString());
            assertArrayEquals(Files.readAllBytes(federation.simulate().resolve("model.safetensors")),
                    Files.readAllBytes(federation.served().resolve("model.safetensors")), federation.logs());
        }
    }

    /** Killed in the middle of its turn, it is lost for that turn alone; its key makes it the same device when it comes back. */
    @Test
    void aDeviceKilledInTheMiddleOfItsTurnComesBackForTheNext() throws Exception {
        try (FederationProcesses federation = new FederationProcesses(folder, EXPERIMENT)) {
            Process server = federation.serve();
            Process quick = federation.join(QUICK);
            Process held = federation.join(HELD);
            halfARound(federation, held);
            held.destroyForcibly().waitFor();
            int before = federation.audit().size();
            Process again = federation.join(HELD);
            federation.awaitSuccess("the server", server);
            federation.awaitSuccess("the device that stayed", quick);
            federation.awaitSuccess("the device that was killed", again);

            List<JsonObject> after = federation.audit().subList(before, federation.audit().size());
            List<JsonObject> lost = after.stream().filter(of("event", "lost")).toList();
            assertEquals(1, lost.size(), after.toString());
            assertTrue(line("lost", HELD).test(lost.getFirst()) && lost.getFirst().string("reason").contains("started anew"),
                    lost.toString());
            assertTrue(count(after, line("accept", HELD)) > 0, "its later answers count: " + after);
            assertEquals(2, count(federation.audit(), of("event", "enrol")), "the same device, not a third");
        }
    }

    /** How many are killed in the tests of random moments: -Ddev.fedtiny.kills. */
    private static int kills() {
        return Integer.getInteger("dev.fedtiny.kills", 6);
    }

    private static List<String> longer(int rounds) {
        return EXPERIMENT.stream().map(setting -> setting.startsWith("rounds=") ? "rounds=" + rounds
                : setting.startsWith("checkpoint-every=") ? "checkpoint-every=1" : setting).toList();
    }

    /**
     * Lets a federation run to its end while processes are killed at random moments and started again.
     *
     * @param victims who is killed: devices by number, 2 for the server
     * @return how many were killed
     */
    private static int killAtRandom(FederationProcesses federation, int... victims) throws IOException, InterruptedException {
        RandomStream random = RandomStream.of(victims.length, "kills");
        Process server = federation.serve();
        Process[] devices = {federation.join(QUICK), federation.join(HELD)};
        int killed = 0;
        while (killed < kills() && server.isAlive()) {
            long answers = count(federation.audit(), of("event", "answer"));
            Process running = server;
            federation.await("a further answer", () -> count(federation.audit(), of("event", "answer")) > answers
                    || !running.isAlive());
            Thread.sleep(random.nextInt(400));
            int victim = victims[random.nextInt(victims.length)];
            if (victim < devices.length) {
                devices[victim].destroyForcibly().waitFor();
                devices[victim] = federation.join(victim);
            } else if (server.destroyForcibly().waitFor() != 0) {
                server = federation.resume();
            }
            killed++;
        }
        federation.awaitSuccess("the server", server);
        for (Process device : devices) {
            federation.await("a device ends", () -> !device.isAlive());
        }
        return killed;
    }

    private static void assertNothingIsLost(FederationProcesses federation, int rounds) throws IOException {
        List<JsonObject> audit = federation.audit();
        assertEquals(2, count(audit, of("event", "enrol")), "the same devices throughout");
        assertEquals(0, count(audit, of("event", "reject")), "no answer was refused: " + audit);
        List<Long> seen = Files.readAllLines(federation.served().resolve("metrics.jsonl")).stream()
                .map(line -> (JsonObject) JsonReader.parse(line)).filter(of("event", "round")).map(line -> line.integer("round")).toList();
        assertEquals(LongStream.rangeClosed(1, rounds).boxed().toList(), seen, "every round once");
        assertTrue(Files.exists(federation.served().resolve("model.safetensors")));
    }

    /** A server that is killed again and again ends with the bits of a run that nobody disturbed. */
    @Test
    @Timeout(7200)
    void killsOfTheServerAtRandomMomentsLeaveNoTrace() throws Exception {
        int rounds = 4 + kills();
        try (FederationProcesses federation = new FederationProcesses(folder, longer(rounds))) {
            int killed = killAtRandom(federation, 2);
            assertNothingIsLost(federation, rounds);
            assertEquals(0, count(federation.audit(), of("event", "lost")), federation.logs());
            assertArrayEquals(Files.readAllBytes(federation.simulate().resolve("model.safetensors")),
                    Files.readAllBytes(federation.served().resolve("model.safetensors")), federation.logs());
            System.out.println("the server was killed " + killed + " times in " + rounds + " rounds: the bits of an undisturbed run");
        }
    }

    /** Devices and the server are killed: a turn is lost with its device and no round is, and everybody is who it was before. */
    @Test
    @Timeout(7200)
    void killsAtRandomMomentsLoseNothingButTurns() throws Exception {
        int rounds = 4 + kills();
        try (FederationProcesses federation = new FederationProcesses(folder, longer(rounds))) {
            int killed = killAtRandom(federation, QUICK, HELD, 2);
            assertNothingIsLost(federation, rounds);
            System.out.println(killed + " kills of devices and the server in " + rounds + " rounds: "
                    + count(federation.audit(), of("event", "accept")) + " answers were taken, "
                    + count(federation.audit(), of("event", "lost")) + " turns were lost with their device");
        }
    }
}
