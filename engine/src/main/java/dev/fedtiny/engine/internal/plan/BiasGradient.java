package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.tensor.Layout;

/** The gradient of a bias: the sum of the output's gradient over pixels and images, group by group in double, then joined in order. */
final class BiasGradient {
    private final WeightedStep step;
    private final int rows;
    private final boolean trains;
    /** By group and output channel. */
    private final double[] sums;

    BiasGradient(WeightedStep step, boolean trains, int groups) {
        this.step = step;
        this.rows = step.rows();
        this.trains = trains;
        this.sums = new double[trains ? groups * rows : 0];
    }

    long bytes() {
        return 8L * sums.length;
    }

    /**
     * Sums a group's gradients of some output channels, channel 0 of which lies at {@code base}. A layer that reads the images has a halo
     * where their gradient is wanted, too, and sums without it: that must change no bits here.
     */
    void sum(int group, int base, int from, int to) {
        if (!trains) {
            return;
        }
        Placement placement = step.output.gradientPlacement;
        Placement.Part part = placement.parts()[0];
        float[] gradient = step.outputGradient.data();
        int channel = placement.channel();
        int at = base + from * channel;
        int out = group * rows + from;
        if (step.input.value.map.producer < 0 && part.plane() >= 0 && !placement.isContiguous()) {
            Step.ELEMENTWISE.sumsOfRows(gradient, at + part.place(), channel, part.pitch(), to - from, part.rows(), part.columns(), sums,
                    out);
        } else {
            Step.ELEMENTWISE.sums(gradient, at, channel, to - from, channel / Layout.LANES, sums, out);
        }
    }

    /** Joins the groups' sums, in order, into the bias' gradient. */
    void join(int groups, float[] gradient) {
        if (!trains) {
            return;
        }
        for (int k = 0; k < rows; k++) {
            double sum = 0;
            for (int g = 0; g < groups; g++) {
                sum += sums[g * rows + k];
            }
            gradient[k] = (float) sum;
        }
    }
}
