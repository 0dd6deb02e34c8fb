package dev.fedtiny.engine.layer;

/**
 * Some channels of one image group in one call of an {@link ArrayOperator}. Every piece is contiguous, {@code [channel][row][column][8]}
 * with {@link dev.fedtiny.engine.tensor.Layout#LANES} images innermost, and begins at the position given for it, with the slice's first
 * channel. It is used again for the next call: nothing of it may be kept.
 */
public interface Slice {
    /** Channels of the output; all there are where the layer is not channelwise. */
    int channels();

    /** The first of them. */
    int firstChannel();

    /** Number of the image group: its images are {@code 8·group} and up. */
    int group();

    /** Lanes that hold images, the first ones. The others hold finite values that mean nothing. */
    int lanes();

    /** An input; only to be read. */
    float[] x(int input);

    /** Where an input begins. */
    int xAt(int input);

    /** The output: written by forward, only to be read by backward. */
    float[] y();

    /** Where the output begins. */
    int yAt();

    /** The gradient of the output; only to be read. */
    float[] dy();

    /** Where the gradient of the output begins. */
    int dyAt();

    /** Whether the gradient of an input is wanted; else there is no array for it. */
    boolean wanted(int input);

    /** Whether the gradient of an input has begun already and is added to; else all of it is set. */
    boolean adds(int input);

    /** The gradient of an input. */
    float[] dx(int input);

    /** Where the gradient of an input begins. */
    int dxAt(int input);

    /** Values of one of the layer's parameters, from position 0 on, whatever the slice. */
    float[] parameter(int parameter);

    /** Where backward sets the gradient of a parameter, of this slice's images alone; null where it is not trained. */
    double[] sums(int parameter);

    /** Position in {@link #sums} of the parameter's position 0. */
    int sumsAt(int parameter);

    /** Scratch of the calling thread. */
    float[] scratch();

    /** Where that begins. */
    int scratchAt();

    /** Seed of the session's random masks. */
    long seed();

    /** Number of the forward pass. */
    long pass();

    /** Number of the layer among the session's steps. */
    int step();
}
