package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.plan.Execution;
import dev.fedtiny.engine.internal.plan.ExecutionPlan;
import dev.fedtiny.engine.internal.plan.InputImages;
import dev.fedtiny.engine.internal.plan.Normalization;
import dev.fedtiny.engine.internal.plan.Outputs;
import dev.fedtiny.engine.internal.plan.ParameterArrays;
import dev.fedtiny.engine.internal.plan.RunContext;
import dev.fedtiny.engine.internal.plan.Step;
import dev.fedtiny.engine.internal.plan.Team;
import dev.fedtiny.engine.internal.plan.WeightBinding;
import dev.fedtiny.engine.internal.plan.WeightedStep;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a session is made of, and how the parts are put together: plan, arrays, packed weights, workspace. It keeps nobody out; a session's
 * public methods do that, by {@link #guard}.
 */
final class SessionCore {
    /** What meters call the work of a session and of its trainer that is no layer's. */
    private static final String IMAGES = "images";
    private static final String LOSS = "loss";
    private static final String MASKS = "masks";
    private static final String OPTIMIZER = "optimizer";

    final Network network;
    final int batch;
    final SessionOptions options;
    final RunContext pass;
    final ExecutionPlan plan;
    final Outputs outputs;
    final ParameterArrays arrays;
    final Execution execution;
    final SessionGuard guard;
    final SharedWeights weights;
    MaskVersion masks;
    private final InputImages images;
    private final WeightBinding binding;
    /** Whether the weights are those of a session that was opened before, which counts their memory. */
    private boolean sharing;

    /** Makes the parts; {@code banded}: whether the image is cut into bands, as which packed weights are laid out. */
    SessionCore(Network network, Mode mode, int batch, boolean banded, Workers workers, SessionOptions options, ParameterArrays arrays,
            SharedWeights weights) {
        RunContext.checkBatch(network, batch);
        this.network = network;
        this.batch = batch;
        this.weights = weights;
        this.options = options;
        this.guard = new SessionGuard(workers);
        this.pass = new RunContext(network, mode, batch, banded, new Team(workers));
        this.plan = new ExecutionPlan(network, pass, options);
        plan.memory().allocate();
        this.images = new InputImages(pass, plan);
        this.outputs = new Outputs(network, pass, plan, options.finiteCheck() == FiniteCheck.ON);
        this.arrays = arrays;
        this.execution = new Execution(network, pass, plan, outputs, images, arrays, options.finiteCheck());
        this.binding = new WeightBinding(execution.weightedSteps(), options.algorithms(), arrays);
    }

    Workers workers() {
        return pass.team.workers;
    }

    /** A second core that computes with the weights of this one, packed as they are; both are for inference. */
    SessionCore twin(Workers workers, SharedWeights owners, SessionOptions choices) {
        SessionCore twin = new SessionCore(network, pass.mode, batch, pass.banded(), workers, choices, arrays, owners);
        twin.share(this);
        return twin;
    }

    private void share(SessionCore first) {
        WeightedStep[] steps = execution.weightedSteps();
        for (int i = 0; i < steps.length; i++) {
            steps[i].share(first.execution.weightedSteps()[i]);
        }
        bindSmallParameters();
        for (int i = 0; i < plan.norms.size(); i++) {
            plan.norms.get(i).batches = first.plan.norms.get(i).batches;
        }
        allocateWorkspace();
        masks = first.masks;
        sharing = true;
    }

    /** Computes with a state's values and masks from now on; as {@link Session#load(ModelState, ArrayOwnership)}. */
    void load(ModelState state, ArrayOwnership ownership) {
        weights.checkSingle();
        arrays.check(state);
        if (options.finiteCheck() == FiniteCheck.ON) {
            state.checkFinite();
        }
        workers().acquire();
        try {
            guard.loading(true);
            take(state, ownership);
            guard.loading(false);
        } finally {
            workers().release();
        }
    }

    private void take(ModelState state, ArrayOwnership ownership) {
        arrays.take(state, ownership);
        binding.run(pass.team);
        execution.loaded();
        bindSmallParameters();
        for (Normalization norm : plan.norms) {
            norm.batches = state.batchesTracked(norm.varianceParameter()).orElse(-1);
        }
        allocateWorkspace();
        // A training pass takes over the values itself, since an optimiser changes them.
        if (pass.mode != Mode.TRAINING) {
            execution.refresh();
        }
        masks = masks == null ? new MaskVersion(arrays.masks) : masks.follow(arrays.masks);
    }

    /** Refuses to hand out values for writing that passes do not read anew. */
    void checkLive(int parameter) {
        if (pass.mode == Mode.TRAINING) {
            return;
        }
        Parameter asked = network.parameters().get(parameter);
        if (pass.mode == Mode.INFERENCE || asked.kind().trainable()) {
            throw new IllegalStateException("session: one for " + pass.mode + " takes over the values of '" + asked.name() + "' when they "
                    + "are loaded, so that nothing written into them would count; read them from state() or liveState(), and change them "
                    + "by load()");
        }
    }

    /** Everything but weights: what is not packed. */
    private void bindSmallParameters() {
        for (Normalization norm : plan.norms) {
            norm.bind(arrays.values, arrays.gradients);
            if (pass.mode == Mode.INFERENCE) {
                norm.useRunningStatistics();
            }
        }
        for (Step step : plan.steps) {
            step.bind(arrays.values, arrays.gradients);
        }
    }

    private void allocateWorkspace() {
        for (Step step : plan.steps) {
            step.reserve(pass.workspace);
        }
        pass.workspace.allocate();
    }

    /** The state with the batches that running statistics have seen. */
    ModelState counted(ModelState state) {
        long[] counts = new long[network.parameters().size()];
        Arrays.fill(counts, -1);
        for (Normalization norm : plan.norms) {
            counts[norm.varianceParameter()] = norm.batches;
        }
        return state.withBatchesTracked(counts);
    }

    /** As {@link Session#measure(Meter)}. */
    void measure(Meter meter) {
        if (meter != null && meter.threads() != pass.threads()) {
            throw new IllegalArgumentException("session: the meter is for " + meter.threads() + " threads, the session has "
                    + pass.threads() + "; make one for its workers");
        }
        if (meter != null) {
            images.operator = meter.operator(IMAGES);
            Set<String> taken = new HashSet<>(List.of(IMAGES, LOSS, MASKS, OPTIMIZER));
            for (int i = 0; i < plan.steps.size(); i++) {
                String name = plan.steps.get(i).label(network);
                while (meter.isReserved(name) || !taken.add(name)) {
                    name += "." + i;
                }
                plan.steps.get(i).operator = meter.operator(name);
            }
            outputs.operator = meter.operator(LOSS);
            binding.operator = meter.operator(MASKS);
        }
        pass.team.meter = meter;
    }

    /** As {@link Session#ledger()}. */
    MemoryLedger ledger() {
        MemoryLedger ledger = new MemoryLedger();
        plan.memory().bytes().forEach(ledger::add);
        ledger.add(MemoryCategory.BATCH, 4L * batch);
        ledger.add(MemoryCategory.WORKSPACE, pass.workspace.bytes() + Outputs.bytes(plan)
                + (pass.thinning == null ? 0 : pass.thinning.bytes()));
        if (!sharing) {
            arrays.account(ledger);
        }
        for (Step step : plan.steps) {
            step.account(ledger);
        }
        for (Normalization norm : plan.norms) {
            ledger.add(MemoryCategory.WORKSPACE, norm.bytes());
        }
        return ledger;
    }
}
