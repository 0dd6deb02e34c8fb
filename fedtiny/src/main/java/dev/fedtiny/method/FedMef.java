package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.DeviceTask;
import dev.fedtiny.device.GrowthBuffers;
import dev.fedtiny.device.LocalJob;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.PayloadReader;
import dev.fedtiny.protocol.PayloadWriter;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.UpdateReader;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.List;
import java.util.Optional;

/**
 * FedMef (Huang et al., "FedMef: Towards Memory-efficient Federated Dynamic Pruning", CVPR 2024): the adjustment of {@link FedTiny} from a
 * uniform magnitude mask, with budget-aware extrusion and scaled activation pruning. Extrusion: in an adjustment round an L2 penalty pulls
 * the a_l smallest weights of every layer adjusted, which are likely to go, to 0, so that what they know moves to the others, and the
 * learning rate is raised by the budget that remains: lr·(1 + (R_stop − r)/R_stop). Activation pruning: in every backward pass the inputs
 * of convolutions are cut to their largest values before gradients of weights are taken.
 *
 * <p>Deviations: the penalty lasts for the epochs of the adjustment round, and the form of the raised rate is a reading; activations
 * are not rescaled by weight standardisation, since the networks compared have batch normalisation; see
 * {@link dev.fedtiny.engine.session.Session#keepActivations} for what is cut, and that no memory is saved here.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments; empty: the mask stays
 * @param penalty λ of the extrusion, at least 0
 * @param activationShare of every activation map that backward passes keep, in (0, 1]; 1: all
 */
public record FedMef(double density, Optional<AdjustmentSchedule> schedule, double penalty, double activationShare) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fedmef";
    /** λ. */
    public static final SettingSpec<Double> PENALTY = SettingSpec.decimal("fedmef-penalty", "0.01",
            "fedmef: L2 penalty on weights that are likely to be pruned next", new Numbers.Decimal(0, true, Double.MAX_VALUE, ""));
    /** Share of activations. */
    public static final SettingSpec<Double> ACTIVATIONS = SettingSpec.decimal("fedmef-activations", "0.3",
            "fedmef: share of every activation map that backward passes keep; 1: all", new Numbers.Decimal(0, false, 1, "share"));
    /** λ by default. */
    public static final double USUAL_PENALTY = 0.01;
    /** Share of activations by default. */
    public static final double USUAL_ACTIVATION_SHARE = 0.3;

    /** Checks the ranges. */
    public FedMef {
        Adjusting.checkDensity(density);
        if (!(penalty >= 0 && penalty < Double.POSITIVE_INFINITY && activationShare > 0 && activationShare <= 1)) {
            throw new IllegalArgumentException("fedmef: penalty " + penalty + " and share of activations " + activationShare
                    + ", expected a finite penalty of at least 0 and a share above 0 and at most 1");
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
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), Adjusting.warnings(schedule, context.plan()),
                new GrownPositions());
    }

    @Override
    public LocalTask task(MethodState state) {
        return new ExtrudeTask(Adjusting.requests(schedule, state), penalty, activationShare);
    }

    @Override
    public double learningRate(TrainingPlan plan, MethodState state) {
        double rate = plan.learningRate(state.round());
        return adjusts(state) ? rate * (1 + (double) (schedule.get().until() - state.round()) / schedule.get().until()) : rate;
    }

    @Override
    public RoundStep step(FederationContext context, MethodState state) {
        return new GrowthStep(context.aggregation(), state.model(), adjusts(state), task(state).layers());
    }

    /**
     * As {@link GrowTask}, while the a_l smallest weights of every layer, which are likely to go, are pulled to 0 by an L2 penalty, and
     * while the backward pass sees only the largest activations. Payload: penalty (8), share (8), layers ({@link GrowthRequest}). Answered
     * by {@link GrowTask.Grown}.
     *
     * @param layers of the adjustment; empty in a round without one, then nothing is pulled
     * @param penalty λ, added to the gradient as λ·w
     * @param activationShare of the activations that the backward pass keeps, in (0, 1]
     */
    public record ExtrudeTask(List<GrowthRequest> layers, double penalty, double activationShare) implements DeviceTask {
        /** How devices know it. */
        public static final TaskKind KIND = new TaskKind("extrude", 5, ExtrudeTask::read);

        /** Keeps its own list. */
        public ExtrudeTask {
            layers = List.copyOf(layers);
        }

        @Override
        public TaskKind kind() {
            return KIND;
        }

        @Override
        public void write(PayloadWriter writer) {
            writer.float64(penalty).float64(activationShare);
            GrowthRequest.write(writer, layers);
        }

        private static ExtrudeTask read(PayloadReader reader, Network network, List<Mask> masks) {
            double penalty = reader.finite("penalty");
            if (penalty < 0) {
                throw reader.content("penalty is " + penalty + ", expected at least 0");
            }
            double share = reader.share("activation share", false, true);
            return new ExtrudeTask(GrowthRequest.read(reader, network, masks), penalty, share);
        }

        @Override
        public Update run(LocalJob job) {
            GrowthBuffers buffers = new GrowthBuffers(job, layers);
            Session session = job.takeOver();
            session.keepActivations(activationShare);
            double lossSum = buffers.train(job, session, pull(session));
            return job.answer(session.liveState(), lossSum, GrowTask.Grown.of(buffers, layers));
        }

        /** Adds the gradient of the penalty on the weights that are likely to go. */
        private Runnable pull(Session session) {
            if (penalty == 0) {
                return () -> { };
            }
            int[] parameters = GrowthBuffers.parameters(layers);
            int[][] places = new int[parameters.length][];
            for (int i = 0; i < parameters.length; i++) {
                places[i] = Magnitude.smallest(session.values(parameters[i]), layers.get(i).limit());
            }
            float factor = (float) penalty;
            return () -> {
                for (int i = 0; i < parameters.length; i++) {
                    float[] values = session.values(parameters[i]);
                    float[] gradient = session.gradient(parameters[i]);
                    for (int place : places[i]) {
                        gradient[place] += factor * values[place];
                    }
                }
            };
        }

        @Override
        public GrowTask.Grown readResult(UpdateReader update) {
            return GrowTask.Grown.read(update, layers);
        }

        @Override
        public long longestResult(Network network) {
            return GrowTask.Grown.longest(layers);
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
            return "FedTiny's adjustment with extrusion and pruned activations";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, AdjustmentSettings.PROGRESSIVE,
                    PENALTY, ACTIVATIONS);
        }

        @Override
        public List<TaskKind> tasks() {
            return List.of(ExtrudeTask.KIND);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new FedMef(settings.density(), AdjustmentSettings.schedule(settings), settings.get(PENALTY), settings.get(ACTIVATIONS));
        }
    }
}
