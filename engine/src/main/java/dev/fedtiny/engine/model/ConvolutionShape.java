package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Conv2dGeometry;

/**
 * What the times of a convolution's kernels go by, in tables of measurements: its padding, and a second extent of a square kernel, tell
 * nothing more in the networks here.
 *
 * @param inputChannels C
 * @param outputChannels K
 * @param height H
 * @param width W
 * @param kernel R
 * @param stride pixels between two windows
 */
public record ConvolutionShape(int inputChannels, int outputChannels, int height, int width, int kernel, int stride) {
    /** What the numbers of {@link #toString} are. */
    public static final String FIELDS = "C K H W R stride";

    /** The shape of a geometry. */
    public static ConvolutionShape of(Conv2dGeometry geometry) {
        return new ConvolutionShape(geometry.input().channels(), geometry.outputChannels(), geometry.input().height(),
                geometry.input().width(), geometry.kernelHeight(), geometry.stride());
    }

    @Override
    public String toString() {
        return inputChannels + " " + outputChannels + " " + height + " " + width + " " + kernel + " " + stride;
    }
}
