package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.device.OwnStatistics;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.testing.DocumentedPrograms;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.network.FreePort;
import dev.fedtiny.network.device.FederatedDevice;
import dev.fedtiny.network.server.EnrolmentTokens;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.network.server.ServerTls;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The setting {@code device-classes}, in simulations and over the network, where every device keeps a model of its own. */
@Timeout(300)
class DeviceClassRunTest {
    private static final int DEVICES = 3;
    private static final String CLASSES = "device-classes=small: 0.05 x 2, large: 0.2 x 1";

    @TempDir
    private Path folder;

    private static Experiment experiment(String... more) {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>();
        String[] usual = {"width=2", "rounds=3", "devices=" + DEVICES, "max-images=150", "max-test-images=40", "density=0.2", CLASSES,
            "pretrain-epochs=1", "pool=2", "adjust-every=1", "adjust-until=3", "batch=16", "threads=1", "baseline=false"};
        for (String[] some : new String[][] {usual, more}) {
            for (String setting : some) {
                given.put(SettingIndex.of(setting.substring(0, setting.indexOf('='))), setting.substring(setting.indexOf('=') + 1));
            }
        }
        return Experiment.of(given);
    }

    /** Fails after a round, as a process that is killed there would. */
    private static final class Silent implements Runner.Listener {
        private final int failAfter;

        private Silent(int failAfter) {
            this.failAfter = failAfter;
        }

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
            if (report.number() == failAfter) {
                throw new IllegalStateException("stop");
            }
        }

        @Override
        public void warning(String sentence) {
            // So few images lack classes.
        }

