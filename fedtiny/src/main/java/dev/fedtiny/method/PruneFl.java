package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.DeviceTask;
import dev.fedtiny.device.LocalJob;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.GrowAndPrune;
import dev.fedtiny.engine.pruning.LayerGradient;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.SquaredGradients;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Baseline;
import dev.fedtiny.federation.PartSum;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.UpdateSum;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.PayloadReader;
import dev.fedtiny.protocol.PayloadWriter;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.UpdateReader;
import dev.fedtiny.protocol.Workload;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * PruneFL (Jiang et al., "Model Pruning Enables Efficient Federated Learning on Edge Devices", TNNLS 2022): devices sum the squared
 * gradients of <em>all</em> prunable weights over all local steps, and in an adjustment round upload them. That is its price: a dense
 * weight gradient in every step, a dense buffer (4 bytes a position, pruned or active), and 4 bytes a position sent.
 *
 * <p>Deviations: it starts from a magnitude mask at the target density of the pretrained model and the density is constant: in every layer
 * the a_l smallest |w| leave and the a_l pruned positions of largest importance enter at 0, all layers at once. A device keeps nothing
 * between rounds, so that a run can resume from the server's state: the importance that counts is that of all steps of the adjustment
 * round. The other rounds up to R_stop sum theirs too and drop it, at the paper's cost, where the sum runs on; {@code everyRound} false
 * leaves that out and changes no weight.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments, of which granularity and order do not matter; empty: the mask stays
 * @param everyRound whether rounds without an adjustment pay for the dense gradient too
 */
