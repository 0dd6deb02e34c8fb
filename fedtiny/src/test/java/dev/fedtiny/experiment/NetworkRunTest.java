package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.network.device.TurnCost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run whose devices join over HTTPS, as applications do: the same model bits as the run in one process, also over a server's end. */
@Timeout(300)
class NetworkRunTest {
    private static final int DEVICES = 3;

    @TempDir
    Path folder;

    private JoiningDevices devices;

    private static Experiment experiment(String method) {
        return Experiment.of(Map.of(Setting.METHOD, method, Setting.DEVICES, Integer.toString(DEVICES), Setting.ROUNDS, "3",
                Setting.WIDTH, "4", Setting.THREADS, "1", Setting.BASELINE, "false", Setting.MAX_IMAGES, "120", Setting.MAX_TEST_IMAGES,
                "40", Setting.CHECKPOINT_EVERY, "1", Setting.DENSITY, method.equals("fedavg") ? "1" : "0.1"));
    }

    private Path simulated(Experiment experiment, TrainTest images) throws IOException {
        Path path = folder.resolve("simulated");
        Runner.run(experiment, images, RunDirectory.create(path), new Silent());
        return path;
    }

    private JoiningDevices joining(Experiment experiment, TrainTest images) throws IOException {
        List<Dataset> shares = experiment.data(images).devices();
        devices = new JoiningDevices(folder.resolve("network"), DEVICES).join(device -> () -> shares.get(device));
        return devices;
    }

    private void assertSameModel(Path simulated, Path served) throws IOException {
        assertArrayEquals(Files.readAllBytes(simulated.resolve("model.safetensors")),
                Files.readAllBytes(served.resolve("model.safetensors")),
                devices.notes().toString());
    }

    @Test
    void fedTinyOverTheNetworkHasTheBitsOfTheSimulation() throws Exception {
        Experiment experiment = experiment("fedtiny");
        TrainTest images = experiment.open();
        Path simulated = simulated(experiment, images);
        Hosting.Opener hosting = joining(experiment, images).hosting();
        Path served = folder.resolve("served");
        Runner.run(experiment, images, RunDirectory.create(served), hosting, new Silent());
        devices.awaitEnd();
        assertSameModel(simulated, served);
        List<TurnCost> costs = devices.costs();
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
        Hosting.Opener hosting = joining(secure, images).hosting();
        Path served = folder.resolve("served");
        Runner.run(secure, images, RunDirectory.create(served), hosting, new Silent());
        devices.awaitEnd();
        assertSameModel(simulated, served);
        assertTrue(devices.costs().stream().noneMatch(cost -> cost.kind().equals("TRAIN")), "nothing is told in the open");
        assertEquals(3 * DEVICES, devices.costs().stream().filter(cost -> cost.kind().equals("MASKED_REQUEST")).count());
    }

    /** The run fails between rounds, and goes on from its last checkpoint with the devices, which wait for it. */
    @Test
    void aRunThatFailedGoesOnWithTheSameDevicesAndBits() throws Exception {
        Experiment experiment = experiment("fedavg").with(Map.of(Setting.DATASET, "neutral"));
        TrainTest images = experiment.open();
        Path simulated = simulated(experiment, images);
        // Each has measured images of its own alone, and trains with the figures that the run has measured.
        Normalization own = new Normalization(images.train().normalization().name(), List.of(0.3), List.of(0.2));
        List<Dataset> shares = experiment.data(images).devices().stream()
                .map(share -> share.as(share.kind(), own, share.classNames())).toList();
        devices = new JoiningDevices(folder.resolve("network"), DEVICES).join(device -> () -> shares.get(device));
        Hosting.Opener hosting = devices.hosting();
        Path served = folder.resolve("served");
        RunDirectory directory = RunDirectory.create(served);
        for (int round = 1; round <= 2; round++) {
            int last = round;
            try {
                Runner.run(experiment, images, directory, hosting, new Silent() {
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
        // Its devices hold other images than those that the settings would deal to simulated ones.
        String elsewhere = assertThrows(IllegalArgumentException.class,
                () -> Runner.run(directory.experiment(), images, directory, new Silent())).getMessage();
        assertTrue(elsewhere.contains("devices on other machines") && elsewhere.contains("serve --resume"), elsewhere);
        Runner.run(directory.experiment(), images, directory, hosting, new Silent());
        devices.awaitEnd();
        assertSameModel(simulated, served);
        List<String> starts = Files.readAllLines(devices.auditLog()).stream()
                .filter(line -> line.contains("\"event\":\"start\"")).toList();
        assertEquals(3, starts.size());
        assertEquals(1, starts.stream().map(line -> ((JsonObject) JsonReader.parse(line)).string("run")).distinct().count(),
                "answers are known again by the run's name: " + starts);
    }

    @Test
    void aRunThatWasBegunWithoutANetworkGoesOnWithout() throws Exception {
        Experiment experiment = experiment("fedavg");
        TrainTest images = experiment.open();
        RunDirectory directory = RunDirectory.create(folder.resolve("begun"));
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, directory, new Silent() {
            @Override
            public void round(RoundReport report, TestResult test, int rounds) {
                throw new IllegalStateException("stop");
            }
        }));
        Hosting.Opener hosting = new JoiningDevices(folder.resolve("devices"), 1).hosting();
        String refusal = assertThrows(IllegalArgumentException.class,
                () -> Runner.run(experiment, images, directory, hosting, new Silent())).getMessage();
        assertTrue(refusal.contains("images of its own partition") && refusal.contains("run --resume"), refusal);
    }

    /** Says nothing. */
    static class Silent implements Runner.Listener {
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
