package dev.fedtiny.protocol;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.method.AdjustTask;
import dev.fedtiny.method.FedMef;
import dev.fedtiny.method.GrowTask;
import dev.fedtiny.method.Methods;
import dev.fedtiny.method.PruneFl;
import dev.fedtiny.method.SubNetworkSearch;
import dev.fedtiny.method.VoteTask;
import dev.fedtiny.privacy.SharedSecrets;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SignedKeys;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.privacy.SumLayout;
import dev.fedtiny.pruning.CandidatePool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A tiny network of awkward sizes, states of it, and one message of every kind. */
final class CodecFixture {
    static final Network NETWORK = network();
    static final ModelState DENSE = Initializer.initialize(NETWORK, 3);
    static final ModelState SPARSE = Magnitude.uniform(DENSE, 0.3);
    static final CachedMasks HELD = new CachedMasks(4, SPARSE.masks());
    static final Codec CODEC = new Codec(NETWORK, Methods.tasks());
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
    static GrowTask.Growth growth(int parameter, int count) {
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
        return new GrowTask.Growth(parameter, pruned.stream().mapToInt(i -> i).toArray(), values);
    }

    static Update update() {
        return updated(new GrowTask.Grown(List.of(growth(6, 4), growth(11, 0))));
    }

    static Update updated(LocalResult result) {
        return new Update(4, 33, 12.5, 77, SPARSE.allValues(), result);
    }

    /** An update under masks that the device changed itself. */
    private static Update under(List<Mask> masks, LocalResult result) {
        return new Update(4, 33, 12.5, 77, SPARSE.masked(masks).allValues(), result);
    }

    /** The masks with one weight of the layers asked exchanged for the first pruned position. */
    static List<Mask> exchanged() {
        List<Mask> masks = new ArrayList<>(SPARSE.masks());
        for (GrowthRequest request : GROWTH) {
            Mask mask = masks.get(request.parameter());
            int[] kept = mask.indices();
            kept[kept.length - 1] = growth(request.parameter(), 1).indices()[0];
            Arrays.sort(kept);
            masks.set(request.parameter(), Mask.of(mask.size(), kept));
        }
        return masks;
    }

    /** The masks without the last weight of every prunable layer. */
    static List<Mask> thinned() {
        List<Mask> masks = new ArrayList<>(SPARSE.masks());
        for (int p : NETWORK.prunable()) {
            int[] kept = masks.get(p).indices();
            masks.set(p, Mask.of(masks.get(p).size(), Arrays.copyOf(kept, kept.length - 1)));
        }
        return masks;
    }

    static AdjustTask.Guide guide() {
        List<byte[]> directions = GROWTH.stream().map(request -> {
            byte[] layer = new byte[NETWORK.parameters().get(request.parameter()).size()];
            for (int i = 0; i < layer.length; i++) {
                layer[i] = (byte) (i % 3 - 1);
            }
            return layer;
        }).toList();
        return new AdjustTask.Guide(0.01, 0.1, directions);
    }

    static SubNetworkSearch subNetworkSearch() {
        return new SubNetworkSearch(0.5, 0.2, 0.1, SubNetworkSearch.Source.HELD, List.of());
    }

    /** One task of every sort, with and without what is optional. */
    static List<LocalTask> tasks() {
        return List.of(new PlainTraining(), new GrowTask(GROWTH), new VoteTask(GROWTH), new PruneFl.AccumulateTask(true),
                new PruneFl.AccumulateTask(false), new AdjustTask(GROWTH, Optional.empty()),
                new AdjustTask(GROWTH, Optional.of(guide())), new FedMef.ExtrudeTask(GROWTH, 0.01, 0.1), subNetworkSearch(),
                new SubNetworkSearch(0, 0.5, 1, SubNetworkSearch.Source.FOLLOW, DENSE.allValues()));
    }

    /** Good answers to {@link #tasks()}, in their order. */
    static List<Update> results() {
        List<float[]> squares = NETWORK.prunable().stream().map(p -> new float[NETWORK.parameters().get(p).size()]).toList();
        squares.getFirst()[3] = 2.5f;
        LocalResult adjusted = new AdjustTask.Adjusted(exchanged(), GROWTH.stream().map(GrowthRequest::parameter).toList());
        return List.of(updated(new LocalResult.None()), update(),
                updated(new VoteTask.Votes(List.of(growth(6, 4).indices(), growth(11, 2).indices()))),
                updated(new PruneFl.Importance(squares)), updated(new PruneFl.Importance(List.of())),
                under(exchanged(), adjusted), under(exchanged(), adjusted), update(),
                under(thinned(), new SubNetworkSearch.SubNetwork(thinned(), true, 10, 7)),
                updated(new SubNetworkSearch.SubNetwork(SPARSE.masks(), false, 10, 0)));
    }

    static Train trainFor(LocalTask task) {
        return new Train(4, Optional.empty(), SPARSE.allValues(), 5, 64, 0.0625, task);
    }

