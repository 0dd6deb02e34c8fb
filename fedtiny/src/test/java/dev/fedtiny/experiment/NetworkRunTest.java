package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.network.device.FederatedDevice;
import dev.fedtiny.network.device.TurnCost;
import dev.fedtiny.network.server.EnrolmentTokens;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.network.server.ServerTls;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run whose devices join over HTTPS, as applications do: the same model bits as the run in one process, also over a server's end. */
@Timeout(300)
class NetworkRunTest {
    private static final int DEVICES = 3;

    @TempDir
    Path folder;

    private final List<TurnCost> costs = new CopyOnWriteArrayList<>();
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final List<Throwable> ends = new CopyOnWriteArrayList<>();

    private static Experiment experiment(String method) {
        return Experiment.of(Map.of(Setting.METHOD, method, Setting.DEVICES, Integer.toString(DEVICES), Setting.ROUNDS, "3",
                Setting.WIDTH, "8", Setting.BASELINE, "false", Setting.MAX_IMAGES, "120", Setting.CHECKPOINT_EVERY, "1",
                Setting.DENSITY, method.equals("fedavg") ? "1" : "0.1"));
    }

    private Path simulated(Experiment experiment, TrainTest images) throws IOException {
        Path path = folder.resolve("simulated");
        Runner.run(experiment, images, RunDirectory.create(path), new Silent());
        return path;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private NetworkHosting.Door door(ServerTls tls, int port) {
        return new NetworkHosting.Door(folder.resolve("federation"), new InetSocketAddress(InetAddress.getLoopbackAddress(), port), tls,
                Limits.USUAL, DEVICES);
    }

    private List<Thread> devices(Experiment experiment, TrainTest images, ServerTls tls, int port) throws IOException {
        List<Path> tokens = EnrolmentTokens.make(folder.resolve("federation"), folder.resolve("tokens"), DEVICES, Duration.ofHours(1));
        List<Dataset> shares = experiment.data(images).devices();
        List<Thread> threads = new ArrayList<>();
        for (int device = 0; device < DEVICES; device++) {
            DeviceToken token = TokenFile.read(tokens.get(device));
            Dataset share = shares.get(device);
            Path key = folder.resolve("device-" + device + ".key");
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                try (FederatedDevice joined = FederatedDevice.join(URI.create("https://localhost:" + port), Optional.of(token))
                        .pin(tls.fingerprint()).keys(key).data(() -> share).folder(folder).patience(Duration.ofMinutes(1))
                        .onTurn(costs::add).notes(notes::add).open()) {
                    joined.run();
                } catch (IOException | RuntimeException e) {
                    ends.add(e);
                }
            }));
        }
        return threads;
    }

    private void assertSameModel(Path simulated, Path served) throws IOException {
        assertArrayEquals(Files.readAllBytes(simulated.resolve("model.safetensors")),
                Files.readAllBytes(served.resolve("model.safetensors")),
                notes.toString());
    }

    @Test
    void fedTinyOverTheNetworkHasTheBitsOfTheSimulation() throws Exception {
        Experiment experiment = experiment("fedtiny");
        TrainTest images = experiment.open();
        Path simulated = simulated(experiment, images);
        ServerTls tls = SelfSigned.openOrCreate(Files.createDirectory(folder.resolve("keys")), List.of("localhost"));
        int port = freePort();
        List<Thread> devices = devices(experiment, images, tls, port);
        Path served = folder.resolve("served");
        Runner.run(experiment, images, RunDirectory.create(served), NetworkHosting.at(door(tls, port)), new Silent());
        for (Thread device : devices) {
            assertTrue(device.join(Duration.ofMinutes(2)), () -> "a device does not end: " + notes);
        }
        assertEquals(List.of(), ends);
        assertSameModel(simulated, served);
        assertTrue(costs.size() >= 3 * DEVICES && costs.stream().allMatch(cost -> cost.bytesDown() > 0), costs.toString());
        List<String> said = Files.readAllLines(served.resolve("federation/costs.jsonl"));
        assertTrue(said.size() >= 3 * DEVICES);
        assertEquals(costs.stream().mapToLong(TurnCost::bytesUp).sum(), said.stream().mapToLong(line -> Long.parseLong(
                line.replaceFirst(".* up=(\\d+) .*", "$1"))).sum(), "the last part of an answer says what it cost, itself included");
    }

    /** Devices sign their keys, and the server sees no update: the same bits all the same. */
    @Test
    void aSecureRunOverTheNetworkHasTheBitsOfAnOpenSimulation() throws Exception {
        Experiment open = experiment("fedavg").with(Map.of(Setting.UPDATE_BOUND, "0", Setting.WIDTH, "2"));
        TrainTest images = open.open();
        Path simulated = simulated(open, images);
        Experiment secure = open.with(Map.of(Setting.SECURE_AGGREGATION, "on"));
        ServerTls tls = SelfSigned.openOrCreate(Files.createDirectory(folder.resolve("keys")), List.of("localhost"));
        int port = freePort();
        List<Thread> devices = devices(secure, images, tls, port);
        Path served = folder.resolve("served");
        Runner.run(secure, images, RunDirectory.create(served), NetworkHosting.at(door(tls, port)), new Silent());
        for (Thread device : devices) {
            assertTrue(device.join(Duration.ofMinutes(2)), () -> "a device does not end: " + notes);
        }
        assertEquals(List.of(), ends);
        assertSameModel(simulated, served);
        assertTrue(costs.stream().noneMatch(cost -> cost.kind().equals("TRAIN")), "nothing is told in the open");
        assertEquals(3 * DEVICES, costs.stream().filter(cost -> cost.kind().equals("MASKED_REQUEST")).count());
    }

    /** The run ends between rounds and within them, and goes on from its last checkpoint while the devices wait. */
    @Test
    void aRunThatIsAbandonedGoesOnWithTheSameDevicesAndBits() throws Exception {
        Experiment experiment = experiment("fedavg");
        TrainTest images = experiment.open();
        Path simulated = simulated(experiment, images);
        ServerTls tls = SelfSigned.openOrCreate(Files.createDirectory(folder.resolve("keys")), List.of("localhost"));
        int port = freePort();
        List<Thread> devices = devices(experiment, images, tls, port);
        Path served = folder.resolve("served");
        RunDirectory directory = RunDirectory.create(served);
        for (int round = 1; round <= 2; round++) {
            int last = round;
            try {
                Runner.run(experiment, images, directory, abandoning(NetworkHosting.at(door(tls, port))), new Silent() {
                    @Override
                    public void round(RoundReport report, TestResult test, int rounds) {
                        if (report.number() == last) {
                            throw new IllegalStateException("abandoned");
                        }
                    }
                });
            } catch (IllegalStateException e) {
                assertEquals("abandoned", e.getMessage());
            }
        }
        Runner.run(directory.experiment(), images, directory, NetworkHosting.at(door(tls, port)), new Silent());
        for (Thread device : devices) {
            assertTrue(device.join(Duration.ofMinutes(2)), () -> "a device does not end: " + notes);
        }
        assertEquals(List.of(), ends);
        assertSameModel(simulated, served);
        List<String> starts = Files.readAllLines(folder.resolve("federation/audit.jsonl")).stream()
                .filter(line -> line.contains("\"event\":\"start\"")).toList();
        assertEquals(3, starts.size());
        assertEquals(1, starts.stream().map(line -> ((JsonObject) JsonReader.parse(line)).string("run")).distinct().count(),
                "answers are known again by the run's name: " + starts);
    }

    /** A hosting that ends without a word to the devices. */
    private static Hosting.Opener abandoning(Hosting.Opener opener) {
        return (experiment, plan, data, directory, notes) -> {
            NetworkHosting hosting = (NetworkHosting) opener.open(experiment, plan, data, directory, notes);
            return new Hosting() {
                @Override
                public FederationContext context() {
                    return hosting.context();
                }

                @Override
                public void close() throws IOException {
                    hosting.abandon();
                }
            };
        };
    }

    /** Says nothing. */
    private static class Silent implements Runner.Listener {
        @Override
        public void started(Method method, InitReport report, TestResult test) {
            // Nobody listens.
        }

        @Override
        public void resumed(Method method, int roundsDone, TestResult test) {
            // Nobody listens.
        }

        @Override
        public void round(RoundReport report, TestResult test, int rounds) {
            // Nobody listens.
        }

        @Override
        public void warning(String sentence) {
            // Nobody listens.
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
            // Nobody listens.
        }
    }
}
