package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;

/** What targets of more than one loss must hold. */
final class Targets {
    private Targets() {
    }

    /** One finite value an output. */
    static void checkValues(String loss, Shape output, int images, float[] targets) {
        if (targets.length != (long) images * output.size()) {
            throw new IllegalArgumentException(loss + ": " + targets.length + " targets; " + images + " images with outputs of " + output
                    + " need " + (long) images * output.size() + ", one an output");
        }
        for (int i = 0; i < targets.length; i++) {
            if (!Float.isFinite(targets[i])) {
                throw new NonFiniteException(loss + ": target " + i % output.size() + " of image " + i / output.size() + " is " + targets[i]
                        + ", must be finite");
            }
        }
    }

    /** One value in [0, 1] an output. */
    static void checkShares(String loss, Shape output, int images, float[] targets) {
        checkValues(loss, output, images, targets);
        for (int i = 0; i < targets.length; i++) {
            if (!(targets[i] >= 0 && targets[i] <= 1)) {
                throw new IllegalArgumentException(loss + ": target " + i % output.size() + " of image " + i / output.size() + " is "
                        + targets[i] + ", must be in [0, 1]");
            }
        }
    }

    /** Every output of every image. */
    static double all(Shape output, int images) {
        return (double) images * output.size();
    }
}