    /** Ten of 33 samples. */
    private static final DevelopmentSplit SPLIT = new DevelopmentSplit(0.1, 10);

    static Update.Expected expecting(LocalTask task) {
        return new Update.Expected(HELD, 5, 64, SampleCounts.Range.exactly(33, SPLIT), task);
    }

    static Train train(boolean withMasks) {
        return new Train(4, withMasks ? Optional.of(SPARSE.masks()) : Optional.empty(), SPARSE.allValues(), 5, 64, 0.0625,
                new GrowTask(GROWTH));
    }

    static List<ServerMessage> requests() {
        return List.of(new Welcome(1L << 40), new Restore(4, SPARSE.masks(), List.of()), train(true), train(false), new Finish(),
                new CandidatePoolMessage(CandidatePoolMessage.Task.RECALIBRATE, 64, POOL.activeCounts(), POOL.union()),
                new CandidatePoolMessage(CandidatePoolMessage.Task.EVALUATE, 8, POOL.activeCounts(), POOL.union()),
                new CandidateStatistics(List.of(RunningStatistics.of(DENSE), RunningStatistics.of(SPARSE))));
    }

    /** Steps of a secure sum, with every sort of work. */
    static List<ServerMessage> secureRequests() {
        List<ServerMessage> requests = new ArrayList<>();
        requests.add(new KeyRequest(SUM));
        requests.add(new ShareRequest(SUM, new TreeMap<>(Map.of(2, signed(2), 7, signed(7)))));
        MaskedWork gradients = new GradientRequest(GROWTH.stream().map(layer -> new GradientRequest.Positions(layer.parameter(),
                growth(layer.parameter(), 2).indices())).toList());
        for (MaskedWork work : List.of(train(true), train(false), (MaskedWork) requests().get(5), (MaskedWork) requests().get(7),
                gradients)) {
            requests.add(new MaskedRequest(SUM, List.of(2, 7, 9), work));
        }
        requests.add(new UnmaskRequest(SUM, List.of(2, 9), new TreeMap<>(Map.of(7, bytes(7, SharedSecrets.BOX_BYTES)))));
        return requests;
    }

    /** Answers to steps of a secure sum; a vector can be written once. */
    static List<DeviceMessage> secureAnswers() {
        List<byte[]> commitments = List.of(bytes(1, 32), bytes(2, 32), bytes(3, 32));
        return List.of(new SumKeys(signed(2)),
                new SumShares(new SharedSecrets(bytes(4, 32), commitments, commitments, List.of(bytes(5, 80), bytes(6, 80)))),
                MaskedVector.blank(LAYOUT), new SumUnmasking(new TreeMap<>(Map.of(2, bytes(2, 32), 7, bytes(7, 32)))));
    }

    static final SumId SUM = new SumId(0x0123456789abcdefL, -5);
    static final SumLayout LAYOUT = new SumLayout(5, 9, 1);

    private static byte[] bytes(int start, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (start + 3 * i);
        }
        return bytes;
    }

    private static SignedKeys signed(int device) {
        return new SignedKeys(new ShownKeys(bytes(device, 32), bytes(device + 1, 32)), bytes(device + 2, 44), bytes(device + 3, 64));
    }

    static List<DeviceMessage> answers() {
        return List.of(new Hello(99, new Platform("1.2.3", true), 33, 10), new Ready(4),
                new Statistics(10, List.of(RunningStatistics.of(DENSE), RunningStatistics.of(DENSE), RunningStatistics.of(DENSE))),
                new Evaluation(10, List.of(new Evaluation.Score(9, 12, 3), new Evaluation.Score(Double.NaN, Double.NaN, 0).bounded(10),
                        new Evaluation.Score(0, 0, 10))),
                update(), new Failure(Failure.Cause.NOT_FINITE, "loss is NaN"));
    }

    static Expectation expectation(DeviceMessage answer) {
        return switch (answer) {
            case Hello _ -> new Hello.Expected(99, Optional.empty(), new SampleCounts.Range(1, 100, SPLIT));
            case Ready _ -> new Ready.Expected();
            case Statistics _ -> new Statistics.Expected(3, SampleCounts.Range.exactly(33, SPLIT));
            case Evaluation _ -> new Evaluation.Expected(3, SampleCounts.Range.exactly(33, SPLIT));
            case Update _, Failure _ -> expecting(new GrowTask(GROWTH));
            case SumKeys _ -> new SumKeys.Expected(SUM, DEVICE, Optional.empty());
            case SumShares _ -> new SumShares.Expected(3);
            case MaskedVector _ -> new MaskedVector.Expected(LAYOUT);
            case SumUnmasking _ -> throw new IllegalArgumentException("what is expected of shares depends on what was shared");
        };
    }

    static ServerMessage decodeRequest(byte[] frame) {
        return CODEC.decodeRequest(frame, DEVICE, HELD, 2).message();
    }
}
