package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings in which the protocols of the paper's authors differ, from the text of a setting to what a run does. */
class ProtocolSettingsTest {
    @TempDir
    Path folder;

    private static Experiment experiment(Object... settings) {
        Map<SettingSpec<?>, String> given = new HashMap<>(Map.of(Setting.METHOD, "fl-pqsu", Setting.MAX_IMAGES, "200",
                Setting.MAX_TEST_IMAGES, "20", Setting.ROUNDS, "2", Setting.DEVICES, "4", AdjustmentSettings.EVERY, "1",
                AdjustmentSettings.UNTIL, "2", Setting.BASELINE, "false", Setting.THREADS, "1"));
        given.putAll(Map.of(Setting.WIDTH, "8", Setting.DENSITY, "0.05"));
        for (int i = 0; i < settings.length; i += 2) {
            given.put((SettingSpec<?>) settings[i], (String) settings[i + 1]);
        }
        return Experiment.of(given);
    }

    @Test
    void theFirstConvolutionMayBePruned() throws IOException {
        Experiment dense = experiment();
        Experiment sparse = experiment(Setting.FIRST_CONV_PRUNABLE, "true");
        TrainTest images = dense.open();
        Network usual = dense.network(images.train());
        Network network = sparse.network(images.train());
        int stem = network.indexOf("conv1.weight");
        assertFalse(usual.parameters().get(stem).prunable());
        assertTrue(network.parameters().get(stem).prunable());
        assertEquals(stem, network.blocks().getFirst().parameters().getFirst());
        assertEquals(usual.blocks().size(), network.blocks().size());
        try (FederationContext context = FederationContext.inProcess(sparse.plan(images.train()), sparse.data(images), 1, 1)) {
            ModelState model = sparse.method().init(context).state().model();
            assertEquals((int) (0.05 * model.mask(stem).size()), model.mask(stem).count(), "at the density of all others");
            for (ModelFile.Form form : ModelFile.Form.values()) {
                Path file = folder.resolve(form.key());
                ModelFile.save(model, file, form);
                ModelState read = ModelFile.load(file);
                assertEquals(model.masks(), read.masks());
                assertEquals(network.parameters(), read.network().parameters());
                assertEquals(network.blocks(), read.network().blocks());
            }
        }
    }

    @Test
    void growthBatchShareAndAugmentationReachThePlan() {
        TrainTest images = experiment().open();
        TrainingPlan usual = experiment().plan(images.train());
        assertEquals(0, usual.local().growthBatch());
        assertEquals(usual.local().augmentation(), usual.pretraining().augmentation());
        TrainingPlan plan = experiment(AdjustmentSettings.GROWTH_BATCH, "64", Setting.PRETRAIN_AUGMENT, "false", Setting.AUGMENT, "crop")
                .plan(images.train());
        assertEquals(64, plan.deviceSettings().growthBatch());
        assertEquals(Augmentation.NONE, plan.pretraining().augmentation());
        assertEquals(Augmentation.CROP, plan.local().augmentation());
        for (String method : new String[] {"fedtiny", "prunefl", "feddst", "fedsgc", "fedmef"}) {
            assertEquals(0.1, experiment(Setting.METHOD, method, AdjustmentSettings.SHARE, "0.1").method().schedule().orElseThrow()
                    .share());
        }
        for (String wrong : new String[] {"0", "1.1", "-0.3"}) {
            String message = assertThrows(IllegalArgumentException.class, () -> experiment(AdjustmentSettings.SHARE, wrong)).getMessage();
            assertTrue(message.contains("adjust-share"), message);
        }
    }

    /** A device is planned with the larger of its two batches, where its method grows. */
    @Test
    void memoryIsPlannedForTheGrowthBatch() {
        TrainTest images = experiment().open();
        Experiment small = experiment(Setting.METHOD, "fedtiny", Setting.BATCH, "16");
        Experiment grows = small.with(Map.of(AdjustmentSettings.GROWTH_BATCH, "64"));
        Experiment large = small.with(Map.of(Setting.BATCH, "64"));
        assertEquals(DevicePlan.of(large, large.plan(images.train())).total(), DevicePlan.of(grows, grows.plan(images.train())).total());
        assertTrue(DevicePlan.of(small, small.plan(images.train())).total() < DevicePlan.of(grows, grows.plan(images.train())).total());
        Experiment still = grows.with(Map.of(Setting.METHOD, "fl-pqsu"));
        assertEquals(DevicePlan.of(still.with(Map.of(AdjustmentSettings.GROWTH_BATCH, "0")), still.plan(images.train())).total(),
                DevicePlan.of(still, still.plan(images.train())).total());
    }
}
