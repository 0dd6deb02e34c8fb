package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * FedSGC (2024, federated sparse training by gradient congruity): as {@link FedDst}, but the server sends the signs in which the global
 * weights moved last, and devices heed them: of the a_l weights that leave a layer a share comes from those whose local update opposes the
 * sign, the smallest first, and of the a_l that enter a share goes to positions where a step against the local gradient agrees with it, the
 * largest gradients first; magnitude and gradient decide on the rest. The server unites the masks and prunes back by magnitude.
 *
 * <p>Deviations: a sign is that of the position's last change at the server, whenever that was, since a pruned position does not
 * move; with an optimiser at the server it is that of the optimiser's step, not of the devices' average, except of a position that the
 * server prunes back, which takes no step; before the rounds it is that of pretraining. Shares are of a_l, rounded down. Two bits a
 * position travel, of the layers adjusted. Start and schedule as in {@link FedDst}.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments; empty: the mask stays
 * @param pruneShare of the leaving weights that must oppose, in [0, 1]
 * @param growShare of the entering weights that must agree, in [0, 1]
 */
public record FedSgc(double density, Optional<AdjustmentSchedule> schedule, double pruneShare, double growShare) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fedsgc";
    /** Share pruned against the signs. */
    public static final SettingSpec<Double> PRUNE_SHARE = SettingSpec.decimal("fedsgc-prune-share", "0.01",
            "fedsgc: share of the pruned weights that moved against the global signs", new Numbers.Decimal(0, true, 1, "share"));
    /** Share grown along the signs. */
    public static final SettingSpec<Double> GROW_SHARE = SettingSpec.decimal("fedsgc-grow-share", "0.1",
            "fedsgc: share of the grown weights whose step agrees with the global signs", new Numbers.Decimal(0, true, 1, "share"));
    /** Share pruned against the signs by default. */
    public static final double USUAL_PRUNE_SHARE = 0.01;
    /** Share grown along the signs by default. */
    public static final double USUAL_GROW_SHARE = 0.1;

    /** Checks the ranges. */
    public FedSgc {
        Adjusting.checkDensity(density);
        if (!(pruneShare >= 0 && pruneShare <= 1 && growShare >= 0 && growShare <= 1)) {
            throw new IllegalArgumentException("fedsgc: shares " + pruneShare + " and " + growShare + ", expected both from 0 to 1");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.GROWTH_IN_ONE_BATCH;
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public DeviceMasks masks() {
        return DeviceMasks.CHANGED_BY_DEVICES;
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        TrainingPlan plan = context.plan();
        ModelState untrained = plan.untrained();
        List<byte[]> directions = plan.network().prunable().stream().map(p -> new byte[plan.network().parameters().get(p).size()]).toList();
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), Adjusting.warnings(schedule, plan),
                new Directions(moved(directions, untrained, pretrained.model(), pretrained.model()), new GrownPositions()));
    }

    /**
     * The directions after a change of the global weights; where nothing moved they stay. Every position of {@code after} counts.
     *
     * @param stepped where the weights are in the end, under a part of the same masks; the others are where {@code after} has them
     */
    private static List<byte[]> moved(List<byte[]> directions, ModelState before, ModelState after, ModelState stepped) {
        List<byte[]> now = new ArrayList<>();
        List<Integer> prunable = before.network().prunable();
        for (int i = 0; i < prunable.size(); i++) {
            int p = prunable.get(i);
            byte[] layer = directions.get(i).clone();
            float[] values = after.values(p);
            for (int j = 0; j < values.length; j++) {
                int index = after.mask(p).index(j);
                int place = before.mask(p).find(index);
                int end = stepped.mask(p).find(index);
                int sign = (int) Math.signum((end >= 0 ? stepped.values(p)[end] : values[j])
                        - (place >= 0 ? before.values(p)[place] : 0));
                layer[index] = sign == 0 ? layer[index] : (byte) sign;
            }
            now.add(layer);
        }
        return now;
    }

    @Override
    public Optional<String> refusesNoise(Robustness robustness) {
        return Optional.of("masks that devices chose themselves lie outside of the mechanism");
    }

    @Override
    public Optional<String> refusesSums(Robustness robustness) {
        return Optional.of("devices prune and grow by themselves, so that their values lie under masks of their own and not in one order");
    }

    @Override
    public LocalTask task(MethodState state) {
        List<GrowthRequest> layers = Adjusting.requests(schedule, state);
        if (layers.isEmpty()) {
            return new PlainTraining();
        }
        List<Integer> prunable = state.model().network().prunable();
        List<byte[]> all = ((Directions) state.memory()).signs();
        List<byte[]> sent = layers.stream().map(layer -> all.get(prunable.indexOf(layer.parameter()))).toList();
        return new AdjustTask(layers, Optional.of(new AdjustTask.Guide(pruneShare, growShare, sent)));
    }

    @Override
    public AlgorithmState expectedMemory(ModelState start, int devices) {
        return new Directions(start.network().prunable().stream().map(p -> new byte[start.mask(p).size()]).toList(), new GrownPositions());
    }

    @Override
    public RoundStep step(FederationContext context, MethodState state) {
        Directions memory = (Directions) state.memory();
        Aggregation rule = context.aggregation();
        Aggregation.MaskedSum average = rule.maskedSum(state.model());
        return new RoundStep() {
            @Override
            public void take(int device, Update update) {
                average.add(rule.weight(update.samples()), update.result().masks(state.model().masks()), update.values());
            }

            @Override
            public RoundOutcome finish(FederatedRound round) {
                if (!round.somebody()) {
                    return round.unchanged(state.model());
                }
                ModelState united = average.united(state.model());
                Function<ModelState, List<byte[]>> directions = stepped -> schedule.isPresent()
                        ? moved(memory.signs(), state.model(), united, stepped) : memory.signs();
                if (!adjusts(state)) {
                    return round.unchanged(united, stepped -> new Directions(directions.apply(stepped), memory.grown()));
                }
                MaskChange change = MaskChange.of(state.model(), FedDst.prunedBack(united, state.model()), task(state).layers(),
                        memory.grown());
                return round.adjusted(change, stepped -> new Directions(directions.apply(stepped), change.grown()));
            }
        };
    }

    /**
     * In which direction every prunable weight moved last. In a checkpoint: the signs, one byte a position, then the grown positions.
     *
     * @param signs for every prunable parameter, in the network's order, one of −1, 0, 1 a position; not copied, not to be changed
     * @param grown positions of the last adjustments
     */
    public record Directions(List<byte[]> signs, GrownPositions grown) implements AlgorithmState {
        /** How checkpoints know it. */
        public static final Kind KIND = new Kind("directions", 2, Directions::read);

        /** Keeps its own list. */
        public Directions {
            signs = List.copyOf(signs);
        }

        @Override
        public Kind kind() {
            return KIND;
        }

        @Override
        public void write(StateWriter writer) throws IOException {
            for (byte[] layer : signs) {
                writer.bytes(layer);
            }
            grown.write(writer);
        }

        private static Directions read(StateReader reader, Network network) throws IOException {
            List<byte[]> signs = new ArrayList<>();
            for (int parameter : network.prunable()) {
                byte[] layer = reader.bytes(network.parameters().get(parameter).size());
                for (byte sign : layer) {
                    if (sign < -1 || sign > 1) {
                        throw reader.error("a sign is " + sign + ", expected -1, 0 or 1");
                    }
                }
                signs.add(layer);
            }
            return new Directions(signs, GrownPositions.read(reader, network));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Directions that && grown.equals(that.grown)
                    && Arrays.deepEquals(signs.toArray(), that.signs.toArray());
        }

        @Override
        public int hashCode() {
            return Arrays.deepHashCode(signs.toArray());
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
            return "FedDST guided by the signs in which global weights moved";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.SHARE,
                    AdjustmentSettings.GROWTH_BATCH, AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, AdjustmentSettings.PROGRESSIVE,
                    PRUNE_SHARE, GROW_SHARE);
        }

        @Override
        public List<TaskKind> tasks() {
            return List.of(AdjustTask.KIND);
        }

        @Override
        public List<AlgorithmState.Kind> states() {
            return List.of(Directions.KIND);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new FedSgc(settings.density(), AdjustmentSettings.schedule(settings), settings.get(PRUNE_SHARE),
                    settings.get(GROW_SHARE));
        }
    }
}
