package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.plan.BandPolicy;
import dev.fedtiny.engine.internal.plan.ExecutionPlan;
import dev.fedtiny.engine.internal.plan.Normalization;
import dev.fedtiny.engine.internal.plan.Outputs;
import dev.fedtiny.engine.internal.plan.RunContext;
import dev.fedtiny.engine.internal.plan.Step;
import dev.fedtiny.engine.internal.plan.WeightedStep;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes of all arrays that a session will hold, before there is one: exactly what {@link Session#ledger} says once it is open. They depend
 * on how many positions of each weight are active, not on which. A growth batch can add to them: {@link #growthBytes}.
 *
 * @param bytes by what the arrays are for; categories that hold nothing have 0
 * @param growthBytes what the first growth batch adds to {@link MemoryCategory#WORKSPACE} at most, growing all weights at once: what finds
 *     no place where maps have died; a session keeps it. The buffers of the largest gradients are the caller's
 */
public record MemoryEstimate(Map<MemoryCategory, Long> bytes, long growthBytes) {
    /** Keeps its own copy, complete. */
    public MemoryEstimate {
        Given.notNull(bytes, "memory: bytes", "bytes by category");
        Map<MemoryCategory, Long> all = new EnumMap<>(MemoryCategory.class);
        for (MemoryCategory category : MemoryCategory.values()) {
            all.put(category, bytes.getOrDefault(category, 0L));
        }
        bytes = Map.copyOf(all);
    }

    /**
     * What {@link Session#open(ModelState, Mode, int, Workers, SessionOptions)} will hold. Cost: the plan of the session and some megabytes
     * of small tables that are garbage afterwards.
     *
     * @param active active positions of every parameter, in the order of {@link Network#parameters()}
     * @param threads of the session's team
     * @param network what is computed
     * @param mode what the session is for
     * @param batch largest number of images of a pass
     * @param options the session's choices; the algorithms decide in which form weights are held
     * @return the estimate
     * @throws IllegalArgumentException if the counts do not fit the network, batch or threads are below 1, or no team has as many threads
     */
    public static MemoryEstimate of(Network network, int[] active, Mode mode, int batch, int threads, SessionOptions options) {
        Given.notNull(network, "memory: network", "a network: of a NetworkSpec, a builder or a model file");
        Given.notNull(active, "memory: active", "how many positions of each parameter are active");
        Given.notNull(mode, "memory: mode", "what the session is for: TRAINING, STATISTICS or INFERENCE");
        Given.notNull(options, "memory: options", "SessionOptions.DEFAULT, or what is changed of it");
        check(network, active, batch, threads);
        RunContext pass = new RunContext(network, mode, batch, BandPolicy.bands(network, active, mode, batch, threads, options.sharing()),
                threads);
        ExecutionPlan plan = new ExecutionPlan(network, pass, options);
        MemoryLedger ledger = new MemoryLedger();
        plan.memory().bytes().forEach(ledger::add);
        ledger.add(MemoryCategory.BATCH, 4L * batch);
        List<Parameter> parameters = network.parameters();
        for (int i = 0; i < active.length; i++) {
            ledger.add(MemoryCategory.VALUES, 4L * active[i]);
            ledger.add(MemoryCategory.GRADIENTS, mode == Mode.TRAINING && network.isTrained(i) ? 4L * active[i] : 0);
            ledger.add(MemoryCategory.INDICES, active[i] == parameters.get(i).size() ? 0 : 4L * active[i]);
        }
        for (Step step : plan.steps) {
            if (step instanceof WeightedStep weighted) {
                weighted.plan(options.algorithms(), active[weighted.weightParameter()]);
                weighted.accountPlanned(ledger);
            } else {
                step.account(ledger);
            }
            step.reserve(pass.workspace);
        }
        for (Normalization norm : plan.norms) {
            ledger.add(MemoryCategory.WORKSPACE, norm.bytes());
        }
        long workspace = pass.workspace.plannedBytes();
        ledger.add(MemoryCategory.WORKSPACE, workspace + Outputs.bytes(plan));
        return new MemoryEstimate(ledger.liveByCategory(), mode == Mode.TRAINING ? growth(plan, pass) - workspace : 0);
    }

    /**
     * As {@link #of(Network, int[], Mode, int, int, SessionOptions)} for the masks of a state.
     *
     * @param state the network and its masks; values are not looked at
     * @param mode what the session is for
     * @param batch largest number of images of a pass
     * @param threads of the session's team
     * @param options the session's choices
     * @return the estimate
     */
    public static MemoryEstimate of(ModelState state, Mode mode, int batch, int threads, SessionOptions options) {
        Given.notNull(state, "memory: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        return of(state.network(), active(state), mode, batch, threads, options);
    }

    /** Active positions of every parameter. */
    static int[] active(ModelState state) {
        int[] active = new int[state.network().parameters().size()];
        for (int i = 0; i < active.length; i++) {
            active[i] = state.mask(i).count();
        }
        return active;
    }

    private static long growth(ExecutionPlan plan, RunContext pass) {
        for (WeightedStep step : plan.weighted().values()) {
            step.reserveGrowth(pass.workspace);
        }
        return pass.workspace.plannedBytes();
    }

    private static void check(Network network, int[] active, int batch, int threads) {
        RunContext.checkBatch(network, batch);
        if (threads < 1 || threads > Workers.MOST) {
            throw new IllegalArgumentException("memory: " + threads + " threads, must be in [1, " + Workers.MOST + "]");
        }
        if (active.length != network.parameters().size()) {
            throw new IllegalArgumentException("memory: " + active.length + " counts of active positions for " + network.parameters().size()
                    + " parameters");
        }
        for (int i = 0; i < active.length; i++) {
            network.parameters().get(i).checkActive(active[i]);
        }
    }

    /**
     * Bytes of one category.
     *
     * @param category what arrays are for
     * @return bytes; 0 where there are none
     */
    public long of(MemoryCategory category) {
        Given.notNull(category, "memory: category", "what the arrays are for");
        return bytes.get(category);
    }

    /**
     * This estimate and further arrays of a category: an optimiser's state, buffers, messages.
     *
     * @param category what they are for
     * @param more bytes
     * @return a copy with them
     */
    public MemoryEstimate plus(MemoryCategory category, long more) {
        Given.notNull(category, "memory: category", "what the arrays are for");
        Map<MemoryCategory, Long> sum = new EnumMap<>(bytes);
        sum.merge(category, more, Long::sum);
        return new MemoryEstimate(sum, growthBytes);
    }

    /** {@return how many bytes all categories take, without growth} */
    public long total() {
        return bytes.values().stream().mapToLong(value -> value).sum();
    }
}
