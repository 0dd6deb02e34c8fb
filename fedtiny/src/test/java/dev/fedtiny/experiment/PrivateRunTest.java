package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.experiment.metrics.RoundFigure;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.privacy.RdpAccountant;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs with secure sums and with differential privacy, from their settings to their files. */
class PrivateRunTest {
    private static final String[] TINY = {"data=demo", "width=2", "devices=3", "max-images=120", "max-test-images=20", "pretrain-epochs=1",
        "public-per-class=2", "batch=16", "threads=1", "baseline=false", "update-bound=0", "method=fedavg", "rounds=3"};

    @TempDir
    Path folder;

    private static Experiment experiment(String... more) {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>();
        for (String[] some : new String[][] {TINY, more}) {
            for (String setting : some) {
                given.put(SettingIndex.of(setting.substring(0, setting.indexOf('='))), setting.substring(setting.indexOf('=') + 1));
            }
        }
        return Experiment.of(given);
    }

    private final List<String> notes = new ArrayList<>();

    /** Ends the run after a round, as a process that is killed. */
    private Runner.Listener listener(int last) {
        return new Runner.Listener() {
            @Override
            public void started(Method method, InitReport report, TestResult test) {
                // Nothing is looked at.
            }

            @Override
            public void resumed(Method method, int roundsDone, TestResult test) {
                // Nothing is looked at.
            }

            @Override
            public void note(String text) {
                notes.add(text);
            }

            @Override
            public void round(RoundReport report, TestResult test, int rounds) {
                if (report.number() == last) {
                    throw new IllegalStateException("killed");
                }
            }

            @Override
            public void warning(String sentence) {
                notes.add(sentence);
            }

            @Override
            public void stopped(int roundsDone, int rounds) {
                // Nothing is looked at.
            }
        };
    }

    private Path run(Experiment experiment, String name) throws IOException {
        Path path = folder.resolve(name);
        TrainTest images = experiment.open();
        Runner.run(experiment, images, RunDirectory.create(path), listener(0));
        return path;
    }