public record PruneFl(double density, Optional<AdjustmentSchedule> schedule, boolean everyRound) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "prunefl";
    /** Whether rounds without an adjustment pay too. */
    public static final SettingSpec<Boolean> EVERY_ROUND = SettingSpec.bool("prunefl-every-round", "true",
            "prunefl: whether rounds up to adjust-until pay for the dense gradient also when they do not adjust: true or false");

    /** Checks the range. */
    public PruneFl {
        Adjusting.checkDensity(density);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.DENSE_GRADIENT_EVERY_STEP;
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public Optional<String> refusesParts() {
        return Optional.empty();
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density),
                schedule.isPresent() && schedule.get().adjustments(context.plan().rounds()) == 0
                        ? Adjusting.warnings(schedule, context.plan()) : List.of(), new GrownPositions());
    }

    /** Weighted means are all it needs. */
    @Override
    public Optional<String> refusesSums(Robustness robustness) {
        return Optional.empty();
    }

    @Override
    public Optional<String> refusesNoise(Robustness robustness) {
        return schedule.isPresent() ? Optional.of("growth goes by the devices' gradients, which lie outside of the mechanism; use "
                + "progressive = false") : Optional.empty();
    }

    @Override
    public LocalTask task(MethodState state) {
        boolean adjusts = adjusts(state);
        boolean pays = everyRound && schedule.isPresent() && state.round() < schedule.get().until();
        return adjusts || pays ? new AccumulateTask(adjusts) : new PlainTraining();
    }

    @Override
    public RoundStep step(FederationContext context, MethodState state) {
        Aggregation rule = context.aggregation();
        PartSum sum = rule.parts(state.model());
        Aggregation.Average importance = schedule.isPresent() ? rule.scores() : rule.average(Baseline.of(state.model()));
        return new RoundStep() {
            @Override
            public void take(int device, Update update) {
                take(device, state.model().masks(), update);
            }

            @Override
            public void take(int device, List<Mask> sent, Update update) {
                sum.add(rule.weight(update.samples()), sent, update.values());
                if (update.result() instanceof Importance sums && !sums.squares().isEmpty()) {
                    importance.add(rule.weight(update.samples()), sums.squares());
                }
            }

            @Override
            public void takeSum(UpdateSum together) {
                sum.merge(together.values());
                if (together.averaged().weights() > 0) {
                    importance.merge(together.averaged());
                }
            }

            @Override
            public RoundOutcome finish(FederatedRound round) {
                if (!round.somebody() && !rule.changesByNobody()) {
                    return round.unchanged(state.model());
                }
                ModelState mean = sum.model();
                // Dense sums come from devices that hold the whole model.
                return adjusts(state) && sum.wholeWeights() > 0 ? adjusted(state, round, mean, importance.values()) : round.unchanged(mean);
            }
        };
    }

    private RoundOutcome adjusted(MethodState state, FederatedRound round, ModelState mean, List<float[]> squares) {
        List<Integer> prunable = mean.network().prunable();
        List<GrowthRequest> requests = Adjusting.requests(schedule.get(), state.round(), mean, prunable);
        List<LayerGradient> entering = new ArrayList<>();
        for (GrowthRequest request : requests) {
            entering.add(largest(request, mean.mask(request.parameter()), squares.get(prunable.indexOf(request.parameter()))));
        }
        ModelState adjusted = GrowAndPrune.apply(mean, entering).state();
        MaskChange change = MaskChange.of(state.model(), adjusted, requests, GrownPositions.of(state.memory()));
        return round.adjusted(change, change.grown());
    }

    /** The a_l pruned positions of largest importance. */
    private static LayerGradient largest(GrowthRequest request, Mask mask, float[] squares) {
        TopK top = new TopK(request.limit());
        for (int i = 0; i < squares.length; i++) {
            if (!mask.contains(i)) {
                top.offer(i, squares[i]);
            }
        }
        TopK.Entries entries = top.sorted();
        double[] values = new double[entries.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = entries.values()[i];
        }
        return new LayerGradient(request.parameter(), request.limit(), entries.indices(), values);
    }

    /**
     * Sum the squared gradients of all prunable weights, pruned or not, over all local steps: a dense weight gradient in every step.
     * Payload: upload (1). Answered by {@link Importance}.
     *
     * @param upload whether the sums are sent
     */
    public record AccumulateTask(boolean upload) implements DeviceTask {
        /** How devices know it. */
        public static final TaskKind KIND = new TaskKind("accumulate", 3,
                (reader, _, _) -> new AccumulateTask(reader.int8In("upload flag", 1) == 1));

        @Override
        public TaskKind kind() {
            return KIND;
        }

        @Override
        public void write(PayloadWriter writer) {
            writer.int8(upload ? 1 : 0);
        }

        @Override
        public boolean grows() {
            return true;
        }

        @Override
        public Update run(LocalJob job) {
            Network network = job.network();
            int[] parameters = network.prunable().stream().mapToInt(Integer::intValue).toArray();
            SquaredGradients[] sums = new SquaredGradients[parameters.length];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = new SquaredGradients(network.parameters().get(parameters[i]).size());
                job.allocated(sums[i].bytes());
            }
            Session session = job.takeOver();
            double lossSum = job.train(session, job.epochs(session, "local"), (current, _) -> {
                current.backward(parameters, sums);
                for (int i = 0; i < sums.length; i++) {
                    sums[i].addActive(current.mask(parameters[i]), current.gradient(parameters[i]));
                }
            });
            return job.answer(session.liveState(), lossSum,
                    new Importance(upload ? Arrays.stream(sums).map(SquaredGradients::sums).toList() : List.of()));
        }

        @Override
        public Importance readResult(UpdateReader update) {
            update.values(update.sent());
            return new Importance(upload ? Importance.read(update.payload(), update.network()) : List.of());
        }

        @Override
        public long longestResult(Network network) {
            return upload ? bufferBytes(network) : 0;
        }

        @Override
        public List<Integer> averagedLengths(Network network) {
            return upload ? network.prunable().stream().map(p -> network.parameters().get(p).size()).toList() : List.of();
        }

        /** Gradients at pruned positions of all layers in every step, not in one batch. */
        @Override
        public long flops(ModelState sent, Workload work) {
            return Exact.sum("FLOPs of a device's round", ExactCost.trainingFlops(sent, work.images()),
                    ExactCost.growthFlops(sent, sent.network().prunable(), work.images()));
        }

        /** The sums, 4 bytes a position, active or pruned. */
        @Override
        public long bufferBytes(Network network) {
            return network.prunable().stream().mapToLong(p -> 4L * network.parameters().get(p).size()).sum();
        }
    }

    /**
     * Squared gradients of all prunable weights, summed over the local steps. Payload, after the values: 4 bytes a position, active or
     * pruned, or nothing where they were not to be sent.
     *
     * @param squares one dense array a prunable parameter, or none where they were not to be sent; not to be changed
     */
    public record Importance(List<float[]> squares) implements LocalResult {
        /** Keeps its own list. */
        public Importance {
            squares = List.copyOf(squares);
        }

        @Override
        public void write(PayloadWriter writer, Network network, List<float[]> values) {
            writer.float32s(values).float32s(squares);
        }

        private static List<float[]> read(PayloadReader reader, Network network) {
            reader.require(4 * network.prunable().stream().mapToLong(p -> network.parameters().get(p).size()).sum());
            return network.prunable().stream().map(p -> network.parameters().get(p))
                    .map(parameter -> reader.float32s(parameter.size(), parameter.name(), true)).toList();
        }

        @Override
        public List<float[]> averaged() {
            return squares;
        }

        /** Of squares the root, so that a bound means the same as for gradients. */
        @Override
        public List<Part> parts(Network network) {
            List<Part> parts = new ArrayList<>();
            for (int i = 0; i < squares.size(); i++) {
                parts.add(new Part("squared gradient of '" + network.parameters().get(network.prunable().get(i)).name() + "'",
                        Math.sqrt(Part.norm(squares.get(i)))));
            }
            return parts;
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
            return "masks adjusted by squared gradients of all weights";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.SHARE,
                    AdjustmentSettings.PROGRESSIVE,
                    EVERY_ROUND);
        }

        @Override
        public List<TaskKind> tasks() {
            return List.of(AccumulateTask.KIND);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.withoutParts(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new PruneFl(settings.density(), AdjustmentSettings.withoutParts(settings), settings.get(EVERY_ROUND));
        }
    }
}
