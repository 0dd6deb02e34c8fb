package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.tensor.NonFiniteException;

/** What a session's last forward pass gave: outputs, losses, classes and features. */
abstract class PassResults extends PassImages {
    PassResults(SessionCore core) {
        super(core);
    }

    /** {@return how many images the last forward pass took} */
    public int count() {
        guard.look();
        return core.pass.count();
    }

    /** The caller reads results of the last pass; ends with the guard's exit. */
    private void enterResults() {
        guard.enter();
        try {
            core.execution.checkForward();
            guard.useResults();
        } catch (IllegalStateException e) {
            guard.exit();
            throw e;
        }
    }

    /**
     * One logit of the last pass.
     *
     * @param image from 0, below {@link #count()}
     * @param label class, from 0; for outputs of several pixels the position in C,H,W order
     * @return the value
     */
    public float logit(int image, int label) {
        enterResults();
        try {
            return core.outputs.logit(image, label);
        } finally {
            guard.exit();
        }
    }

    /**
     * The class of largest logit of one image of the last pass; the lowest one on ties.
     *
     * @param image from 0, below {@link #count()}
     * @return the class, from 0
     * @throws NonFiniteException if one of the logits is NaN or infinite, whatever {@link FiniteCheck} says
     */
    public int predicted(int image) {
        enterResults();
        try {
            return core.outputs.predicted(image);
        } finally {
            guard.exit();
        }
    }

    /**
     * Softmax over the outputs of one image of the last pass, in double, as a new array: one probability a class.
     *
     * @param image from 0, below {@link #count()}
     * @return probabilities that sum to 1
     * @throws NonFiniteException as {@link #predicted}
     */
    public double[] probabilities(int image) {
        enterResults();
        try {
            return core.outputs.probabilities(image);
        } finally {
            guard.exit();
        }
    }

    /**
     * The classes of the largest logits of one image of the last pass, as a new array: largest first, lower classes first on ties.
     *
     * @param count how many, at most as many as there are classes
     * @param image from 0, below {@link #count()}
     * @return classes, from 0
     * @throws NonFiniteException as {@link #predicted}
     */
    public int[] topClasses(int image, int count) {
        enterResults();
        try {
            return core.outputs.topClasses(image, count);
        } finally {
            guard.exit();
        }
    }

    /** {@return sum over the images of the last pass of the cross entropy against {@link Session#labels()}, in double} */
    public double lossSum() {
        enterResults();
        try {
            return core.outputs.lossSum();
        } finally {
            guard.exit();
        }
    }

    /**
     * {@return how many images of the last pass have their label as largest logit (lowest class on ties)}
     *
     * @throws NonFiniteException as {@link #predicted}
     */
    public int correct() {
        enterResults();
        try {
            return core.outputs.correct();
        } finally {
            guard.exit();
        }
    }

    /**
     * Whether targets fit an objective, before a pass.
     *
     * @param <T> what targets of this objective are
     * @param images of the pass to come
     * @param objective what will be minimised
     * @param targets of the images of the pass to come; only read
     * @return what the objective's first loss will divide by: how much the batch weighs among several
     * @throws IllegalArgumentException if they do not fit
     * @throws NonFiniteException naming the first target that is no number
     */
    public <T> double checkTargets(Objective<T> objective, T targets, int images) {
        Given.notNull(objective, "session: objective", "a loss, or a weighted sum of several");
        guard.enter();
        try {
            return core.outputs.check(objective, targets, images);
        } finally {
            guard.exit();
        }
    }

    /**
     * The value of an objective on the last pass.
     *
     * @param <T> what targets of this objective are
     * @param targets of the images of the pass
     * @param objective what is computed of outputs and targets
     * @return the mean as the objective defines it
     * @throws IllegalArgumentException if they do not fit
     * @throws NonFiniteException naming the first target that is no number, or the image whose loss is none
     */
    public <T> double loss(Objective<T> objective, T targets) {
        Given.notNull(objective, "session: objective", "a loss, or a weighted sum of several");
        enterResults();
        try {
            return core.outputs.value(objective, targets);
        } finally {
            guard.exit();
        }
    }

    /** {@return the outputs of the last pass, N,C,H,W, as a new array} */
    public float[] outputs() {
        enterResults();
        try {
            return core.outputs.values();
        } finally {
            guard.exit();
        }
    }

    /**
     * One of several outputs of the last pass.
     *
     * @param output its name, one of {@link Network#outputs()}
     * @return N,C,H,W, as a new array
     * @throws IllegalArgumentException if there is none of that name
     */
    public float[] outputs(String output) {
        Given.notNull(output, "session: output", "a name of Network.outputs()");
        enterResults();
        try {
            return core.outputs.values(output);
        } finally {
            guard.exit();
        }
    }

    /**
     * What an inner layer gave in the last pass: features, for a classifier of the application's own, or to look at. In training as in
     * inference; computed from the maps that the session keeps, so read it before the next images are set. Cost: two arrays of the layer's
     * size.
     *
     * @param layer position in {@link Network#layers()}, one of {@link SessionOptions#features()}
     * @return N,C,H,W, as a new array
     * @throws IllegalArgumentException if the session was not opened for that layer's values
     * @throws IllegalStateException if there is no pass yet, or other values have been loaded or images set since
     */
    public float[] features(int layer) {
        enterResults();
        try {
            return core.execution.features(layer);
        } finally {
            guard.exit();
        }
    }
}
