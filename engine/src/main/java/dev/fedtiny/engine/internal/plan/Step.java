package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import java.util.List;

/** An operator of a session's plan: reads values by its {@link InputPort}s, stores one map by its {@link OutputPort}. */
public abstract class Step {
    static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();
    /** Floats of a map that several small passes go over one after the other: 16 KB. */
    private static final int CHUNK_FLOATS = 4096;

    final RunContext pass;
    final int index;
    final List<InputPort> inputs;
    final OutputPort output;
    /** The meter's number of this step; without meaning where nothing is measured. */
    public int operator;
    /** Floats of {@link Workspace#edges} that a band needs. */
    int edgeFloats;

    Step(RunContext pass, int index, List<InputPort> inputs, OutputPort output) {
        this.pass = pass;
        this.index = index;
        this.inputs = inputs;
        this.output = output;
    }

    /** Computes the output of all groups of the pass; of a step whose output lies in bands by {@link #beginBand} and {@link #endBand}. */
    abstract void forward();

    /** The same, whatever the output lies in. */
    final void run() {
        if (isBanded()) {
            pass.bands.run(List.of(this), 0, 1);
        } else {
            forward();
        }
    }

    /** Whether the output lies in bands, which are computed one by one. */
    final boolean isBanded() {
        return output.map.layout.bands() > 1;
    }

    /** Groups of lanes that the output of the pass is computed in: image groups, or the bands of one. */
    final int outputGroups() {
        return pass.groups() * output.map.layout.bands();
    }

    /** Whether a band of the output depends on both bands of an input. */
    final boolean crosses() {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).crosses()) {
                return true;
            }
        }
        return false;
    }

    /** Whether two threads that each have a band of an image can compute a half of this step's channels each, of a map without bands. */
    boolean sharesChannels() {
        return false;
    }

    /** Whether it begins when all threads are done with the step before, some of whose channels each has computed. */
    final boolean waits() {
        boolean waits = !isBanded();
        for (int i = 0; i < inputs.size(); i++) {
            waits |= inputs.get(i).value.map.layout.bands() == 1;
        }
        return waits;
    }

    /** Before any band of the pass. */
    void bindBands() {
    }

    /** What of a band does not depend on the other one, at least what that one sees of it. */
    void beginBand(int band) {
        for (int i = 0; i < inputs.size(); i++) {
            inputs.get(i).pack(band);
        }
        pass.team.lap(forwardSteps()[0].kinds()[0]);
    }

    /** The rest, once both bands have begun; of a map without bands a half of its channels. */
    void endBand(int band) {
        for (Team.GroupTask task : forwardSteps()) {
            if (isBanded()) {
                task.run(band, band, 0, task.extent());
            } else {
                int half = Math.min(task.extent(), Math.ceilDiv(task.extent(), 2 * task.unit()) * task.unit());
                task.run(0, band, band == 0 ? 0 : half, band == 0 ? half : task.extent());
            }
            pass.team.lap(Team.last(task));
        }
    }

    /** The passes over a group, forward. */
    Team.GroupTask[] forwardSteps() {
        throw new IllegalStateException("plan: step " + index + " does not go by groups");
    }

    /** Whether training has anything to compute backward here. */
    final boolean runsBackward() {
        return pass.mode == Mode.TRAINING && output.map.needsGradient;
    }

    /** The step's part of a backward pass: nothing where no parameter of the step, or of one before it, is trained. */
    final void backward() {
        output.prepareGradient(operator);
        if (output.map.needsGradient) {
            differentiate();
        }
    }

    /** Turns the output value's gradient into gradients of parameters and contributions to the input values'. */
    abstract void differentiate();

    /** Whether {@link #differentiate} looks at the value of an input. */
    abstract boolean differentiatesBy(InputPort input);

    /** Whether {@link #differentiate} looks at the output. */
    boolean differentiatesByOutput() {
        return false;
    }

    /** Asks the workspace for what the step will use. */
    public abstract void reserve(Workspace workspace);

    /** Asks for slots of what is read and of the output's gradient, the latter behind {@code accumulators} floats. */
    abstract void reserveSlots(Workspace workspace, int accumulators);

    /** What a meter calls it. */
    public abstract String label(Network network);

    /** Positions of the parameters it computes with. */
    abstract List<Integer> parameters();

    /** Counts the work of a pass. */
    abstract void count(Meter meter, PassKind kind);

    /** Takes over live arrays of parameters; what has packed weights is bound by {@link WeightBinding}. */
    public void bind(float[][] values, float[][] gradients) {
    }

    /** Adds the bytes of arrays of the step's own. */
    public void account(MemoryLedger ledger) {
        for (InputPort input : inputs) {
            ledger.add(MemoryCategory.INDICES, input.bytes());
        }
    }

    /** Channels that fit a first-level cache. */
    static int chunk(int channelFloats) {
        return Math.max(1, CHUNK_FLOATS / channelFloats);
    }
}
