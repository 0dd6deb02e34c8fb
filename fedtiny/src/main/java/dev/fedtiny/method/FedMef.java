package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.DeviceTask;
import dev.fedtiny.device.GrowthBuffers;
import dev.fedtiny.device.LocalJob;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
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
 * uniform magnitude mask, with budget-aware extrusion and scaled activation pruning. Extrusion: in an adjustment round, or in every round
 * before R_stop, an L2 penalty pulls the a_l smallest weights of every layer whose turn it is, which are likely to go, to 0, so that what
 * they know moves to the others, and the learning rate is raised by the budget that remains: lr·(1 + (R_stop − r)/R_stop), up to a cap.
 * Activation pruning: in every backward pass of a local step the inputs of convolutions are cut to their largest values before gradients
 * of weights are taken; in a pass over a growth batch of its own they are not.
 *
 * <p>Deviations: by default the penalty lasts for the epochs of the adjustment round alone and nothing caps the rate, and the form of the
 * raised rate is a reading; the authors' code extrudes in every round and has a largest rate; activations
 * are not rescaled by weight standardisation, since the networks compared have batch normalisation; see
 * {@link dev.fedtiny.engine.session.Session#keepActivations} for what is cut, and that no memory is saved here.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments; empty: the mask stays
 * @param penalty λ of the extrusion, at least 0
 * @param activationShare of every activation map that backward passes keep, in (0, 1]; 1: all
 * @param everyRound whether all rounds before R_stop extrude, and not those alone that adjust
 * @param rateCap the most that a rate is raised to, above 0; ∞: no cap. A rate that is higher by itself stays
 */
public record FedMef(double density, Optional<AdjustmentSchedule> schedule, double penalty, double activationShare, boolean everyRound,
        double rateCap) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fedmef";
    /** λ. */
    public static final SettingSpec<Double> PENALTY = SettingSpec.decimal("fedmef-penalty", "0.01",
            "fedmef: L2 penalty on weights that are likely to be pruned next", new Numbers.Decimal(0, true, Double.MAX_VALUE, ""));
    /** Share of activations. */
    public static final SettingSpec<Double> ACTIVATIONS = SettingSpec.decimal("fedmef-activations", "0.3",
            "fedmef: share of every activation map that backward passes keep; 1: all", new Numbers.Decimal(0, false, 1, "share"));
    /** Which rounds extrude. */
    public static final SettingSpec<Boolean> EVERY_ROUND = SettingSpec.bool("fedmef-every-round", "false",
            "fedmef: whether all rounds up to adjust-until extrude, as in its authors' code, and not only those that adjust: true "
            + "or false");
    /** The most that a rate is raised to. */
    public static final SettingSpec<Double> RATE_CAP = SettingSpec.decimal("fedmef-rate-cap", "0",
            "fedmef: the most that extrusion raises the learning rate to (max_lr in its authors' code); 0: no cap",
            new Numbers.Decimal(0, true, Double.MAX_VALUE, ""));
    /** λ by default. */
    public static final double USUAL_PENALTY = 0.01;
    /** Share of activations by default. */
    public static final double USUAL_ACTIVATION_SHARE = 0.3;

    /**
     * With extrusion in the rounds that adjust, at a rate without a cap.
     *
     * @param density d in (0, 1], of every prunable layer
     * @param schedule of the adjustments; empty: the mask stays
     * @param penalty λ of the extrusion, at least 0
     * @param activationShare of every activation map that backward passes keep, in (0, 1]; 1: all
     */
    public FedMef(double density, Optional<AdjustmentSchedule> schedule, double penalty, double activationShare) {
        this(density, schedule, penalty, activationShare, false, Double.POSITIVE_INFINITY);
    }

    /** Checks the ranges. */
    public FedMef {
        if (!(rateCap > 0)) {
            throw new IllegalArgumentException("fedmef: the rate is capped at " + rateCap + ", expected more than 0");
        }
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
    public Optional<String> refusesParts() {
        return Optional.empty();
    }

    @Override
    public LocalTask taskOfPart(MethodState state) {
        return new ExtrudeTask(List.of(), penalty, activationShare);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), Adjusting.warnings(schedule, context.plan()),
                new GrownPositions());
    }

    /** Weighted means, and ballots where it grows. */
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
        if (extrudes(state) && !adjusts(state)) {
            List<Integer> next = schedule.get().layers(state.model().network(), state.adjustments());
            return new PullTask(Adjusting.requests(schedule.get(), state.round(), state.model(), next), penalty, activationShare);
        }
        return new ExtrudeTask(Adjusting.requests(schedule, state), penalty, activationShare);
    }

    private boolean extrudes(MethodState state) {
        return adjusts(state) || everyRound && schedule.isPresent() && state.round() < schedule.get().until();
    }

    @Override
    public double learningRate(TrainingPlan plan, MethodState state) {
        double rate = plan.learningRate(state.round());
        if (!extrudes(state)) {
            return rate;
        }
        double raised = rate * (1 + (double) (schedule.get().until() - state.round()) / schedule.get().until());
        return Math.min(raised, Math.max(rate, rateCap));
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
            new Pulled(layers, penalty, activationShare).write(writer);
        }

        private static ExtrudeTask read(PayloadReader reader, Network network, List<Mask> masks) {
            Pulled pulled = Pulled.read(reader, network, masks);
            return new ExtrudeTask(pulled.layers(), pulled.penalty(), pulled.activationShare());
        }

        @Override
        public Update run(LocalJob job) {
            GrowthBuffers buffers = new GrowthBuffers(job, layers);
            Session session = job.takeOver();
            session.keepActivations(activationShare);
            GrowthBuffers.Trained trained = buffers.train(job, session, pull(session, layers, penalty));
            return job.answer(trained.model(), trained.lossSum(), GrowTask.Grown.of(buffers, layers));
        }

        @Override
        public GrowTask.Grown readResult(UpdateReader update) {
            return GrowTask.Grown.read(update, layers);
        }

        @Override
        public long longestResult(Network network) {
            return GrowTask.Grown.longest(layers);
        }

        @Override
        public List<GrowthRequest> ballots() {
            return layers;
        }
    }

    /** Adds the gradient of the penalty on the weights that are likely to go: the smallest as training begins. */
    private static Runnable pull(Session session, List<GrowthRequest> layers, double penalty) {
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

    /** What both tasks are told, in the order in which it travels. */
    private record Pulled(List<GrowthRequest> layers, double penalty, double activationShare) {
        void write(PayloadWriter writer) {
            writer.float64(penalty).float64(activationShare);
            GrowthRequest.write(writer, layers);
        }

        static Pulled read(PayloadReader reader, Network network, List<Mask> masks) {
            double penalty = reader.finite("penalty");
            if (penalty < 0) {
                throw reader.content("penalty is " + penalty + ", expected at least 0");
            }
            double share = reader.share("activation share", false, true);
            return new Pulled(GrowthRequest.read(reader, network, masks), penalty, share);
        }
    }

    /**
     * Train under the penalty in a round that does not adjust: the weights that are likely to go next are pulled to 0, nothing grows.
     * Payload: as that of {@link ExtrudeTask}. Answered by the values alone.
     *
     * @param marked layers whose turn comes next, with how many weights of each are pulled
     * @param penalty λ, added to the gradient as λ·w
     * @param activationShare of the activations that the backward pass keeps, in (0, 1]
     */
    public record PullTask(List<GrowthRequest> marked, double penalty, double activationShare) implements DeviceTask {
        /** How devices know it. */
        public static final TaskKind KIND = new TaskKind("fedmef-pull", PullTask::read);

        /** Keeps its own list. */
        public PullTask {
            marked = List.copyOf(marked);
        }

        @Override
        public TaskKind kind() {
            return KIND;
        }

        @Override
        public void write(PayloadWriter writer) {
            new Pulled(marked, penalty, activationShare).write(writer);
        }

        private static PullTask read(PayloadReader reader, Network network, List<Mask> masks) {
            Pulled pulled = Pulled.read(reader, network, masks);
            return new PullTask(pulled.layers(), pulled.penalty(), pulled.activationShare());
        }

        @Override
        public Update run(LocalJob job) {
            Session session = job.takeOver();
            session.keepActivations(activationShare);
            Runnable pull = pull(session, marked, penalty);
            double lossSum = job.train(session, job.epochs(session, "local"), (current, _) -> {
                current.backward();
                pull.run();
            });
            return job.answer(session.liveState(), lossSum, new LocalResult.None());
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
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.SHARE,
                    AdjustmentSettings.GROWTH_BATCH, AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, AdjustmentSettings.PROGRESSIVE,
                    PENALTY, ACTIVATIONS, EVERY_ROUND, RATE_CAP);
        }

        @Override
        public List<TaskKind> tasks() {
            return List.of(ExtrudeTask.KIND, PullTask.KIND);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            double cap = settings.get(RATE_CAP);
            return new FedMef(settings.density(), AdjustmentSettings.schedule(settings), settings.get(PENALTY), settings.get(ACTIVATIONS),
                    settings.get(EVERY_ROUND), cap == 0 ? Double.POSITIVE_INFINITY : cap);
        }
    }
}
