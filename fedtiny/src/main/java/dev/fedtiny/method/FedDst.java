package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.settings.SettingSpec;
import java.util.List;
import java.util.Optional;

/**
 * FedDST (Bibikar et al., "Federated Dynamic Sparse Training", AAAI 2022): in an adjustment round every device trains ⌈E/2⌉ epochs, prunes
 * a_l weights of a layer by magnitude, grows as many by its own gradient of one batch, trains the rest, and uploads weights and mask. The
 * server averages every coordinate over the devices that hold it and prunes each layer by magnitude back to m_l.
 *
 * <p>Deviations: the start is a magnitude mask of the pretrained model at one density, not a random one; a_l and the layers adjusted follow
 * the common schedule; the growth batch is the last full-size one before the exchange and serves the ordinary step too; after the
 * exchange the optimiser is fresh.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments; empty: the mask stays
 */
public record FedDst(double density, Optional<AdjustmentSchedule> schedule) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "feddst";

    /** Checks the range. */
    public FedDst {
        Adjusting.checkDensity(density);
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
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), Adjusting.warnings(schedule, context.plan()),
                new GrownPositions());
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
        return layers.isEmpty() ? new PlainTraining() : new AdjustTask(layers, Optional.empty());
    }

    @Override
    public RoundStep step(FederationContext context, MethodState state) {
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
                if (!adjusts(state)) {
                    return round.unchanged(united);
                }
                MaskChange change = MaskChange.of(state.model(), prunedBack(united, state.model()), task(state).layers(),
                        GrownPositions.of(state.memory()));
                return round.adjusted(change, change.grown());
            }
        };
    }

    /** Every layer at the count it had, by magnitude. */
    static ModelState prunedBack(ModelState united, ModelState before) {
        return Magnitude.prune(united, before.network().prunable().stream().mapToInt(p -> before.mask(p).count()).toArray());
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
            return "devices prune and grow by themselves, the server unites their masks";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.SHARE,
                    AdjustmentSettings.GROWTH_BATCH, AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, AdjustmentSettings.PROGRESSIVE);
        }

        @Override
        public List<TaskKind> tasks() {
            return List.of(AdjustTask.KIND);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new FedDst(settings.density(), AdjustmentSettings.schedule(settings));
        }
    }
}
