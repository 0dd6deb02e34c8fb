package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.plan.ActivationPruning;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.util.Map;

/**
 * Backward passes of a session: from the cross entropy, an objective or given gradients, and with the gradients of pruned positions where
 * weights are to grow.
 */
abstract class BackwardPasses extends PassResults {
    BackwardPasses(SessionCore core) {
        super(core);
    }

    /**
     * Gradients of the mean cross entropy of the last pass; TRAINING only, once a forward pass, before other images are set.
     *
     * @throws IllegalStateException if no forward pass has gone through since the last backward pass, load, step or setting of images
     * @throws NonFiniteException naming the first gradient, in the order of computation, that is no number
     */
    public void backward() {
        enterBackward();
        try {
            core.execution.backward();
        } finally {
            exitBackward();
        }
    }

    /**
     * Gradients of an objective of the last pass; TRAINING only, once a forward pass.
     *
     * @param <T> what targets of this objective are
     * @param targets of the images of the pass
     * @param objective what is minimised
     * @return the objective's value
     * @throws IllegalArgumentException if the targets do not fit; a backward pass may follow still
     * @throws NonFiniteException naming the first target, image or gradient that is no number
     */
    public <T> double backward(Objective<T> objective, T targets) {
        Given.notNull(objective, "session: objective", "a loss, or a weighted sum of several");
        enterBackward();
        try {
            return core.execution.backward(objective, targets);
        } finally {
            exitBackward();
        }
    }

    /**
     * Growth as in {@link #backward(int[], GradientSink[])}, from an objective as in {@link #backward(Objective, Object)}.
     *
     * @param <T> what targets of this objective are
     * @param objective what is minimised
     * @param targets of the images of the pass
     * @param parameters positions of weights in {@link Network#parameters()}, none of them twice
     * @param growth growth[i] is offered the gradient of every pruned position of parameters[i]
     * @return the objective's value
     */
    public <T> double backward(Objective<T> objective, T targets, int[] parameters, GradientSink[] growth) {
        Given.notNull(objective, "session: objective", "a loss, or a weighted sum of several");
        Given.notNull(parameters, "session: parameters", "positions of weights in Network.parameters(), and a sink for each");
        Given.notNull(growth, "session: growth", "positions of weights in Network.parameters(), and a sink for each");
        enterBackward();
        try {
            return core.execution.backward(objective, targets, parameters, growth);
        } finally {
            exitBackward();
        }
    }

    private void enterBackward() {
        guard.enter();
        try {
            guard.useResults();
            core.workers().acquire();
        } catch (IllegalStateException e) {
            guard.exit();
            throw e;
        }
    }

    private void exitBackward() {
        core.workers().release();
        guard.exit();
    }

    /**
     * As {@link #backward()}, and offers the gradient of every PRUNED position of some weights (flat {@code state_dict} index) to sinks.
     * They are produced a few rows at a time; nothing of a layer's dense size is held.
     *
     * @param parameters positions of weights in {@link Network#parameters()}, none of them twice
     * @param growth growth[i] belongs to parameters[i]
     */
    public void backward(int[] parameters, GradientSink[] growth) {
        Given.notNull(parameters, "session: parameters", "positions of weights in Network.parameters(), and a sink for each");
        Given.notNull(growth, "session: growth", "positions of weights in Network.parameters(), and a sink for each");
        enterBackward();
        try {
            core.execution.backward(parameters, growth);
        } finally {
            exitBackward();
        }
    }

    /**
     * Growth as in {@link #backward(int[], GradientSink[])}, from a given gradient as in {@link #backward(float[])}.
     *
     * @param parameters positions of weights in {@link Network#parameters()}, none of them twice
     * @param growth growth[i] is offered the gradient of every pruned position of parameters[i]
     * @param outputGradient of the outputs, N,C,H,W
     */
    public void backward(int[] parameters, GradientSink[] growth, float[] outputGradient) {
        Given.notNull(parameters, "session: parameters", "positions of weights in Network.parameters(), and a sink for each");
        Given.notNull(growth, "session: growth", "positions of weights in Network.parameters(), and a sink for each");
        Given.notNull(outputGradient, "session: outputGradient", "a value an output in the order N,C,H,W");
        enterBackward();
        try {
            core.execution.backward(parameters, growth, outputGradient);
        } finally {
            exitBackward();
        }
    }

    /**
     * As {@link #backward()}, from a given gradient of the outputs in place of the cross entropy's.
     *
     * @param outputGradient N,C,H,W, one finite value an output
     */
    public void backward(float[] outputGradient) {
        Given.notNull(outputGradient, "session: outputGradient", "a value an output in the order N,C,H,W");
        enterBackward();
        try {
            core.execution.backward(outputGradient);
        } finally {
            exitBackward();
        }
    }

    /**
     * As {@link #backward()}, from given gradients of several outputs.
     *
     * @param outputGradients by the outputs' names, N,C,H,W, one finite value an output; outputs that are not in it have a gradient of 0
     * @throws IllegalArgumentException if there is none, one has no output of its name, or does not fit it
     */
    public void backward(Map<String, float[]> outputGradients) {
        Given.notNull(outputGradients, "session: outputGradients", "arrays by names of outputs");
        enterBackward();
        try {
            core.execution.backward(outputGradients);
        } finally {
            exitBackward();
        }
    }

    /**
     * From here on weight gradients of convolutions see only the largest activations: of every channel of an image group that share of the
     * non-zero values, by magnitude; the images themselves are not cut. Values, loss and gradients of activations stay as they are. It
     * saves no memory here: a backward pass computes activations from the stored maps, piece by piece, and cuts them then.
     *
     * @param share in (0, 1]; 1: all, as in a fresh session
     */
    public void keepActivations(double share) {
        guard.enter();
        try {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("session: keeping a share " + share
                        + " of the activations, must be above 0 and at most 1");
            }
            core.pass.thinning = share == 1 ? null : new ActivationPruning(share, core.workers());
        } finally {
            guard.exit();
        }
    }

    /**
     * The gradient of the images after a backward pass, N,C,H,W, as a new array. Computed from what the session keeps of the pass, so read
     * it before the next images are set.
     *
     * @return one value a value of the images of the pass
     * @throws IllegalStateException if the session was not opened with {@link InputGradient#COMPUTED}, no backward pass has gone through,
     *     or a forward pass has begun since
     */
    public float[] inputGradient() {
        guard.enter();
        try {
            guard.useResults();
            return core.execution.inputGradient();
        } finally {
            guard.exit();
        }
    }
}
