package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.loss.Loss;
import dev.fedtiny.engine.tensor.Shape;

/**
 * What a session minimises by itself: cross entropy against its own labels, of which it has a batch; every output is a class.
 *
 * @param classes the outputs as a vector, whatever their shape is
 */
record LabelLoss(CrossEntropy loss, Shape classes) implements Loss<int[]> {
    LabelLoss(Shape output) {
        this(new CrossEntropy(), Shape.features(output.size()));
    }

    @Override
    public void check(Shape output, int images, int[] labels) {
        for (int image = 0; image < images; image++) {
            if (labels[image] < 0 || labels[image] >= output.size()) {
                throw new IllegalArgumentException("labels: image " + image + " has label " + labels[image] + ", must be in [0, "
                        + output.size() + ")");
            }
        }
    }

    @Override
    public double divisor(Shape output, int images, int[] labels) {
        return images;
    }

    @Override
    public double differentiate(Shape output, double[] values, int image, int[] labels) {
        return loss.differentiate(classes, values, image, labels);
    }
}
