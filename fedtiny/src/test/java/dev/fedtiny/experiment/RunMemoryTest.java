package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunMemoryTest {
    private static final TrainTest IMAGES = Datasets.demo();

    private static Experiment experiment(String aggregation, String method) {
        return Experiment.of(Map.of(Setting.METHOD, method, Setting.WIDTH, "64", Setting.DEVICES, "400", Setting.PARTITION, "iid",
                Setting.AGGREGATION, aggregation, Setting.BATCH, "8", Setting.PRETRAIN_BATCH, "8", Setting.SLOTS, "1"));
    }

    /** 400 updates of ResNet18 are 17 GB, at a density of 0.01 they are 0.2 GB; a mean holds none of them. */
    @Test
    void whatTheServerHoldsOfUpdatesIsCheckedBeforeARun() {
        assertTrue(Runtime.getRuntime().maxMemory() < 17L << 30, "a heap in which this run fits");
        for (String rule : new String[] {"median", "trimmed-mean"}) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                    () -> Runner.check(experiment(rule, "fedavg"), IMAGES));
            assertTrue(e.getMessage().startsWith("aggregation = " + rule + ": the server holds the updates of 400 devices, 17"),
                    e.getMessage());
        }
        for (String rule : new String[] {"mean", "clipped-mean"}) {
            assertDoesNotThrow(() -> Runner.check(experiment(rule, "fedavg"), IMAGES));
        }
    }
}
