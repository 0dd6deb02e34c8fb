package dev.fedtiny.engine.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.fedtiny.engine.loss.ClassWeights;
import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.session.Session;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * A trainer's step allocates nothing once it is compiled, and with scalar kernels before that either. C2 compiles at its usual time
 * here, as in {@code SessionAllocationTest}.
 */
class TrainerAllocationTest {
    private static final int ZERO_STEPS = 20;
    private static final int MOST_STEPS = 200_000;
    /** As in {@code SessionAllocationTest}. */
    private static final int INTERPRETED_STEPS = 40;

    /** With loss, groups, clipping and accumulation. */
    @Test
    void compiledStepsAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] images = TrainerTest.images(8, 1);
        int[] labels = TrainerTest.labels(8, 1);
        try (Session session = Session.open(TrainerTest.model(), Mode.TRAINING, 8)) {
            Trainer<int[]> trainer = Trainer.of(session).loss(new CrossEntropy(0.1, ClassWeights.of(1, 2, 3, 4, 5)))
                    .optimizer(new ParameterGroups(new AdamW(0.01)).with("*.bias", new RmsProp(0.9, 1e-8, 0, 0.9, true), 2))
                    .clip(new ClipByNorm(1)).accumulate(2).build();
            int zeroSteps = 0;
            long last = 0;
            long least = Long.MAX_VALUE;
            for (int step = 0; step < MOST_STEPS && zeroSteps < ZERO_STEPS; step++) {
                long bytes = threads.getCurrentThreadAllocatedBytes();
                trainer.step(images, labels, 1e-4);
                bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
                zeroSteps = bytes == 0 ? zeroSteps + 1 : 0;
                last = bytes == 0 ? last : bytes;
                least = Math.min(least, bytes);
                if (step == INTERPRETED_STEPS && Kernels.current().kind() == Kernels.Kind.SCALAR) {
                    assertEquals(0, least, "bytes that every scalar step allocates before it is compiled");
                }
            }
            assertEquals(ZERO_STEPS, zeroSteps, "steps in a row without allocation; the last one with any had " + last + " bytes");
        }
    }
}
