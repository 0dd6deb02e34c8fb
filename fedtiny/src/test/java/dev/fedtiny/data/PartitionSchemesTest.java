package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.settings.SettingSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionSchemesTest {
    private static final int CLASSES = 10;
    private static final int[] LABELS = IntStream.range(0, 6_000).map(i -> i * 7 % CLASSES).toArray();

    private static int classes(Partition partition, int device) {
        return (int) Arrays.stream(partition.indices(device)).map(i -> LABELS[i]).distinct().count();
    }

    /** As McMahan et al. have it: 100 devices with two shards each, of 30 images here, hold at most two classes. */
    @Test
    void shardsHoldFewClasses() {
        Partition split = ShardSplit.split(LABELS, CLASSES, 100, 2, 1);
        for (int device = 0; device < 100; device++) {
            assertEquals(60, split.size(device));
            assertTrue(classes(split, device) <= 2, "device " + device + " has " + classes(split, device) + " classes");
        }
        assertEquals(LABELS.length, split.totalSize());
        assertTrue(IntStream.range(0, 100).anyMatch(device -> classes(split, device) == 2));
        assertEquals(split, ShardSplit.split(LABELS, CLASSES, 100, 2, 1));
        assertNotEquals(split, ShardSplit.split(LABELS, CLASSES, 100, 2, 2));
    }

    @Test
    void shardsThatDoNotDivideTheImagesDifferByOne() {
        Partition split = ShardSplit.split(LABELS, CLASSES, 7, 11, 3);
        assertEquals(LABELS.length, split.totalSize());
        for (int device = 0; device < 7; device++) {
            // 6,000 / 77 = 77.9
            assertTrue(split.size(device) >= 77 * 11 && split.size(device) <= 78 * 11, "" + split.size(device));
        }
    }

    @Test
    void shardsThatAreTooManyAreRefused() {
        assertDataException(() -> ShardSplit.split(LABELS, CLASSES, 1000, 7, 1), "N = 6000", "1000·7 = 7000 shards",
                "at most 6 shards a device (shards-per-device)");
    }

    @Test
    void numbersOfImagesAreSkewedAndClassesAreNot() {
        Partition split = QuantitySplit.split(LABELS.length, 10, 0.5, 10, ShortShares.REDRAW, 1);
        assertEquals(LABELS.length, split.totalSize());
        int[] sizes = IntStream.range(0, 10).map(split::size).sorted().toArray();
        assertTrue(sizes[0] >= 10 && sizes[9] > 5 * sizes[0], Arrays.toString(sizes));
        int large = IntStream.range(0, 10).filter(device -> split.size(device) == sizes[9]).findFirst().orElseThrow();
        int[] byClass = new int[CLASSES];
        Arrays.stream(split.indices(large)).forEach(i -> byClass[LABELS[i]]++);
        for (int count : byClass) {
            assertEquals(1.0, count * (double) CLASSES / sizes[9], 0.35, Arrays.toString(byClass));
        }
        assertEquals(split, QuantitySplit.split(LABELS.length, 10, 0.5, 10, ShortShares.REDRAW, 1));
        assertNotEquals(split, QuantitySplit.split(LABELS.length, 10, 0.5, 10, ShortShares.REDRAW, 2));
    }

    /** Many devices with few images each: those that are short are filled up, and no image is lost or given twice. */
    @Test
    void quantitiesThatAreShortAreFilledFromTheLargest() {
        int devices = 2_000;
        Partition filled = QuantitySplit.split(20_000, devices, 0.3, 5, ShortShares.FILL, 4);
        assertEquals(20_000, filled.totalSize());
        assertEquals(20_000, IntStream.range(0, devices).flatMap(device -> Arrays.stream(filled.indices(device))).distinct().count());
        int[] sizes = IntStream.range(0, devices).map(filled::size).sorted().toArray();
        assertEquals(5, sizes[0], "every device has at least 5, and the smallest no more");
        assertTrue(sizes[devices - 1] > 20, "the rest stays skewed: " + sizes[devices - 1]);
        assertEquals(filled, QuantitySplit.split(20_000, devices, 0.3, 5, ShortShares.FILL, 4));
        assertDataException(() -> QuantitySplit.split(20_000, devices, 0.3, 5, ShortShares.REDRAW, 4), "short-shares = fill");
        // What is not short is not touched.
        assertEquals(QuantitySplit.split(6_000, 10, 5, 10, ShortShares.REDRAW, 1), QuantitySplit.split(6_000, 10, 5, 10, ShortShares.FILL,
                1));
    }

    @Test
    void theSplitFileSaysThatItWasFilled() {
        Experiment experiment = Experiment.of(Map.of(Setting.PARTITION, "quantity", SettingIndex.of("short-shares"), "fill",
                Setting.MAX_IMAGES, "300", Setting.MAX_TEST_IMAGES, "20", Setting.DEVICES, "25", SettingIndex.of("alpha"), "0.2",
                SettingIndex.of("smallest-share"), "8"));
        PartitionFile file = experiment.drawSplit(experiment.open().train());
        assertEquals(8, IntStream.range(0, 25).map(device -> file.split().devices().size(device)).min().orElseThrow());
        assertEquals("{alpha=0.2, smallestShare=8, filled=1}", file.parameters().toString());
    }

    /** The mean share of Dirichlet(α·1_K) is 1/K and its variance (K − 1) / (K²·(K·α + 1)). */
    @Test
    void sharesAreThoseOfTheDistribution() {
        int devices = 4;
        double alpha = 2;
        double squares = 0;
        int draws = 800;
        for (int seed = 0; seed < draws; seed++) {
            Partition split = QuantitySplit.split(100_000, devices, alpha, 1, ShortShares.REDRAW, seed);
            double share = split.size(1) / 100_000.0;
            squares += (share - 0.25) * (share - 0.25);
        }
        double variance = (devices - 1.0) / (devices * devices * (devices * alpha + 1));
        // Standard error of the variance of so many draws is below a tenth of it.
        assertEquals(variance, squares / draws, 0.3 * variance);
    }

    @Test
    void impossibleQuantitiesAreRefused() {
        assertDataException(() -> QuantitySplit.split(50, 10, 0.5, 10, ShortShares.FILL, 1), "N = 50", "K = 10",
                "smallest share of at most 5");
        assertDataException(() -> QuantitySplit.split(110, 10, 0.01, 10, ShortShares.REDRAW, 1), "in 1000 draws", "larger α (alpha)",
                "smallest-share");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dirichlet", "iid", "shards", "quantity"})
    void everySchemeIsFoundAndGivesAllImagesAway(String name) {
        Map<SettingSpec<?>, String> given = new HashMap<>(Map.of(Setting.PARTITION, name, Setting.MAX_IMAGES, "300",
                Setting.MAX_TEST_IMAGES, "20", Setting.DEVICES, "5"));
        Experiment experiment = Experiment.of(given);
        Dataset train = experiment.open().train();
        PartitionFile file = experiment.drawSplit(train);
        assertEquals(name, file.algorithm());
        assertEquals(300, file.split().publicSet().length + file.split().devices().totalSize());
        assertEquals(file, experiment.drawSplit(train));
        assertEquals(name, experiment.get(Setting.PARTITION).name());
        assertTrue(Setting.PARTITION.help().contains(name + " ("), Setting.PARTITION.help());
    }

    @Test
    void settingsOfSchemesStandBehindTheScheme() {
        List<String> keys = SettingIndex.keys();
        int at = keys.indexOf("partition");
        assertEquals(List.of("alpha", "smallest-share", "short-shares", "shards-per-device", "partition-file"),
                keys.subList(at + 1, at + 6));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> Experiment.of(Map.of(Setting.PARTITION, "stripes")));
        assertTrue(e.getMessage().contains("partition = 'stripes', expected one of dirichlet, iid, shards, quantity"), e.getMessage());
    }
}
