package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.federation.MaskVersions;
import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FedSgc;
import dev.fedtiny.method.GrownPositions;
import dev.fedtiny.method.LotteryFl;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.ModelParts;
import dev.fedtiny.method.Posteriors;
import dev.fedtiny.method.ServerMemory;
import dev.fedtiny.method.ServerOptimizer;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.pruning.PositionPosterior;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Checkpoints of a small network with a full mask, a sparse one and one that is half full. */
final class CheckpointFixture {
    static final Network NETWORK = network(8);

    private CheckpointFixture() {
    }

    static Network network(int channels) {
        Network.Builder builder = Network.builder(new Shape(1, 8, 8));
        int x = builder.relu(builder.batchNorm2d("bn1", builder.conv2d("conv1", 0, 4, 3, 1, 1, false, false)));
        builder.block("only");
        x = builder.relu(builder.batchNorm2d("bn2", builder.conv2d("conv2", x, channels, 3, 1, 1, false, true)));
        builder.linear("fc", builder.globalAveragePool(x), 10, true, true);
        return builder.build();
    }

    static ModelState model(long seed) {
        ModelState dense = Initializer.initialize(NETWORK, seed);
        List<Mask> masks = new ArrayList<>(dense.masks());
        int conv2 = NETWORK.indexOf("conv2.weight");
        int fc = NETWORK.indexOf("fc.weight");
        masks.set(conv2, Mask.of(masks.get(conv2).size(), new int[] {0, 7, 100, 287}));
        masks.set(fc, Mask.of(masks.get(fc).size(), IntStream.range(0, 80).filter(i -> i % 2 == 0).toArray()));
        return dense.masked(masks);
    }

    static MethodState state(int round, AlgorithmState memory) {
        Traffic traffic = new Traffic(Map.of(MessageKind.TRAIN, new Traffic.Count(3, 5L << 33),
                MessageKind.UPDATE, new Traffic.Count(2, 77)));
        return new MethodState(round, model(round + 1), 5, 2, new MaskVersions(List.of(5, -1, 4)),
                new Costs(traffic, 1L << 50, 123456789L), memory);
    }

    /** The same after two steps of a server with momentum. */
    static MethodState withServer(MethodState state) {
        ServerOptimizer momentum = new ServerOptimizer(new Sgd(0.9, 0), 1);
        ServerOptimizer.Step first = momentum.step(model(7), state.model(), ServerMemory.NONE);
        ServerOptimizer.Step second = momentum.step(first.model(), state.model(), first.memory());
        return new MethodState(state.round(), second.model(), state.parts(), state.adjustments(), state.acknowledged(),
                state.costs(), state.memory(), second.memory());
    }

    /** The same with parts of the model that two classes of devices hold. */
    static MethodState withParts(MethodState state) {
        DeviceClasses classes = new DeviceClasses(List.of(new DeviceClass("large", 0.6, 1, OptionalLong.empty()),
                new DeviceClass("middle", 0.3, 1, OptionalLong.empty()), new DeviceClass("small", 0.1, 1, OptionalLong.empty())));
        ModelParts parts = ModelParts.of(state.maskVersion(), state.model(), classes,
                Stream.of(8, 9, 10).map(seed -> RunningStatistics.of(model(seed))).toList());
        return new MethodState(state.round(), state.model(), parts, state.adjustments(), state.acknowledged(), state.costs(),
                state.memory(), state.server());
    }

    static AlgorithmState grown() {
        return new GrownPositions(Map.of(NETWORK.indexOf("conv2.weight"), new int[] {3, 4, 250},
                NETWORK.indexOf("fc.weight"), new int[0]));
    }

    /** One of every sort. */
    static List<AlgorithmState> memories() {
        GrownPositions grown = new GrownPositions(Map.of(NETWORK.indexOf("conv2.weight"), new int[] {3, 4, 250}));
        List<byte[]> signs = NETWORK.prunable().stream().map(p -> {
            byte[] layer = new byte[NETWORK.parameters().get(p).size()];
            for (int i = 0; i < layer.length; i++) {
                layer[i] = (byte) (i % 3 - 1);
            }
            return layer;
        }).toList();
        List<PositionPosterior> beliefs = NETWORK.prunable().stream().map(p -> {
            PositionPosterior start = PositionPosterior.uniform(NETWORK.parameters().get(p).size());
            double[] outcomes = new double[start.alpha().length];
            outcomes[outcomes.length / 2] = 0.3;
            return start.observed(outcomes, 10);
        }).toList();
        ModelState dense = Initializer.initialize(NETWORK, 3);
        return List.of(new AlgorithmState.None(), grown(), new FedSgc.Directions(signs, grown),
                new Posteriors(beliefs, grown), new Posteriors(List.of(), new GrownPositions()),
                new LotteryFl.SubNetworks(List.of(dense.masks(), model(1).masks()), dense.allValues()));
    }

    static Checkpoint checkpoint(int round) {
        List<TestResult> curve = IntStream.rangeClosed(0, round).mapToObj(r -> new TestResult(r == 1 ? Double.NaN : 2.5 / (r + 1), r, 100))
                .toList();
        MethodState state = state(round, grown());
        return new Checkpoint(state, curve, 999, 4242, 10L * round, round % 3,
                MaskHistory.begin(model(7)).history().step(model(7), state.model()).history());
    }
}
