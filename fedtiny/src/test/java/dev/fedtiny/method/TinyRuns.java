package dev.fedtiny.method;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.Partitions;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.nn.Architecture;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.federation.Device;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.InProcessFleet;
import dev.fedtiny.engine.runtime.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A federation small enough for tests: a few hundred images of the embedded demo, a very narrow ResNet18, four devices. */
final class TinyRuns {
    static final int DEVICES = 4;

    private static final FederatedData DATA = load();

    private TinyRuns() {
    }

    private static FederatedData load() {
        TrainTest demo = Datasets.demo();
        Dataset train = demo.train().subset(IntStream.range(0, 210).toArray());
        Dataset test = demo.test().subset(IntStream.range(0, 100).toArray());
        return FederatedData.split(new TrainTest(train, test), 1, 7, rest -> Partitions.dirichlet(rest, DEVICES, 0.5, 7));
    }

    static FederatedData data() {
        return DATA;
    }

    static Network network() {
        Dataset test = DATA.test();
        return new NetworkSpec(Architecture.RESNET18, new Shape(test.channels(), test.height(), test.width()), 4, 10).build();
    }

    static TrainingPlan plan(int rounds) {
        return new TrainingPlan(network(), 11, false, rounds, DEVICES, 1, 16, new Sgd(0, 1e-4),
                new LearningRateSchedule.Exponential(0.1, 0.01), Augmentation.CROP_AND_MIRROR, new PretrainingPlan(2, 4, 0.05));
    }

    static List<Device> devices(TrainingPlan plan) {
        List<Device> devices = new ArrayList<>();
        for (int k = 0; k < DATA.devices().size(); k++) {
            devices.add(new Device(k, plan.network(), DATA.devices().get(k), plan.deviceSettings()));
        }
        return devices;
    }

    static Fleet fleet(TrainingPlan plan) {
        return new InProcessFleet(devices(plan), 1, Workers.of(1));
    }
}
