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

    Step(RunContext pass, int index, List<InputPort> inputs, OutputPort output) {
        this.pass = pass;
        this.index = index;
        this.inputs = inputs;
        this.output = output;
    }

    /** Computes the output of all groups of the pass. */
    abstract void forward();

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