        @Override
        public void stopped(int roundsDone, int rounds) {
            // Nobody listens.
        }
    }

    private Runner.Result run(Experiment experiment, String name) throws IOException {
        return Runner.run(experiment, experiment.open(), RunDirectory.create(folder.resolve(name)), new Silent(0));
    }

    private void assertSameFiles(String expected, String actual) throws IOException {
        for (String file : List.of("model.safetensors", "model.class-small.safetensors", "model.class-small.sparse.safetensors",
                "model.recalibrated.safetensors", "model.recalibrated.class-small.sparse.safetensors")) {
            assertArrayEquals(Files.readAllBytes(folder.resolve(expected).resolve(file)),
                    Files.readAllBytes(folder.resolve(actual).resolve(file)), file);
        }
    }

    private List<JsonObject> lines(String run, String event) throws IOException {
        return Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl")).stream().map(line -> (JsonObject) JsonReader.parse(line))
                .filter(line -> line.string("event").equals(event)).toList();
    }

    @Test
    void theEstimateIsTheRunClassByClassAndAResumedRunHasTheSameBits() throws IOException {
        Experiment experiment = experiment("recalibrate-last=true", "method=fl-pqsu", "evaluate-personal=true");
        Runner.Result result = run(experiment, "whole");
        ExactEstimate estimate = Estimate.of(experiment.values().given(), true).exact();
        assertEquals(result.costs().flops(), estimate.totalFlops());
        assertEquals(result.costs().traffic().bytesDown(), estimate.totalBytesDown());
        assertEquals(result.costs().traffic().bytesUp(), estimate.totalBytesUp());
        assertEquals(List.of("large", "small"), estimate.classes().stream().map(one -> one.of().name()).toList());
        for (int place = 0; place < 2; place++) {
            long flops = 0;
            long down = 0;
            long up = 0;
            for (JsonObject round : lines("whole", "round")) {
                JsonObject figures = (JsonObject) round.array("deviceClasses").get(place);
                assertEquals(place == 0 ? 1 : 2, figures.integer("reporters"));
                assertTrue(figures.number("accuracy") >= 0 && figures.number("accuracy") <= 1);
                flops += figures.integer("flops");
                down += figures.integer("bytesDown");
                up += figures.integer("bytesUp");
                assertTrue(figures.integer("maxDeviceFlops") <= estimate.classes().get(place).maxDeviceFlops());
            }
            assertEquals(flops, estimate.classes().get(place).flops());
            assertEquals(down, estimate.classes().get(place).bytesDown());
            assertEquals(up, estimate.classes().get(place).bytesUp());
        }
        JsonObject personal = lines("whole", "personal").getFirst();
        assertEquals(DEVICES, personal.array("accuracies").size());
        assertEquals(2, personal.array("deviceClasses").size());
        assertTrue(personal.number("accuracy") >= 0 && personal.number("sharedAccuracy") <= 1);
        assertEquals(2, lines("whole", "recalibrated").getFirst().array("deviceClasses").size());
        RunDirectory stopped = RunDirectory.create(folder.resolve("stopped"));
        TrainTest images = experiment.open();
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, stopped, new Silent(2)));
        Runner.run(stopped.experiment(), images, stopped, new Silent(0));
        assertSameFiles("whole", "stopped");
    }

    @Test
    void aClassHasTheDevicesThatAreAskedWhoeverAnswers() throws IOException {
        run(experiment("method=fl-pqsu", "dropout=0.5", "seed=3"), "dropouts");
        long missing = 0;
        for (JsonObject round : lines("dropouts", "round")) {
            List<JsonObject> classes = round.array("deviceClasses").stream().map(JsonObject.class::cast).toList();
            assertEquals(List.of(1L, 2L), classes.stream().map(figures -> figures.integer("devices")).toList());
            long reporters = classes.stream().mapToLong(figures -> figures.integer("reporters")).sum();
            assertEquals(round.array("reporters").size(), reporters);
            missing += DEVICES - reporters;
        }
        assertTrue(missing > 0, "everybody answered");
    }

    /**
     * Where the mask moves, parts move with it and keep their sizes: work is what was foreseen, to the FLOP, and so are bytes to devices
     * but for how well other positions are encoded; devices send no more gradients than they were counted with. What a device's
     * sessions and all that it holds beside them take is what was planned, but for how the weights are spread over the layers.
     */
    @ParameterizedTest
    @ValueSource(strings = {"fedtiny", "prunefl", "fedmef"})
    void theEstimateIsTheRunUnderMovingMasks(String method) throws IOException {
        Experiment experiment = experiment("method=" + method, "meter=on");
        Runner.Result result = run(experiment, "moving");
        assertTrue(lines("moving", "round").stream().flatMap(line -> line.array("adjustments").stream())
                .anyMatch(layer -> ((JsonObject) layer).integer("exchanged") > 0), "the mask never moved");
        ExactEstimate estimate = Estimate.of(experiment.values().given(), true).exact();
        assertEquals(result.costs().flops(), estimate.totalFlops());
        assertNear(result.costs().traffic().bytesDown(), estimate.totalBytesDown());
        assertTrue(result.costs().traffic().bytesUp() <= estimate.totalBytesUp());
        assertMemoryIsAsPlanned(experiment);
        for (int place = 0; place < 2; place++) {
            int at = place;
            List<JsonObject> rounds = lines("moving", "round").stream().map(round -> (JsonObject) round.array("deviceClasses").get(at))
                    .toList();
            ClassEstimate expected = estimate.classes().get(place);
            assertEquals(rounds.stream().mapToLong(round -> round.integer("flops")).sum(), expected.flops());
            assertEquals(rounds.stream().mapToLong(round -> round.integer("maxDeviceFlops")).max().orElseThrow(),
                    expected.maxDeviceFlops());
            assertNear(rounds.stream().mapToLong(round -> round.integer("bytesDown")).sum(), expected.bytesDown());
            assertTrue(rounds.stream().mapToLong(round -> round.integer("bytesUp")).sum() <= expected.bytesUp());
            assertEquals(1, rounds.stream().map(round -> round.number("density")).distinct().count(), "a part grows or shrinks");
        }
    }

    /** A plan prunes all layers evenly, and a device's heap is a fifth above it. */
    private void assertMemoryIsAsPlanned(Experiment experiment) throws IOException {
        // Of the densest class, which needs most; Java itself is no part of what sessions hold.
        long planned = DevicePlan.byClass(experiment, experiment.plan(experiment.open().train())).getFirst().total()
                - DevicePlan.JAVA_BYTES;
        List<Long> peaks = lines("moving", "round").stream().map(round -> round.integer("peakBytes")).toList();
        assertEquals(3, peaks.size());
        assertEquals(planned, Collections.max(peaks), planned / 10.0, "planned were " + planned + " bytes, rounds took " + peaks);
    }

    /** Gaps between other positions: fewer than one byte in a hundred of what a small part's masks take. */
    private static void assertNear(long measured, long expected) {
        assertEquals(expected, measured, expected / 100.0);
    }

    @Test
    void devicesInProcessesHoldTheirPartsAsThreadsDo() throws IOException {
        run(experiment("rounds=2", "recalibrate-last=true"), "threads");
        run(experiment("rounds=2", "recalibrate-last=true", "devices-on=process"), "processes");
        assertSameFiles("threads", "processes");
        // Fewer processes than devices: each is told what the device that it stands for held.
        run(experiment("rounds=2", "recalibrate-last=true", "devices-on=process", "device-processes=1"), "pooled");
        assertSameFiles("threads", "pooled");
    }

    @Test
    void whatCannotBeIsRefusedWithTheReason() {
        for (String[] wrong : new String[][] {
            {"method=feddst", "with feddst devices change their masks themselves"},
            {"method=lotteryfl", "with lotteryfl devices have masks of their own"},
            {"method=toy", "toy does not say what devices do that hold a part of its model"},
            {"devices=4", "they have 3 devices, the setting devices 4"},
            {"density=0.3", "a densest class of density 0.3"},
            {"device-classes=small: 0.05 x 50%, large: 0.2 x 60%", "expected other classes: they have 110.0 % of the devices, expected 100 %"},
            {"device-classes=small: 0.05 x 50%, small: 0.2 x 50%", "expected other classes: two classes of devices are called 'small'"},
            {"device-classes=small: 0.05 x 1%, large: 0.2 x 99%", "they leave no device of 3 to the class 'small'"},
            {"device-classes=small: 0.05 x 2, large: 0.2", "look at 'large: 0.2'"},
            {"device-classes=small: 1.5 x 2, large: 0.2 x 1", "look at 'small: 1.5 x 2'"}}) {
            String said = assertThrows(IllegalArgumentException.class, () -> experiment(wrong[0])).getMessage();
            assertTrue(said.contains(wrong[1]), said);
        }
        Experiment narrow = experiment("device-classes=small: 0.05 x 2 in 1MiB, large: 0.2 x 1");
        TrainTest images = narrow.open();
        String memory = assertThrows(IllegalArgumentException.class, () -> Runner.check(narrow, images)).getMessage();
        assertTrue(memory.startsWith("device-classes: a device of 'small' has 1.0 MiB, but needs "), memory);
        Experiment sparse = experiment("device-classes=small: 0.0001 x 2, large: 0.2 x 1");
        String few = assertThrows(IllegalArgumentException.class, () -> sparse.plan(images.train())).getMessage();
        assertTrue(few.contains("the smallest possible density is"), few);
    }

    private FederatedDevice.Joining joining(int port, Optional<DeviceToken> token, int device, Dataset share) {
        return FederatedDevice.join(URI.create("https://localhost:" + port), token).data(() -> share).folder(folder)
                .keep(folder.resolve("kept-" + device)).patience(Duration.ofMinutes(1));
    }

    /** Devices that ask for their model after every turn. */
    private List<Thread> devices(List<Dataset> shares, ServerTls tls, int port, List<Throwable> ends, List<ModelState> models)
            throws IOException {
        List<Path> tokens = EnrolmentTokens.make(folder.resolve("federation"), folder.resolve("tokens"), DEVICES, Duration.ofHours(1));
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < DEVICES; number++) {
            int device = number;
            FederatedDevice.Joining joining = joining(port, Optional.of(TokenFile.read(tokens.get(device))), device, shares.get(device))
                    .pin(tls.fingerprint()).keys(folder.resolve("device-" + device + ".key")).deviceClass(device == 0 ? "large" : "small");
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                try (FederatedDevice joined = joining.open()) {
                    joined.run();
                    models.add(joined.model().orElseThrow());
                } catch (IOException | RuntimeException e) {
                    ends.add(e);
                }
            }));
        }
        return threads;
    }

    /** Over the network: the bits of the simulation, and a model of every device's own that needs no server any more. */
    @Test
    void devicesOfTwoClassesJoinAndKeepModelsOfTheirOwn() throws Exception {
        Experiment experiment = experiment("recalibrate-last=true");
        TrainTest images = experiment.open();
        run(experiment, "simulated");
        ServerTls tls = SelfSigned.openOrCreate(Files.createDirectory(folder.resolve("keys")), List.of("localhost"));
        int port = FreePort.next();
        List<Throwable> ends = new CopyOnWriteArrayList<>();
        List<ModelState> models = new CopyOnWriteArrayList<>();
        List<Dataset> shares = experiment.data(images).devices();
        List<Thread> devices = devices(shares, tls, port, ends, models);
        NetworkHosting.Door door = new NetworkHosting.Door(folder.resolve("federation"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), tls, Limits.USUAL, DEVICES);
        Runner.run(experiment, images, RunDirectory.create(folder.resolve("served")), NetworkHosting.at(door), new Silent(0));
        for (Thread device : devices) {
            assertTrue(device.join(Duration.ofMinutes(2)), "a device does not end");
        }
        assertEquals(List.of(), ends);
        assertEquals(DEVICES, models.size());
        assertSameFiles("simulated", "served");
        for (int device = 0; device < DEVICES; device++) {
            Dataset share = shares.get(device);
            ModelState last = ModelFile.load(folder.resolve("simulated").resolve(device == 0 ? "model.sparse.safetensors"
                    : "model.class-small.sparse.safetensors"));
            ModelState expected = new OwnStatistics(1, device, 16, DevelopmentSplit.usual(16)).of(last, share, Workers.of(1));
            // Started again, without a server.
            try (FederatedDevice again = joining(1, Optional.empty(), device, share).open()) {
                ModelState model = again.model().orElseThrow();
                assertEquals(last.masks(), model.masks());
                for (int p = 0; p < model.masks().size(); p++) {
                    assertArrayEquals(expected.values(p), model.values(p), model.network().parameters().get(p).name());
                }
            }
        }
        Path data = folder.resolve("small.images");
        ImageFile.write(shares.get(2), data);
        String printed = new DocumentedPrograms("docs/federation.md", FederatedDevice.class, ModelFile.class).run("OwnModel",
                Files.createDirectory(folder.resolve("program")), "https://localhost:1", data.toString(),
                folder.resolve("kept-2").toString());
        assertTrue(printed.contains("density 0.0") && printed.contains(": class "), printed);
    }
}
