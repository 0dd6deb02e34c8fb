package dev.fedtiny.engine.layer;

/**
 * A layer that is computed by an {@link ArrayOperator}: loops over plain arrays. Implement it and {@link ArrayOperator}, add it by
 * {@code Network.Builder.add}, and it runs in every mode: inference of many images and of few in tiles, batch statistics, training, half
 * precision; memory estimate, meter, cost and non-finite search know of it what it says here. It may have small parameters that are never
 * pruned, such as γ and β. For files, register a {@link LayerKind}.
 */
public non-sealed interface OperatorLayer extends Layer {
    /**
     * How pixels of the output depend on those of an input: inference of few images computes maps a tile at a time and asks what a tile
     * needs.
     *
     * @param input which of the layer's inputs, from 0
     * @return by default pixel by pixel; {@link Reads#WHOLE_MAP} is always right
     */
    default Reads reads(int input) {
        return Reads.PIXELS;
    }

    /**
     * Whether channel c of the output depends on channel c of every input alone; all have as many channels then, and threads share
     * channels where there are few images. Else the operator gets all of an image group at once, unless it says how that may be divided
     * ({@link #division}).
     *
     * @return by default true
     */
    default boolean channelwise() {
        return true;
    }

    /**
     * Into which pieces the work on an image group may be cut, so that threads share it where there are few images.
     *
     * @return by default {@link Division#CHANNELS} where the layer is channelwise, else {@link Division#WHOLE}
     */
    default Division division() {
        return channelwise() ? Division.CHANNELS : Division.WHOLE;
    }

    /**
     * Where the channels of an input begin that parts of the output read: those from channel k to channel m read the channels from
     * {@code firstChannel(input, k)} to {@code firstChannel(input, m)}, which may be none.
     *
     * @param input which of the layer's inputs, from 0
     * @param channel of the output, the first of a piece of {@link #division}, or the number of its channels
     * @return a channel of the input, or the number of its channels; it does not fall as {@code channel} rises
     */
    default int firstChannel(int input, int channel) {
        return channelwise() ? channel : channel == 0 ? 0 : inputs().get(input).channels();
    }

    /**
     * Whether every channel is computed as every other: its number and parameters play no part. Inference of a single image may put
     * channels into the lanes then, of layers that are channelwise and have one input.
     *
     * @return by default false, which is always right
     */
    default boolean treatsChannelsAlike() {
        return false;
    }

    /**
     * Whether it leaves its only input as it is, in training or elsewhere: then nothing is computed, as for dropout in inference.
     *
     * @param training whether the session is for training
     * @return by default false
     */
    default boolean isIdentity(boolean training) {
        return false;
    }

    /**
     * The loops over maps of given extents; called once a session.
     *
     * @param view extents of inputs and output, which differ from the layer's own where maps are cut into tiles
     * @return the loops
     */
    ArrayOperator bind(View view);
}
