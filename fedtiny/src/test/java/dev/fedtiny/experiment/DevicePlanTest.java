package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.federation.process.DeviceTurn;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DevicePlanTest {
    private static Experiment experiment(Map<SettingSpec<?>, String> more) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>(
                Map.of(Setting.MODEL, "resnet18", Setting.WIDTH, "8", Setting.BATCH, "64",
                Setting.MAX_IMAGES, "300", Setting.MAX_TEST_IMAGES, "20", Setting.DEVICES_ON, "process"));
        settings.putAll(more);
        return Experiment.of(settings);
    }

    private static String refusal(Experiment experiment, TrainingPlan plan) {
        return assertThrows(IllegalArgumentException.class, () -> DevicePlan.heapMiB(experiment, plan)).getMessage();
    }

    @Test
    void aBudgetThatCannotHoldThePlanIsRefusedWithFiguresAndWhatWouldFit() {
        Experiment usual = experiment(Map.of());
        TrainTest images = usual.open();
        Experiment half = usual.with(Map.of(Setting.ACTIVATIONS, "bfloat16"));
        int needed = (int) Math.ceil(DevicePlan.of(half, half.plan(images.train())).total() / 1048576.0);
        Map<SettingSpec<?>, String> budget = Map.of(Setting.DEVICE_MEMORY, needed + "MiB");
        Experiment small = usual.with(budget);
        String refusal = refusal(small, small.plan(images.train()));
        assertTrue(refusal.contains("device-memory = " + needed + " MiB") && refusal.contains("activations ")
                && refusal.contains("Java itself"), refusal);
        assertTrue(refusal.contains("activations = bfloat16 would fit"), refusal);
        Experiment halved = half.with(budget);
        assertEquals(needed, DevicePlan.heapMiB(halved, halved.plan(images.train())));
        Experiment smaller = half.with(Map.of(Setting.DEVICE_MEMORY, needed - 4 + "MiB"));
        String again = refusal(smaller, smaller.plan(images.train()));
        int batch = Integer.parseInt(again.replaceAll(".*batch = (\\d+) would fit.*", "$1"));
        assertTrue(batch > 0 && batch < 64, again);
        Experiment fitting = smaller.with(Map.of(Setting.BATCH, Integer.toString(batch)));
        assertEquals(needed - 4, DevicePlan.heapMiB(fitting, fitting.plan(images.train())));
        Experiment hopeless = usual.with(Map.of(Setting.DEVICE_MEMORY, "6MiB"));
        assertTrue(refusal(hopeless, hopeless.plan(images.train())).contains("no batch"));
    }

    @Test
    void withoutABudgetTheHeapFollowsThePlan() {
        Experiment sparse = experiment(Map.of());
        TrainingPlan plan = sparse.plan(sparse.open().train());
        int heap = DevicePlan.heapMiB(sparse, plan);
        assertTrue(heap * 1048576.0 >= 1.2 * DevicePlan.of(sparse, plan).total());
        Experiment dense = sparse.with(Map.of(Setting.METHOD, "fedavg"));
        assertTrue(DevicePlan.of(dense, plan).total() > DevicePlan.of(sparse, plan).total());
        assertTrue(DevicePlan.of(sparse.with(Map.of(Setting.METHOD, "prunefl")), plan).total() > DevicePlan.of(sparse, plan).total());
        assertEquals(64, DevicePlan.heapMiB(sparse.with(Map.of(Setting.DEVICE_PROFILE, DeviceProfile.FORM)), plan));
    }

    /** 18 bytes for every weight that the largest adjustment exchanges. */
    @Test
    void growthIsPlannedForAsTheMethodAsksForIt() {
        Experiment usual = experiment(Map.of());
        TrainingPlan plan = usual.plan(usual.open().train());
        double block = DevicePlan.of(usual, plan).bytes().get(MemoryCategory.TOP_K) / 0.3;
        assertEquals(block, DevicePlan.of(usual.with(Map.of(AdjustmentSettings.SHARE, "1")), plan).bytes().get(MemoryCategory.TOP_K), 20);
        assertEquals(0.4 * block, DevicePlan.of(usual.with(Map.of(Setting.METHOD, "fedrts")), plan).bytes().get(MemoryCategory.TOP_K), 20);
        long all = plan.network().prunable().stream().mapToLong(p -> plan.network().parameters().get(p).size()).sum();
        double density = usual.get(Setting.DENSITY);
        assertEquals(18 * 0.3 * density * all, DevicePlan.of(usual.with(Map.of(AdjustmentSettings.GRANULARITY, "entire")), plan).bytes()
                .get(MemoryCategory.TOP_K), 18 * 0.3 * plan.network().prunable().size());
    }

    /** Whoever never adjusts needs what a static mask needs: no room for gradients at pruned positions, in no step and no batch. */
    @Test
    void nothingIsPlannedForGrowthThatNeverComes() {
        Experiment usual = experiment(Map.of());
        TrainingPlan plan = usual.plan(usual.open().train());
        Map<MemoryCategory, Long> fixed = DevicePlan.of(usual.with(Map.of(Setting.METHOD, "fl-pqsu")), plan).bytes();
        for (String method : List.of("fedtiny", "fedmef", "fedrts", "feddst", "fedsgc", "prunefl")) {
            Experiment stays = usual.with(Map.of(Setting.METHOD, method, AdjustmentSettings.PROGRESSIVE, "false"));
            assertEquals(fixed, DevicePlan.of(stays, plan).bytes(), method);
        }
    }

    @Test
    void simulatedTimeFollowsTheRule() {
        DeviceProfile profile = DeviceProfile.parse("cores=1, memory=64MiB, down=8Mbit/s up=4Mbit/s speed=0.5");
        DeviceTurn quick = new DeviceTurn(0, 0, 1_000_000_000L, 1_000_000, 500_000);
        DeviceTurn slow = new DeviceTurn(0, 1, 3_000_000_000L, 1_000_000, 500_000);
        DeviceTurn later = new DeviceTurn(1, 0, 2_000_000_000L, 0, 0);
        assertEquals(2 + 1 + 1, profile.seconds(quick), 1e-12);
        assertEquals(8 + 4, profile.seconds(List.of(quick, slow, later)), 1e-12);
        for (String wrong : List.of("", "fast", "cores=1", "cores=1 memory=64MiB down=8Mbit/s up=4Mbit/s speed=0",
                "cores=1 cores=1 memory=64MiB down=8Mbit/s up=4Mbit/s speed=1", "cores=1 memory=64 down=8Mbit/s up=4Mbit/s speed=1",
                "cores=1 memory=64MiB down=1.2.3Mbit/s up=4Mbit/s speed=1")) {
            assertThrows(IllegalArgumentException.class, () -> DeviceProfile.parse(wrong), wrong);
        }
        assertThrows(IllegalArgumentException.class, () -> Experiment.of(Map.of(Setting.DEVICE_MEMORY, "48 potatoes")));
        String elsewhere = assertThrows(IllegalArgumentException.class, () -> Experiment.of(Map.of(Setting.DEVICES_ON, "space")))
                .getMessage();
        assertTrue(elsewhere.startsWith("devices-on = 'space', expected one of threads, process"), elsewhere);
        assertTrue(elsewhere.contains("docs/cluster.md"), elsewhere);
        assertEquals(Setting.DEVICES_ON, SettingIndex.of("devices-in"), "files of earlier releases say so");
    }
}
