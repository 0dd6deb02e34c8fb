package dev.fedtiny.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.Partitions;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.InitialValues;
import dev.fedtiny.method.LocalPlan;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.PretrainingPlan;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.RoundSchedule;
import dev.fedtiny.method.Selection;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Granularity;
import dev.fedtiny.pruning.Order;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rounds measure is what they count: FLOPs by the formula, bytes by the traffic counter. */
class MeasuredRoundTest {
    private static final Network NETWORK = network();
    private static final int DEVICES = 3;

    private static Network network() {
        Network.Builder builder = Network.builder(new Shape(1, 32, 32)).block("all");
        int x = builder.relu(builder.batchNorm2d("bn1", builder.conv2d("conv1", 0, 4, 3, 2, 1, false, false)));
        x = builder.relu(builder.batchNorm2d("bn2", builder.conv2d("conv2", x, 8, 3, 2, 1, false, true)));
        builder.linear("fc", builder.globalAveragePool(x), 10, true, true);
        return builder.build();
    }

    private static FederationContext context(int slots, Metering metering) {
        TrainTest demo = Datasets.demo();
        TrainTest some = new TrainTest(demo.train().subset(IntStream.range(0, 130).toArray()), demo.test().subset(new int[] {0, 1, 2}));
        FederatedData data = FederatedData.split(some, 1, 7, rest -> Partitions.dirichlet(rest, DEVICES, 0.5, 7));
        TrainingPlan plan = new TrainingPlan(NETWORK, 11, new RoundSchedule(4, DEVICES, new LearningRateSchedule.Constant(0.1)),
                new LocalPlan(2, 16, new Sgd(0.9, 1e-4), Augmentation.NONE),
                new PretrainingPlan(1, 8, 0.05, InitialValues.drawn(false), Augmentation.NONE));
        return FederationContext.inProcess(plan, data, 2, slots, metering, _ -> { });
    }

    private static final Method METHOD = new FedTiny(0.25, 2, Selection.NONE,
            Optional.of(new AdjustmentSchedule(1, 4, Granularity.BLOCK, Order.BACKWARD)));

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void measuredIsCounted(int slots) {
        try (FederationContext context = context(slots, Metering.ON)) {
            Method.InitOutcome init = METHOD.init(context);
            context.takeMeasured();
            var state = init.state();
            while (state.round() < 4) {
                Method.RoundOutcome outcome = METHOD.round(context, state);
                state = outcome.state();
                check(outcome.report(), context.takeMeasured());
            }
            assertTrue(context.takeMeasured().reading().operators().isEmpty(), "nothing happened since");
        }
    }

    private static void check(RoundReport report, Measured measured) {
        assertEquals(report.costs().flops(), 2 * measured.reading().total(OperatorCost::usefulMacs), "round " + report.round());
        long down = report.costs().traffic().bytesDown();
        long up = report.costs().traffic().bytesUp();
        assertEquals(down, bytes(measured, "server train", PassKind.ENCODE));
        assertEquals(down, bytes(measured, "train", PassKind.DECODE));
        assertEquals(up, bytes(measured, "update", PassKind.ENCODE));
        assertEquals(up, bytes(measured, "server update", PassKind.DECODE));
        assertEquals(report.adjustments().isEmpty() ? 0 : 1, measured.reading().total(PassKind.TOP_K, OperatorCost::calls) > 0 ? 1 : 0);
        assertTrue(measured.peaks().get(MemoryCategory.MESSAGES) > 0 && measured.peaks().get(MemoryCategory.OPTIMIZER) > 0);
        assertTrue(measured.peakBytes() <= measured.peaks().values().stream().mapToLong(b -> b).sum());
        assertTrue(measured.peakBytes() > measured.peaks().get(MemoryCategory.ACTIVATIONS));
    }

    private static long bytes(Measured measured, String operator, PassKind pass) {
        List<OperatorCost> found = measured.reading().operators().stream()
                .filter(o -> o.operator().equals(operator) && o.pass() == pass).toList();
        return found.stream().mapToLong(OperatorCost::trafficBytes).sum();
    }

    @Test
    void measuringChangesNoBits() {
        float[][] results = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (FederationContext context = context(1, Metering.values()[i])) {
                results[i] = METHOD.round(context, METHOD.init(context).state()).state().model().values(0);
                assertEquals(i == 0, context.takeMeasured().reading().operators().isEmpty());
            }
        }
        assertTrue(Arrays.equals(results[0], results[1]));
    }
}
