package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;

/**
 * What a session computes with, as its callers see it: live values and gradients by parameter, masks, and states that are taken out and
 * loaded.
 */
abstract class LiveParameters {
    final SessionCore core;
    final SessionGuard guard;

    LiveParameters(SessionCore core) {
        this.core = core;
        this.guard = core.guard;
    }

    /**
     * Live values of a parameter or running statistic, which the next forward pass reads: in TRAINING those of every parameter, for an
     * optimiser to write; in STATISTICS those of running statistics. Other values a session takes over when they are loaded, packed, and
     * nothing written into them afterwards would count: read them from {@link #state} or {@link #liveState}, and change them by
     * {@link #load}.
     *
     * @param parameter position in {@code Network.parameters()}
     * @return one value an active position, in the order of its mask; not a copy
     * @throws IllegalStateException if they are none of these
     */
    public float[] values(int parameter) {
        guard.look();
        core.checkLive(parameter(parameter));
        return core.arrays.values[parameter];
    }

    /**
     * Gradient of a trained parameter, same order and length as its values; null for running statistics and frozen parameters, and in every
     * mode but TRAINING.
     *
     * @param parameter position in {@code Network.parameters()}
     * @return the live array: of the last backward pass until the next
     */
    public float[] gradient(int parameter) {
        guard.look();
        return core.arrays.gradients[parameter(parameter)];
    }

    /**
     * The mask of a parameter.
     *
     * @param parameter position in {@code Network.parameters()}
     * @return its mask now
     */
    public Mask mask(int parameter) {
        guard.look();
        return core.arrays.masks[parameter(parameter)];
    }

    private int parameter(int parameter) {
        if (parameter < 0 || parameter >= core.arrays.values.length) {
            throw new IllegalArgumentException("session: parameter " + parameter + ", must be in [0, " + core.arrays.values.length
                    + "), the positions in Network.parameters()");
        }
        return parameter;
    }

    /** {@return the masks now; what comes after them tells its holder that they have changed} */
    public MaskVersion maskVersion() {
        guard.look();
        return core.masks;
    }

    /**
     * For optimisers, before they change anything: whether there are gradients of the values and masks that the session has.
     *
     * @throws IllegalStateException if no backward pass has gone through since the session was opened or last loaded
     */
    public void checkGradients() {
        guard.enter();
        try {
            core.execution.checkGradients();
        } finally {
            guard.exit();
        }
    }

    /**
     * For optimisers, after they have changed values; a backward pass needs a new forward pass then.
     *
     * @throws NonFiniteException naming the first value of a trained parameter that is no number
     */
    public void checkValues() {
        guard.enter();
        try {
            core.execution.checkValues();
        } finally {
            guard.exit();
        }
    }

    /**
     * The live values themselves as a state, without a copy: it changes with the session, so it must be used up before the session goes on.
     *
     * @return a state without copies
     */
    public ModelState liveState() {
        guard.enter();
        try {
            return core.counted(core.arrays.live());
        } finally {
            guard.exit();
        }
    }

    /** {@return the values copied out as an immutable state} */
    public ModelState state() {
        guard.enter();
        try {
            return core.counted(core.arrays.copied());
        } finally {
            guard.exit();
        }
    }

    /**
     * Takes over values, and masks where they changed: only those layers are packed anew, in place where as many positions are kept. A
     * backward pass needs a new forward pass then, and an optimiser a new backward pass. What optimisers remember by weight follows the
     * positions: it stays where a position is kept before and after, also when only values are others, and begins anew elsewhere. What is
     * frozen was said when the session was opened, and stays so whatever the state says of it.
     *
     * @param state network, masks and values; copied
     * @throws IllegalArgumentException if the state is of another architecture, or has a mask on a weight that may not be pruned here;
     *     nothing has changed then
     * @throws NonFiniteException if a value is no number; nothing has changed then
     */
    public void load(ModelState state) {
        load(state, ArrayOwnership.COPIED);
    }

    /**
     * As {@link #load(ModelState)}.
     *
     * @param state network, masks and values
     * @param ownership {@link ArrayOwnership#TAKEN_OVER}: the state's arrays become the session's own and change with it; nobody may use
     *     the state afterwards
     */
    public void load(ModelState state, ArrayOwnership ownership) {
        Given.notNull(state, "session: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        Given.notNull(ownership, "session: ownership", "COPIED, or TAKEN_OVER where nobody else uses the arrays");
        guard.enterAnyState();
        try {
            core.load(state, ownership);
        } finally {
            guard.exit();
        }
    }
}
