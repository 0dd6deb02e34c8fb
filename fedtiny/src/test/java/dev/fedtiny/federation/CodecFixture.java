package dev.fedtiny.federation;

import dev.fedtiny.engine.nn.Initializer;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.pruning.CandidatePool;
import dev.fedtiny.pruning.Magnitude;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A tiny network of awkward sizes, states of it, and one message of every kind. */
final class CodecFixture {
    static final Network NETWORK = network();
    static final ModelState DENSE = Initializer.initialize(NETWORK, 3);
    static final ModelState SPARSE = Magnitude.uniform(DENSE, 0.3);
    static final HeldMasks HELD = new HeldMasks(4, SPARSE.masks());
    static final Codec CODEC = new Codec(NETWORK);
    static final int ROUND = 6;
    static final int DEVICE = 2;
    static final List<GrowthRequest> GROWTH = List.of(new GrowthRequest(6, 5), new GrowthRequest(11, 2));
    static final CandidatePool POOL = CandidatePool.draw(DENSE, 0.4, 3, 5);

    private CodecFixture() {
    }

    private static Network network() {
        Network.Builder builder = Network.builder(new Shape(3, 5, 5));
        int x = builder.relu(builder.batchNorm2d("bn1", builder.conv2d("conv1", 0, 3, 3, 1, 1, true, false)));
        builder.block("a");
        x = builder.relu(builder.batchNorm2d("bn2", builder.conv2d("conv2", x, 5, 3, 2, 1, false, true)));
        builder.block("b");
        builder.linear("fc", builder.globalAveragePool(x), 7, true, true);
        return builder.build();
    }

    /** Gradients at the first pruned positions of a layer. */
    static Growth growth(int parameter, int count) {
        Mask mask = SPARSE.mask(parameter);
        List<Integer> pruned = new ArrayList<>();
        for (int i = 0; pruned.size() < count; i++) {
            if (!mask.contains(i)) {
                pruned.add(i);
            }
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i % 2 == 0 ? 0.5f + i : -1e-30f;
        }
        return new Growth(parameter, pruned.stream().mapToInt(i -> i).toArray(), values);
    }

    static Update update() {
        return new Update(4, 33, 12.5, 77, SPARSE.allValues(), List.of(growth(6, 4), growth(11, 0)));
    }

    static Train train(boolean withMasks) {
        return new Train(4, withMasks ? Optional.of(SPARSE.masks()) : Optional.empty(), SPARSE.allValues(), 5, 64, 0.0625, GROWTH);
    }

    static List<ServerMessage> requests() {
        return List.of(new Welcome(1L << 40), new Restore(4, SPARSE.masks()), train(true), train(false), new Finish(),
                new Pool(Pool.Task.RECALIBRATE, 64, POOL.keptCounts(), POOL.union()),
                new Pool(Pool.Task.EVALUATE, 8, POOL.keptCounts(), POOL.union()),
                new CandidateStatistics(List.of(RunningStatistics.of(DENSE), RunningStatistics.of(SPARSE))));
    }

    static List<DeviceMessage> answers() {
        return List.of(new Hello(99, new Platform("1.2.3", true), 33, 10), new Ready(4),
                new Statistics(10, List.of(RunningStatistics.of(DENSE), RunningStatistics.of(DENSE), RunningStatistics.of(DENSE))),
                new Evaluation(10, List.of(new Evaluation.Score(1, 2, 3), new Evaluation.Score(Double.NaN, Double.NaN, 0),
                        new Evaluation.Score(Double.POSITIVE_INFINITY, 1, 10))),
                update(), new Failure(Failure.Cause.NOT_FINITE, "loss is NaN"));
    }

    static Expectation expectation(DeviceMessage answer) {
        return switch (answer) {
            case Hello _ -> new Expectation.OfHello(99);
            case Ready _ -> new Expectation.OfReady();
            case Statistics _ -> new Expectation.OfStatistics(3, 10);
            case Evaluation _ -> new Expectation.OfEvaluation(3, 10);
            case Update _, Failure _ -> new Expectation.OfUpdate(HELD, 33, GROWTH);
        };
    }

    static ServerMessage decodeRequest(byte[] frame) {
        return CODEC.decodeRequest(frame, DEVICE, HELD, 2).message();
    }
}
