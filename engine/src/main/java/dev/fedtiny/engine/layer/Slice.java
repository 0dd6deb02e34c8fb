package dev.fedtiny.engine.layer;

/**
 * Some pieces ({@link Division}) of one image group in one call of an {@link ArrayOperator}: some channels, or all channels of some pixels.
 * Maps lie {@code [channel][row][column][8]} with {@link dev.fedtiny.engine.tensor.Layout#LANES} images innermost; a position given for one
 * is that of the slice's first channel and first pixel. Channels lie as far apart as all pixels of the {@link View} take. It is used again
 * for the next call: nothing of it may be kept.
 */
public interface Slice {
    /** {@return how many channels of the output these are: whole pieces, or all} */
    int channels();

    /** {@return the number of the first of them} */
    int firstChannel();

    /** {@return how many pixels of the output these are, row by row: whole blocks of {@link Division.Pixels}, or all of the view's} */
    int pixels();

    /** {@return the number of the first of them} */
    int firstPixel();

    /**
     * Channels of an input that belong to the slice ({@link OperatorLayer#firstChannel}).
     *
     * @param input which of the layer's inputs, from 0
     * @return how many; may be none
     */
    int channels(int input);

    /** {@return the number of the image group: its images are {@code LANES·group} and up} */
    int group();

    /** {@return lanes that hold images, the first ones} The others hold finite values that mean nothing. */
    int lanes();

    /**
     * An input; only to be read.
     *
     * @param input which of the layer's inputs, from 0
     * @return the array in which it lies, from {@link #xAt} on
     */
    float[] x(int input);

    /**
     * Where an input begins.
     *
     * @param input which of the layer's inputs, from 0
     * @return a position in {@link #x}
     */
    int xAt(int input);

    /** {@return the output: written by forward, only to be read by backward} */
    float[] y();

    /** {@return where the output begins} */
    int yAt();

    /** {@return the gradient of the output; only to be read} */
    float[] dy();

    /** {@return where the gradient of the output begins} */
    int dyAt();

    /**
     * Whether the gradient of an input is wanted; else there is no array for it.
     *
     * @param input which of the layer's inputs, from 0
     * @return whether backward computes it
     */
    boolean wanted(int input);

    /**
     * Whether the gradient of an input has begun already and is added to; else all of it is set.
     *
     * @param input which of the layer's inputs, from 0
     * @return true: add, false: set
     */
    boolean adds(int input);

    /**
     * The gradient of an input.
     *
     * @param input which of the layer's inputs, from 0
     * @return the array in which it lies, from {@link #dxAt} on; in the input's layout
     */
    float[] dx(int input);

    /**
     * Where the gradient of an input begins.
     *
     * @param input which of the layer's inputs, from 0
     * @return a position in {@link #dx}
     */
    int dxAt(int input);

    /**
     * Values of one of the layer's parameters, from position 0 on, whatever the slice.
     *
     * @param parameter which of {@link Layer#parameters()}, from 0
     * @return its live values; only to be read
     */
    float[] parameter(int parameter);

    /**
     * Where backward sets the gradient of a parameter, of this slice's images and pixels alone; null where it is not trained. Of a layer
     * that is divided between pixels and has parameters, a slice is one block in backward.
     *
     * @param parameter which of {@link Layer#parameters()}, from 0
     * @return set from {@link #sumsAt} on; blocks of pixels, and then image groups, are joined afterwards in their order, so that bits do
     *     not depend on threads
     */
    double[] sums(int parameter);

    /**
     * Position in {@link #sums} of the parameter's position 0.
     *
     * @param parameter which of {@link Layer#parameters()}, from 0
     * @return a position in {@link #sums}
     */
    int sumsAt(int parameter);

    /** {@return scratch of the calling thread: {@link ArrayOperator#scratchFloats} floats that hold anything} */
    float[] scratch();

    /** {@return where the scratch begins} */
    int scratchAt();

    /** {@return seed of the session's random masks} */
    long seed();

    /** {@return the number of the forward pass, from 1 on in a session, the same in the backward pass that follows it} */
    long pass();

    /** {@return number of the layer among the session's steps} */
    int step();
}
