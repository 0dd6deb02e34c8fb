package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.method.FederatedData;
import java.util.Collections;
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

    /** 400 masks of ResNet18, a bit a position, take 533 MiB; a round of few devices is what counts in a short run. */
    @Test
    void whatAMethodRemembersOfDevicesIsCheckedBeforeARun() {
        long limit = Runtime.getRuntime().maxMemory();
        int enough = (int) (limit / (1_300_000L)) + 10;
        // As many rounds as it takes for all of them to have been asked, however large the heap is.
        Experiment all = experiment("mean", "lotteryfl").with(Map.of(Setting.ROUNDS, "100000"));
        FederatedData few = all.data(IMAGES);
        FederatedData many = new FederatedData(few.publicSet(), Collections.nCopies(enough, few.devices().getFirst()), few.test());
        String message = assertThrows(IllegalArgumentException.class,
                () -> RunMemory.check(all, all.plan(IMAGES.train()), many)).getMessage();
        assertTrue(message.startsWith("lotteryfl remembers something of every device that took part: of " + enough + " devices up to "),
                message);
        assertTrue(message.contains("in memory and in every checkpoint, and the heap may hold " + Math.round(limit / 1048576.0) + " MiB"),
                message);
        Experiment sampled = all.with(Map.of(Setting.SAMPLE, "2", Setting.ROUNDS, "3"));
        assertDoesNotThrow(() -> RunMemory.check(sampled, sampled.plan(IMAGES.train()), many));
        Experiment none = experiment("mean", "fedavg");
        assertDoesNotThrow(() -> RunMemory.check(none, none.plan(IMAGES.train()), many));
    }
}
