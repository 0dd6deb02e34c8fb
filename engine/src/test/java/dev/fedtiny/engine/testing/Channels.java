package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.tensor.Shape;

/**
 * Which channel an element of an N,C,H,W array belongs to.
 *
 * @param channels C
 * @param pixels H·W
 */
record Channels(int channels, int pixels) {
    static Channels of(Shape shape) {
        return new Channels(shape.channels(), shape.pixels());
    }

    int channel(int element) {
        return element / pixels % channels;
    }

    double[] sums(double[] values) {
        double[] sums = new double[channels];
        for (int i = 0; i < values.length; i++) {
            sums[channel(i)] += values[i];
        }
        return sums;
    }
}
