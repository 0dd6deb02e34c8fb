package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.Confusion;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.Server;
import dev.fedtiny.method.SubNetworkSearch.Source;
import dev.fedtiny.method.SubNetworkSearch.SubNetwork;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * LotteryFL (Li et al., "LotteryFL: Empower Edge Intelligence with Personalized and Communication-Efficient Federated Learning", SEC 2021):
 * every device looks for its own sub-network. It starts dense, which is its price. A device whose model is right on more than a share of
 * its held-out data, and denser than the target, prunes a share of every layer by magnitude and goes back to the initial weights. The
 * server averages every coordinate over the devices that hold it, and sends each device its part.
 *
 * <p>Deviations: the initial weights are the pretrained ones, so that all methods start alike, and biases, γ, β and running statistics
 * go back too; a layer never falls below its count at the target density, that of
 * {@link dev.fedtiny.engine.pruning.LayerCounts#uniform(dev.fedtiny.engine.model.Network, double)}. The figure compared is the mean
 * over the devices' models on the global test set; the personalised one, on held-out data, is reported apart.
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
    public DeviceMasks masks() {
        return DeviceMasks.OWN;
    }

    @Override
    public InitOutcome init(FederationContext context) {
        int devices = context.roster().stream().mapToInt(device -> device + 1).max().orElse(0);
        checkAnswers(devices, context.test().count());
        Pretraining.Outcome pretrained = context.pretrain(promise());
        return context.start(pretrained, pretrained.model(), List.of(), expectedMemory(pretrained.model(), devices));
    }

    @Override
    public AlgorithmState expectedMemory(ModelState start, int devices) {
        return new SubNetworks(PackedMasks.full(devices, start.allValues()), start.allValues());
    }

    /** Every device that took part once may hold a mask of its own. */
    @Override
    public long longestMemory(Network network, int devices) {
        return PackedMasks.mostBytes(devices, network.prunable().stream().map(p -> network.parameters().get(p).size()).toList());
    }

    @Override
    public Optional<String> refusesNoise(Robustness robustness) {
        return Optional.of("masks of the devices lie outside of the mechanism");
    }

    @Override
    public Optional<String> refusesSums(Robustness robustness) {
        return Optional.of("every device has a model under a mask of its own, so that their values do not lie in one order");
    }

    @Override
    public LocalTask task(MethodState state) {
        return new SubNetworkSearch(threshold, share, density, state.round() == 0 ? Source.VALUES : Source.HELD, List.of());
    }

    @Override
    public IntFunction<Server.Assignment> assignments(MethodState state) {
        SubNetworks memory = (SubNetworks) state.memory();
        LocalTask task = task(state);
        return device -> new Server.Assignment(state.model().masked(memory.of(device)), task, memory.initial());
    }

    @Override
    public Optional<String> refusesServerStep() {
        return Optional.of("devices that prune go back to their initial values, and a step of the server would carry that jump on");
    }

    @Override
    public RoundStep step(FederationContext context, MethodState state) {
        SubNetworks memory = (SubNetworks) state.memory();
        Aggregation rule = context.aggregation();
        Aggregation.MaskedSum average = rule.maskedSum(state.model());
        Map<Integer, List<Mask>> changed = new HashMap<>();
        List<SubNetwork> results = new ArrayList<>();
        return new RoundStep() {
            @Override
            public void take(int device, Update update) {
                SubNetwork result = (SubNetwork) update.result();
                average.add(rule.weight(update.samples()), result.masks(), update.values());
                changed.put(device, result.masks());
                results.add(result);
            }

            @Override
            public RoundOutcome finish(FederatedRound round) {
                ModelState model = round.somebody() ? average.into(state.model()) : state.model();
                PackedMasks masks = memory.masks().with(changed);
                double[] densities = densities(model, masks);
                return round.unchanged(model, new SubNetworks(masks, memory.initial()), mean(densities), figures(densities, results));
            }
        };
    }

    /** How the devices' own sub-networks did; the accuracy is on held-out data, of the models as they came. */
    private static RoundFigures figures(double[] densities, List<SubNetwork> results) {
        Map<String, Number> values = new LinkedHashMap<>();
        values.put("pruned", results.stream().filter(SubNetwork::pruned).count());
        values.put("meanDensity", mean(densities));
        values.put("lowestDensity", densities[0]);
        values.put("highestDensity", densities[densities.length - 1]);
        long correct = results.stream().mapToLong(SubNetwork::correct).sum();
        values.put("accuracy", (double) correct / results.stream().mapToLong(SubNetwork::heldOut).sum());
        return new RoundFigures("personal", values);
    }

    /** Of all devices' models, ascending. */
    private static double[] densities(ModelState model, PackedMasks masks) {
        List<Integer> prunable = model.network().prunable();
        long size = prunable.stream().mapToLong(p -> model.mask(p).size()).sum();
        return IntStream.range(0, masks.size())
                .mapToDouble(device -> (double) prunable.stream().mapToLong(p -> masks.count(device, p)).sum() / size).sorted().toArray();
    }

    private static double mean(double[] densities) {
        return Arrays.stream(densities).sum() / densities.length;
    }

    @Override
    public double density(MethodState state) {
        return mean(densities(state.model(), ((SubNetworks) state.memory()).masks()));
    }

    /** Every device's answers count, also those of models that are alike. */
    static void checkAnswers(int devices, int images) {
        if ((long) devices * images > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(NAME + ": the answers of " + devices + " devices' models to " + images
                    + " test images are more than the " + Integer.MAX_VALUE + " that are counted; use fewer devices or max-test-images");
        }
    }

    /** The mean over all devices' models, each on the whole test set: a pass for every different one. */
    @Override
    public TestResult evaluate(FederationContext context, MethodState state) {
        checkAnswers(((SubNetworks) state.memory()).masks().size(), context.test().count());
        double loss = 0;
        int correct = 0;
        int count = 0;
        Confusion confusion = null;
        List<TestResult> all = ((SubNetworks) state.memory()).masks().each(masks -> context.evaluate(state.model().masked(masks)));
        for (TestResult own : all) {
            loss += own.loss();
            correct += own.correct();
            count += own.count();
            confusion = confusion == null ? own.confusion() : confusion.plus(own.confusion());
        }
        return new TestResult(loss / all.size(), correct, count, confusion);
    }

    /**
     * Every device's own sub-network, which fresh devices are given back when a run resumes. In a checkpoint: dense values of all
     * parameters (4 bytes each), how many devices (4), and every device's masks of all parameters.
     *
     * @param masks for every device one mask a parameter
     * @param initial dense values of all parameters that devices go back to; not copied, not to be changed
     */
    public record SubNetworks(PackedMasks masks, List<float[]> initial) implements AlgorithmState {
        /** How checkpoints know it. */
        public static final Kind KIND = new Kind("sub-networks", 4, SubNetworks::read);

        /** Keeps its own lists. */
        public SubNetworks {
            initial = List.copyOf(initial);
        }

        /**
         * Of masks that are not packed.
         *
         * @param masks for every device one mask a parameter
         * @param initial dense values of all parameters that devices go back to; not copied, not to be changed
         */
        public SubNetworks(List<List<Mask>> masks, List<float[]> initial) {
            this(PackedMasks.full(masks.size(), initial).with(IntStream.range(0, masks.size()).boxed()
                    .collect(Collectors.toMap(device -> device, masks::get))), initial);
        }

        /** A device's masks: those of the dense model where it was not there at the start. */
        private List<Mask> of(int device) {
            return device < masks.size() ? masks.get(device) : initial.stream().map(values -> Mask.full(values.length)).toList();
        }

        @Override
        public Kind kind() {
            return KIND;
        }

        @Override
        public boolean masksOfDevices() {
            return true;
        }

        @Override
        public void write(StateWriter writer) throws IOException {
            for (float[] values : initial) {
                writer.float32s(values);
            }
            writer.int32(masks.size());
            for (List<Mask> own : masks) {
                for (Mask mask : own) {
                    writer.mask(mask);
                }
            }
        }

        private static SubNetworks read(StateReader reader, Network network) throws IOException {
            List<float[]> initial = new ArrayList<>();
            for (Parameter parameter : network.parameters()) {
                initial.add(reader.float32s(parameter.size()));
            }
            // A mask takes at least a byte.
            int devices = reader.length("number of devices with masks", network.parameters().size());
            return new SubNetworks(PackedMasks.read(devices, initial, parameter -> reader.mask(initial.get(parameter).length)), initial);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof SubNetworks that && masks.equals(that.masks)
                    && Arrays.deepEquals(initial.toArray(), that.initial.toArray());
        }

        @Override
        public int hashCode() {
            return masks.hashCode();
        }
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
        public List<TaskKind> tasks() {
            return List.of(SubNetworkSearch.KIND);
        }

        @Override
        public List<AlgorithmState.Kind> states() {
            return List.of(SubNetworks.KIND);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new LotteryFl(settings.density(), settings.get(THRESHOLD), settings.get(SHARE));
        }
    }
}
