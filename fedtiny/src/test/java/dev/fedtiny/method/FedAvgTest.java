package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.protocol.MessageKind;
import org.junit.jupiter.api.Test;

class FedAvgTest {
    @Test
    void staysDenseLearnsAndStartsFromTheCommonModel() {
        TrainingPlan plan = TinyRuns.plan(5);
        try (FederationContext context = FederationContext.inProcess(plan, TinyRuns.DATA, 2, 2)) {
            TinyRuns.Run run = TinyRuns.run(new FedAvg(), context);
            assertTrue(TinyRuns.sameBits(context.pretrain().model(), run.states().getFirst().model()));
            assertTrue(!TinyRuns.sameBits(Initializer.initialize(TinyRuns.NETWORK, plan.seed()), run.states().getFirst().model()));
            long values = TinyRuns.NETWORK.parameters().stream().mapToLong(p -> p.size()).sum();
            for (RoundReport report : run.reports()) {
                assertEquals(1, report.density());
                // Full masks: one byte each, sent once.
                long masks = report.round() == 0 ? 3 : 0;
                assertEquals(4 * (44 + masks + 4 * values), report.costs().traffic().bytes(MessageKind.TRAIN));
                assertEquals(4 * (46 + 4 * values), report.costs().traffic().bytes(MessageKind.UPDATE));
            }
            // Multiply-adds of the dense network; the images' own gradient is not computed.
            long conv1 = 4 * 9 * 256;
            long others = 8 * 4 * 9 * 64 + 12 * 8 * 9 * 16 + 120;
            long samples = TinyRuns.DATA.devices().stream().mapToLong(d -> d.count()).sum();
            assertEquals(2 * 2 * samples * (2 * conv1 + 3 * others), run.reports().getFirst().costs().flops());
            assertTrue(run.reports().getLast().trainLoss() < run.reports().getFirst().trainLoss());
            assertEquals(DensityPromise.Kind.NONE, new FedAvg().promise().kind());
        }
    }

    @Test
    void dataThatDoesNotFitTheNetworkIsNamed() {
        TrainingPlan plan = TinyRuns.plan(1);
        Network other = new NetworkSpec(Architecture.CNN_8_8_8, new Shape(3, 32, 32), 1, 10).build();
        TrainingPlan wrong = new TrainingPlan(other, 1, plan.schedule(), plan.local(), plan.pretraining());
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> FederationContext.inProcess(wrong, TinyRuns.DATA, 1, 1));
        assertTrue(e.getMessage().contains("public set"), e.getMessage());
    }
}
