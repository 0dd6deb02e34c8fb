package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs over HTTPS whose devices are slow, or drop out of a round and come back. */
@Timeout(300)
class NetworkDropoutTest {
    @TempDir
    Path folder;

    private static Experiment experiment(Map<SettingSpec<?>, String> more) {
        Map<SettingSpec<?>, String> settings = new HashMap<>(Map.of(Setting.METHOD, "fedavg", Setting.DENSITY, "1", Setting.WIDTH, "2",
                Setting.THREADS, "1", Setting.BASELINE, "false", Setting.MAX_IMAGES, "120", Setting.MAX_TEST_IMAGES, "40",
                Setting.UPDATE_BOUND, "0"));
        settings.putAll(more);
        return Experiment.of(settings);
    }

    private static List<JsonObject> rounds(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream().map(line -> (JsonObject) JsonReader.parse(line))
                .filter(line -> line.string("event").equals("round")).toList();
    }

    private static List<Integer> reporters(JsonObject round) {
        return round.array("reporters").stream().map(value -> Math.toIntExact(((JsonNumber) value).toLong().orElseThrow())).toList();
    }

    private static List<String> failures(JsonObject round) {
        return round.array("failures").stream().map(failure -> (JsonObject) failure)
                .map(failure -> failure.string("cause") + ": " + failure.string("reason")).toList();
    }

    /** Three of ten never come to an end: rounds close without them, and lose nothing but them. */
    @Test
    void slowDevicesKeepNobodyWaiting() throws Exception {
        int devices = 10;
        Set<Integer> slow = Set.of(1, 4, 8);
        Experiment experiment = experiment(Map.of(Setting.DEVICES, Integer.toString(devices), Setting.SAMPLE, "7", Setting.OVER_SELECT,
                "1.5", Setting.ROUNDS, "3", Setting.MAX_IMAGES, "300"));
        TrainTest images = experiment.open();
        List<Dataset> shares = experiment.data(images).devices();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        JoiningDevices joining = new JoiningDevices(folder.resolve("network"), devices).join(device -> () -> {
            if (slow.contains(device) && begun.getCount() == 0) {
                await(over);
            }
            return shares.get(device);
        });
        Path run = folder.resolve("run");
        Runner.run(experiment, images, RunDirectory.create(run), joining.hosting(), new NetworkRunTest.Silent() {
            @Override
            public void started(Method method, InitReport report, TestResult test) {
                begun.countDown();
            }

            @Override
            public void round(RoundReport report, TestResult test, int rounds) {
                if (report.number() == rounds) {
                    over.countDown();
                }
            }
        });
        joining.awaitEnd(slow);
        List<JsonObject> rounds = rounds(run);
        assertEquals(3, rounds.size());
        for (JsonObject round : rounds) {
            assertEquals(IntStream.range(0, devices).filter(device -> !slow.contains(device)).boxed().toList(), reporters(round));
            assertEquals(slow.size(), failures(round).stream().filter(failure -> failure.startsWith("RELEASED: ")).count(),
                    round.toString());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException("interrupted");
        }
    }

    /**
     * Four devices, of which three must be there at the end: one drops out of the second round, two of the third, and in the fourth all are
     * back.
     *
     * @param before requests of a round that those answer who drop out
     */
    private Path withDropouts(String name, int before, Map<SettingSpec<?>, String> more) throws Exception {
        Map<Integer, Set<Integer>> dropouts = Map.of(2, Set.of(3), 3, Set.of(1, 3));
        Map<SettingSpec<?>, String> settings = new HashMap<>(Map.of(Setting.DEVICES, "4", Setting.ROUNDS, "4", Setting.MIN_REPORTERS, "3"));
        settings.putAll(more);
        Experiment experiment = experiment(settings);
        TrainTest images = experiment.open();
        List<Dataset> shares = experiment.data(images).devices();
        int[] round = {1};
        int[] answered = new int[4];
        JoiningDevices joining = new JoiningDevices(folder.resolve("network-" + name), 4).join(device -> () -> {
            synchronized (round) {
                if (dropouts.getOrDefault(round[0], Set.of()).contains(device) && answered[device]++ >= before) {
                    throw new DataException("device " + device + " has no power in round " + round[0]);
                }
            }
            return shares.get(device);
        });
        Path run = folder.resolve(name);
        Runner.run(experiment, images, RunDirectory.create(run), joining.hosting(), new NetworkRunTest.Silent() {
            @Override
            public void round(RoundReport report, TestResult test, int rounds) {
                synchronized (round) {
                    round[0] = report.number() + 1;
                    Arrays.fill(answered, 0);
                }
            }
        });
        joining.awaitEnd();
        return run;
    }

    @Test
    void aSecureSumStandsAtItsThresholdAndFailsWithTheReasonBelowIt() throws Exception {
        // Keys and shares come, masked values do not.
        Path secure = withDropouts("secure", 2, Map.of(Setting.SECURE_AGGREGATION, "on", Setting.SECURE_THRESHOLD, "0.5"));
        List<JsonObject> rounds = rounds(secure);
        assertEquals(List.of(List.of(0, 1, 2, 3), List.of(0, 1, 2), List.of(), List.of(0, 1, 2, 3)),
                rounds.stream().map(NetworkDropoutTest::reporters).toList());
        // What a device's own data source says stays on the device.
        assertEquals(List.of("REPORTED: OTHER: the work could not be done; why, this device tells its own application alone"),
                failures(rounds.get(1)));
        assertTrue(failures(rounds.get(2)).stream().anyMatch(failure -> failure.startsWith("UNSUMMED: 2 devices have sent their values")),
                rounds.get(2).toString());
        // Who dropped out is missed by an open round just as much, and the one of too few is skipped there, too.
        Path open = withDropouts("open", 0, Map.of());
        assertArrayEquals(Files.readAllBytes(open.resolve("model.safetensors")), Files.readAllBytes(secure.resolve("model.safetensors")));
    }
}
