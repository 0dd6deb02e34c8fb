package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.LocalTask.SearchSubNetwork.Source;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * LotteryFL (Li et al., "LotteryFL: Empower Edge Intelligence with Personalized and Communication-Efficient Federated Learning", SEC 2021):
 * every device looks for its own sub-network. It starts dense, which is its price. A device whose model is right on more than a share of
 * its held-out data, and denser than the target, prunes a share of every layer by magnitude and goes back to the initial weights. The
 * server averages every coordinate over the devices that hold it, and sends each device its part.
 *
 * <p>Deviations: the initial weights are the pretrained ones, so that all methods start alike, and biases, γ, β and running statistics
 * go back too; a layer never falls below its count at the target density, that of
 * {@link dev.fedtiny.pruning.LayerCounts#uniform(dev.fedtiny.engine.model.Network, double)}. The figure compared is the mean over the
 * devices' models on the global test set; the personalised one, on held-out data, is reported apart.
 *
 * @param density d in (0, 1], the target
 * @param threshold accuracy on held-out data above which a device prunes, in [0, 1]
 * @param share of a layer's weights pruned at once, in (0, 1)
 */
public record LotteryFl(double density, double threshold, double share) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "lotteryfl";
    /** Accuracy above which a device prunes. */
    public static final SettingSpec<Double> THRESHOLD = SettingSpec.decimal("lotteryfl-threshold", "0.5",
            "lotteryfl: accuracy on held-out data above which a device prunes", new Numbers.Decimal(0, true, 1, "share"));
    /** Share pruned at once. */
    public static final SettingSpec<Double> SHARE = SettingSpec.decimal("lotteryfl-share", "0.2",
            "lotteryfl: share of every layer pruned at once, below 1", new Numbers.Decimal(0, false, Math.nextDown(1.0), "share"));
    /** Accuracy threshold by default. */
    public static final double USUAL_THRESHOLD = 0.5;
    /** Share pruned at once by default. */
    public static final double USUAL_SHARE = 0.2;

    /** Checks the ranges. */
    public LotteryFl {
        Adjusting.checkDensity(density);
        if (!(threshold >= 0 && threshold <= 1 && share > 0 && share < 1)) {
            throw new IllegalArgumentException("lotteryfl: threshold " + threshold + " and share " + share
                    + ", expected a threshold from 0 to 1 and a share between 0 and 1");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.DENSE;
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.NONE, density);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        ModelState start = pretrained.model();
        return context.start(pretrained, start, List.of(),
                new AlgorithmState.SubNetworks(Collections.nCopies(context.devices(), start.masks()), start.allValues()));
    }

    @Override
    public LocalTask task(MethodState state) {
        return new LocalTask.SearchSubNetwork(threshold, share, density, state.round() == 0 ? Source.VALUES : Source.HELD, List.of());
    }

    private Server.Assignment assignment(MethodState state, int device) {
        AlgorithmState.SubNetworks memory = (AlgorithmState.SubNetworks) state.memory();
        return new Server.Assignment(state.model().masked(memory.masks().get(device)), task(state), memory.initial());
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        AlgorithmState.SubNetworks memory = (AlgorithmState.SubNetworks) state.memory();
        Aggregation rule = context.aggregation();
        Aggregation.MaskedSum average = rule.maskedSum();
        List<List<Mask>> masks = new ArrayList<>(memory.masks());
        List<LocalResult.SubNetwork> results = new ArrayList<>();
        FederatedRound round = FederatedRound.run(context, state, device -> assignment(state, device),
                FederatedRound.learningRate(context.plan(), state.round()), (device, update) -> {
                    LocalResult.SubNetwork result = (LocalResult.SubNetwork) update.result();
                    average.add(rule.weight(update.samples()), result.masks(), update.values());
                    masks.set(device, result.masks());
                    results.add(result);
                });
        ModelState model = round.somebody() ? average.into(state.model()) : state.model();
        return round.subNetworks(model, new AlgorithmState.SubNetworks(masks, memory.initial()), report(model, masks, results));
    }

    private static SubNetworkReport report(ModelState model, List<List<Mask>> masks, List<LocalResult.SubNetwork> results) {
        double[] densities = densities(model, masks);
        long heldOut = results.stream().mapToLong(LocalResult.SubNetwork::heldOut).sum();
        long correct = results.stream().mapToLong(LocalResult.SubNetwork::correct).sum();
        return new SubNetworkReport((double) correct / heldOut, (int) results.stream().filter(LocalResult.SubNetwork::pruned).count(),
                mean(densities), densities[0], densities[densities.length - 1]);
    }

    /** Of all devices' models, ascending. */
    private static double[] densities(ModelState model, List<List<Mask>> masks) {
        List<Integer> prunable = model.network().prunable();
        long size = prunable.stream().mapToLong(p -> model.mask(p).size()).sum();
        return masks.stream().mapToDouble(own -> (double) prunable.stream().mapToLong(p -> own.get(p).count()).sum() / size)
                .sorted().toArray();
    }

    private static double mean(double[] densities) {
        return Arrays.stream(densities).sum() / densities.length;
    }

    @Override
    public double density(MethodState state) {
        return mean(densities(state.model(), ((AlgorithmState.SubNetworks) state.memory()).masks()));
    }

    /** The mean over all devices' models, each on the whole test set. */
    @Override
    public TestResult evaluate(FederationContext context, MethodState state) {
        Map<List<Mask>, TestResult> known = new HashMap<>();
        double loss = 0;
        int correct = 0;
        int count = 0;
        List<List<Mask>> all = ((AlgorithmState.SubNetworks) state.memory()).masks();
        for (List<Mask> masks : all) {
            TestResult own = known.computeIfAbsent(masks, m -> context.evaluate(state.model().masked(m)));
            loss += own.loss();
            correct = Math.addExact(correct, own.correct());
            count = Math.addExact(count, own.count());
        }
        return new TestResult(loss / all.size(), correct, count);
    }

    /** Finds the method by its name. */
    public static final class Provider implements MethodProvider {
        /** For the service loader. */
        public Provider() {
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String description() {
            return "every device looks for a sub-network of its own";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, THRESHOLD, SHARE);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new LotteryFl(settings.density(), settings.get(THRESHOLD), settings.get(SHARE));
        }
    }
}
