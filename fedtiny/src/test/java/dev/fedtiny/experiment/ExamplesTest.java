package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExamplesTest {
    private static final Path EXAMPLES = Path.of("..", "examples");

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".properties")).sorted().toList();
        }
    }

    @Test
    void everyFileIsAnExperimentOrASweepOfDifferentRuns() throws IOException {
        assertTrue(files().size() >= 15, files().toString());
        for (Path file : files()) {
            List<Sweep.Run> runs = Sweep.read(file, Map.of("data", "elsewhere")).runs();
            assertTrue(runs.stream().allMatch(run -> run.experiment().text(Setting.DATA).equals("elsewhere")), file.toString());
            if (runs.size() == 1) {
                Experiment.read(file);
            }
        }
    }

    /** Runs of one name are the same run in all files of the comparison, so that they can share a directory. */
    @Test
    void theComparisonsRunsOfOneNameAreEqual() throws IOException {
        Map<String, String> printed = new LinkedHashMap<>();
        int shared = 0;
        for (Path file : files().stream().filter(f -> f.getFileName().toString().startsWith("comparison")).toList()) {
            for (Sweep.Run run : Sweep.read(file, Map.of()).runs()) {
                String now = run.experiment().print().replace(" (default)", "");
                String before = printed.putIfAbsent(run.name(), now);
                assertTrue(before == null || before.equals(now), run.name());
                shared += before == null ? 0 : 1;
            }
        }
        assertTrue(shared >= 5, shared + " runs in more than one file");
    }

    /** Files that share a directory of runs do not name two different runs alike; every run is possible at full width. */
    @Test
    void theProtocolsFilesAreRunsThatCanBe() throws IOException {
        Map<String, String> main = new LinkedHashMap<>();
        int runs = 0;
        for (Path file : files().stream().filter(f -> f.getFileName().toString().startsWith("claim")).toList()) {
            boolean shares = file.endsWith("claim-main.properties") || file.endsWith("claim-more.properties");
            for (Sweep.Run run : Sweep.read(file, Map.of("data", "demo", "max-images", "600", "validation-images", "0")).runs()) {
                String before = shares ? main.putIfAbsent(run.name(), run.experiment().print()) : null;
                assertTrue(before == null || before.equals(run.experiment().print()), run.name());
                assertEquals(file.endsWith("claim-parts.properties") ? 16 : 64, run.experiment().get(Setting.WIDTH));
                TrainTest images = run.experiment().open();
                TrainingPlan plan = run.experiment().plan(images.train());
                assertTrue(DevicePlan.of(run.experiment(), plan).total() < 256 << 20, file + ", " + run.name());
                assertTrue(run.experiment().method().schedule().stream().allMatch(schedule -> schedule.adjustments(plan.rounds()) >= 3
                        && schedule.turns(plan.network()) == 4), file + ", " + run.name());
                runs++;
            }
        }
        assertTrue(runs >= 50, runs + " runs");
    }

    /** What the first run of every file will cost, counted for the 50,000 images of CIFAR-10 without any. */
    @Test
    void theProtocolsFilesAreEstimated() throws IOException {
        int estimated = 0;
        for (Path file : files().stream().filter(f -> f.getFileName().toString().startsWith("claim-")).toList()) {
            Experiment experiment = Sweep.read(file, Map.of()).runs().getFirst().experiment();
            Map<SettingSpec<?>, String> given = experiment.values().given();
            given.remove(Setting.DATA);
            ExactEstimate exact = Estimate.of(given, false).exact();
            assertEquals(experiment.get(Setting.ROUNDS), exact.rounds().size(), file.toString());
            int adjustments = experiment.method().schedule().map(s -> s.adjustments(experiment.get(Setting.ROUNDS))).orElse(0);
            assertEquals(adjustments, exact.rounds().stream().filter(RoundEstimate::adjusts).count(), file.toString());
            assertTrue(exact.totalFlops() > 0 && exact.maxDeviceFlops() <= exact.totalFlops(), file.toString());
            estimated++;
        }
        assertTrue(estimated >= 6, estimated + " files");
    }

    @Test
    void theAuthorsSettingIsEstimated() throws IOException {
        Estimate estimate = Estimate.of(Experiment.read(EXAMPLES.resolve("authors.properties")), false);
        assertEquals(CostClass.GROWTH_IN_ONE_BATCH, estimate.costClass());
        assertEquals(100, estimate.exact().samples().size());
        assertEquals(500, estimate.exact().rounds().size());
        assertTrue(estimate.exact().rounds().stream().allMatch(round -> round.devices() == 10));
        // Rounds 10, 20, ... 290 of those counted from 0.
        assertEquals(29, estimate.exact().rounds().stream().filter(RoundEstimate::adjusts).count());
        assertEquals(500, estimate.paper().images());
        assertEquals(5 * 8, estimate.paper().steps());
        TrainingPlan plan = estimate.experiment().plan(Datasets.blankCifar10().train());
        assertEquals(0.1, plan.learningRate(499));
        assertEquals(11_173_962, IntStream.range(0, plan.network().parameters().size()).filter(plan.network()::isTrained)
                .map(p -> plan.network().parameters().get(p).size()).sum());
    }

    @Test
    void theDemosFileIsTheDemo() throws IOException {
        Experiment file = Experiment.of(Experiment.read(EXAMPLES.resolve("demo.properties")));
        Experiment demo = Experiment.of(Map.of());
        assertEquals(demo.print().replace(" (default)", ""), file.print().replace(" (default)", ""));
    }

    @Test
    void validationImagesAreTrainingImagesThatNobodyElseGets() {
        Experiment plain = Experiment.of(Map.of(Setting.MAX_IMAGES, "500"));
        Experiment validated = plain.with(Map.of(Setting.VALIDATION_IMAGES, "120"));
        TrainTest images = validated.open();
        assertEquals(List.of(380, 120), List.of(images.train().count(), images.test().count()));
        assertEquals(sorted(plain.open().train()), Stream.concat(sorted(images.train()).stream(), sorted(images.test()).stream()).sorted()
                .toList());
        assertEquals(images.test().contentHash(), validated.open().test().contentHash());
    }

    private static List<String> sorted(Dataset images) {
        return IntStream.range(0, images.count()).mapToObj(i -> images.subset(new int[] {i}).contentHash()).sorted().toList();
    }
}
