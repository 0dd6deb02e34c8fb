package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.tensor.Shape;

/**
 * Into which pieces the work of an {@link OperatorLayer} on one image group may be cut, which threads share where they outnumber groups.
 * What a piece computes does not depend on any other, so results do not depend on how many threads there are.
 */
public sealed interface Division {
    /** Every channel is a piece. */
    Division CHANNELS = new Channels(1);

    /** Every few pixels are a piece, with all of their channels. */
    Division PIXELS = new Pixels(8);

    /** Nothing is cut: always right. */
    Division WHOLE = new Whole();

    /**
     * Channels of the output, one after the other, that read channels of the inputs which no others read
     * ({@link OperatorLayer#firstChannel}): those of a group of a group norm, for example.
     *
     * @param part how many; divides the output's channels
     */
    record Channels(int part) implements Division {
    }

    /**
     * Pixels, one after the other, of which each needs all channels and no other pixel: pixel p of the output depends on pixel p of every
     * input, and the gradients of the inputs' pixel p on that of the output's. All inputs have the output's height and width. Sums over
     * pixels for the layer's own parameters are those of a block ({@link Slice#sums}), joined in the order of the blocks.
     *
     * @param block how many are computed by one thread, 8 and more: fewer would share a cache line with others. The last block may have
     *     less
     */
    record Pixels(int block) implements Division {
    }

    /** All of a group is one piece. */
    record Whole() implements Division {
    }

    /**
     * Channels of a piece.
     *
     * @param output the layer's output
     * @return how many channels of it; all unless the division is between channels
     */
    default int part(Shape output) {
        return this instanceof Channels channels ? channels.part : output.channels();
    }

    /**
     * Pixels of a piece.
     *
     * @param output the layer's output, or the tile of it that a lane holds
     * @return how many pixels of it; all unless the division is between pixels
     */
    default int block(Shape output) {
        return this instanceof Pixels pixels ? Math.min(pixels.block, output.pixels()) : output.pixels();
    }
}
