package dev.fedtiny.method;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.Partitions;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.device.Device;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.InProcessFleet;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Granularity;
import dev.fedtiny.pruning.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A federation small enough for tests: a few hundred images of the embedded demo, three narrow convolutions, four devices. */
final class TinyRuns {
    static final int DEVICES = 4;
    /** C of {@link #fedTiny}. */
    static final int CANDIDATES = 3;
    static final Network NETWORK = network();
    static final FederatedData DATA = load();
    static final AdjustmentSchedule EVERY_OTHER = new AdjustmentSchedule(2, 9, Granularity.BLOCK, Order.BACKWARD);

    private TinyRuns() {
    }

    private static FederatedData load() {
        TrainTest demo = Datasets.demo();
        Dataset train = demo.train().subset(IntStream.range(0, 230).toArray());
        Dataset test = demo.test().subset(IntStream.range(0, 101).toArray());
        return FederatedData.split(new TrainTest(train, test), 1, 7, rest -> Partitions.dirichlet(rest, DEVICES, 0.5, 7));
    }

    private static Network network() {
        Network.Builder builder = Network.builder(new Shape(1, 32, 32));
        int x = builder.relu(builder.batchNorm2d("bn1", builder.conv2d("conv1", 0, 4, 3, 2, 1, false, false)));
        builder.block("first");
        x = builder.relu(builder.batchNorm2d("bn2", builder.conv2d("conv2", x, 8, 3, 2, 1, false, true)));
        builder.block("second");
        x = builder.relu(builder.batchNorm2d("bn3", builder.conv2d("conv3", x, 12, 3, 2, 1, false, true)));
        builder.linear("fc", builder.globalAveragePool(x), 10, true, true);
        return builder.build();
    }

    static TrainingPlan plan(int rounds) {
        return plan(rounds, DEVICES);
    }

    static TrainingPlan plan(int rounds, int participants) {
        return new TrainingPlan(NETWORK, 11, new RoundSchedule(rounds, participants, new LearningRateSchedule.Exponential(0.2, 0.1)),
                new LocalPlan(2, 16, new Sgd(0, 1e-4), Augmentation.CROP_AND_MIRROR),
                new PretrainingPlan(2, 4, 0.05, InitialValues.drawn(false), Augmentation.CROP_AND_MIRROR));
    }

    static FedTiny fedTiny(Selection selection) {
        return new FedTiny(0.25, CANDIDATES, selection, Optional.of(EVERY_OTHER));
    }

    static Fleet fleet(TrainingPlan plan) {
        List<Device> devices = new ArrayList<>();
        for (int k = 0; k < DEVICES; k++) {
            devices.add(new Device(k, plan.network(), DATA.devices().get(k), plan.deviceSettings()));
        }
        return new InProcessFleet(devices, 1, Workers.of(1));
    }

    static FederationContext over(TrainingPlan plan, Fleet fleet) {
        return FederationContext.over(plan, fleet, DATA.publicSet(), DATA.test(), 1);
    }

    /** Init and all rounds of the plan. */
    static Run run(Method method, FederationContext context) {
        Method.InitOutcome init = method.init(context);
        List<MethodState> states = new ArrayList<>(List.of(init.state()));
        List<RoundReport> reports = new ArrayList<>();
        while (states.getLast().round() < context.plan().rounds()) {
            Method.RoundOutcome outcome = method.round(context, states.getLast());
            states.add(outcome.state());
            reports.add(outcome.report());
        }
        return new Run(init.report(), states, reports);
    }

    /** States before every round and after the last, and what was reported. */
    record Run(InitReport init, List<MethodState> states, List<RoundReport> reports) {
    }

    /** Whether two models have the same bits. */
    static boolean sameBits(ModelState a, ModelState b) {
        return a.masks().equals(b.masks())
                && IntStream.range(0, a.masks().size()).allMatch(i -> Arrays.equals(a.values(i), b.values(i)));
    }
}