    private static byte[] model(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("model.safetensors"));
    }

    /** Of every round, as the devices' meter has it: gradients kept for the second sum, ballots, and what FedRTS adds up, too. */
    @ParameterizedTest
    @ValueSource(strings = {"fedtiny", "fedmef", "fedrts", "fl-pqsu"})
    void whatDevicesKeepForSecureSumsIsEstimated(String method) throws IOException {
        String[] settings = {"method=" + method, "rounds=4", "adjust-every=1", "adjust-until=4", "density=0.2", "pool=2",
            "selection-vote=mean", "selection=none", "meter=on"};
        ExactEstimate open = DryRun.of(experiment(settings), experiment(settings).open(), false);
        settings = Arrays.copyOf(settings, settings.length + 1);
        settings[settings.length - 1] = "secure-aggregation=on";
        Experiment experiment = experiment(settings);
        ExactEstimate estimate = DryRun.of(experiment, experiment.open(), false);
        List<JsonObject> rounds = lines(run(experiment, method).resolve("metrics.jsonl")).stream()
                .filter(line -> line.string("event").equals("round")).toList();
        for (int round = 0; round < rounds.size(); round++) {
            JsonObject peaks = rounds.get(round).object("peakMemory");
            assertEquals(estimate.rounds().get(round).bufferBytes(), peaks.find("top_k").isPresent() ? peaks.integer("top_k") : 0,
                    "round " + (round + 1));
        }
        long more = estimate.bufferBytes() - open.bufferBytes();
        assertEquals(!method.equals("fl-pqsu"), more > 0);
        long planned = DevicePlan.of(experiment, experiment.plan(experiment.open().train())).bytes().getOrDefault(MemoryCategory.TOP_K, 0L);
        assertTrue(planned >= more, planned + " bytes are planned for, " + more + " are kept");
    }

    @Test
    void aSecureRunHasTheBitsOfAnOpenOneAlsoWhenItWasInterrupted() throws IOException {
        Path open = run(experiment(), "open");
        Experiment secure = experiment("secure-aggregation=on", "secure-neighbours=2");
        assertArrayEquals(model(open), model(run(secure, "secure")));
        TrainTest images = secure.open();
        RunDirectory directory = RunDirectory.create(folder.resolve("killed"));
        assertThrows(IllegalStateException.class, () -> Runner.run(secure, images, directory, listener(2)));
        Runner.run(secure, images, directory, listener(0));
        assertArrayEquals(model(open), model(folder.resolve("killed")));
    }

    @Test
    void devicesInProcessesKeepTheirSecrets() throws IOException {
        Experiment secure = experiment("secure-aggregation=on", "devices-on=process", "device-processes=3", "rounds=1");
        assertArrayEquals(model(run(experiment("rounds=1"), "open")), model(run(secure, "processes")), notes.toString());
    }

    @Test
    void whatContradictsPrivacyIsRefusedWithTheSettings() {
        Map<String, String[]> refused = Map.of("update-bound", new String[] {"secure-aggregation=on", "update-bound=20"},
                "aggregation by Median", new String[] {"secure-aggregation=on", "aggregation=median"},
                "an even number", new String[] {"secure-aggregation=on", "secure-neighbours=5"},
                "at least 3", new String[] {"secure-aggregation=on", "sample=2"},
                "dp-noise: update-bound", new String[] {"dp-noise=1", "update-bound=20"},
                "mean with dp-noise", new String[] {"dp-noise=1", "aggregation=median"},
                "looks at single updates", new String[] {"dp-noise=1", "secure-aggregation=on"},
                "how many took part", new String[] {"dp-noise=1", "min-reporters=2"},
                "skip with dp-noise", new String[] {"dp-noise=1", "on-too-few=repeat"},
                "1 with dp-noise: a device", new String[] {"dp-noise=1", "over-select=1.5"});
        refused.forEach((reason, settings) -> assertTrue(assertThrows(IllegalArgumentException.class, () -> experiment(settings))
                .getMessage().contains(reason), reason));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> experiment("dp-noise=1e-30")).getMessage()
                .contains("0, or at least 1.0E-9"), "no accountant has a number for it");
        assertTrue(Double.isFinite(experiment("dp-noise=1e-9").noise().orElseThrow().epsilon(1_000_000)));
        Map<String, String[]> byMethod = Map.of("growth goes by the devices' gradients", new String[] {"dp-noise=1", "method=fedtiny",
            "density=0.2"}, "stage one goes by", new String[] {"dp-noise=1", "method=fedtiny", "density=0.2", "progressive=false"},
                "each single device's model", new String[] {"secure-aggregation=on", "method=fedrts", "density=0.2",
                    "fedrts-every-round=true"});
        byMethod.forEach((reason, settings) -> assertTrue(assertThrows(IllegalArgumentException.class, () -> experiment(settings))
                .getMessage().contains(reason), reason));
    }

    private static List<JsonObject> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(line -> (JsonObject) JsonReader.parse(line)).toList();
    }

    /** ε is said before and after, counts rounds that were done twice, twice, and the noise is never that of an earlier run. */
    @Test
    void aRunWithNoiseSaysWhatItSpends() throws IOException {
        Experiment experiment = experiment("dp-noise=2", "dp-clip=0.5", "sample=2", "checkpoint-every=2");
        TrainTest images = experiment.open();
        Path path = folder.resolve("noisy");
        RunDirectory directory = RunDirectory.create(path);
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, directory, listener(1)));
        Runner.run(experiment, images, directory, listener(0));
        RdpAccountant accountant = new RdpAccountant(2.0 / 3, 2);
        // The first round was done twice, since its checkpoint was not due.
        List<JsonObject> ledger = lines(path.resolve("privacy.jsonl"));
        assertEquals(4, ledger.size());
        assertEquals(accountant.epsilon(4, 1e-5), ledger.getLast().number("epsilon"), 1e-9);
        JsonObject result = ((JsonObject) JsonReader.parse(Files.readString(path.resolve("result.json")))).object("privacy");
        assertEquals(4, result.integer("releases"));
        assertEquals(accountant.epsilon(4, 1e-5), result.number("epsilon"), 1e-9);
        List<JsonObject> rounds = lines(path.resolve("metrics.jsonl")).stream()
                .filter(line -> line.string("event").equals("round")).toList();
        RoundFigure epsilon = RoundFigure.ALL.stream().filter(figure -> figure.key().equals("epsilon")).findFirst().orElseThrow();
        for (int round = 1; round <= 3; round++) {
            assertEquals(accountant.epsilon(round + 1, 1e-5), epsilon.of(rounds.get(round - 1)), 1e-9, "after round " + round);
            assertEquals(1e-5, rounds.get(round - 1).object("privacy").number("delta"));
        }
        assertFalse(((JsonObject) JsonReader.parse(Files.readString(path.resolve("manifest.json")))).bool("repeatable"));
        assertTrue(notes.stream().anyMatch(note -> note.contains("after the 3 rounds that are planned")), notes.toString());
        assertTrue(notes.stream().anyMatch(note -> note.contains("spent (4 releases")), notes.toString());
        assertFalse(Arrays.equals(model(path), model(run(experiment, "again"))), "noise must not follow from the seed");
        assertEquals(accountant.epsilon(3, 1e-5), experiment.noise().orElseThrow().epsilon(3), 0);
        // A ledger that is lost is no reason to count less than the rounds that are done.
        RunDirectory lost = RunDirectory.create(folder.resolve("lost"));
        assertThrows(IllegalStateException.class, () -> Runner.run(experiment, images, lost, listener(2)));
        Files.delete(lost.path().resolve("privacy.jsonl"));
        Runner.run(experiment, images, lost, listener(0));
        assertEquals(3, ((JsonObject) JsonReader.parse(Files.readString(lost.path().resolve("result.json")))).object("privacy")
                .integer("releases"));
        assertTrue(notes.stream().anyMatch(note -> note.contains("0 rounds spent") && note.contains("2 are done")), notes.toString());
        try (Spending open = Spending.open(lost, experiment.noise())) {
            assertEquals(3, open.json().orElseThrow().integer("releases"), "a line says how many there were before it");
        }
    }
}
