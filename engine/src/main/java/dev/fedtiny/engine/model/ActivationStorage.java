package dev.fedtiny.engine.model;

/**
 * How a training session keeps the maps that the backward pass needs. The choice is a part of the configuration: it changes results
 * slightly, and they are the same bits again for any number of threads, any form of the weights and any kernels.
 */
public enum ActivationStorage {
    /** As they are. */
    FLOAT32,
    /**
     * Rounded to half precision (eleven significant bits, ties to even) where single precision would cost memory. The range is that of
     * single precision: a channel of an image group that holds magnitudes from 65,520 on, which half precision has no numbers for, is
     * divided by a power of two first and multiplied by it when it is read; values of such a channel below 2^−24 of that power become 0.
     * All other channels are stored as they are, with numbers down to 2^−24, about 6·10^−8. NaN and infinity stay what they are. Maps of
     * late layers are dead by the time the gradients of early ones need their place, so some stay in single precision for nothing.
     * Statistics are taken before rounding; arithmetic stays in single precision.
     */
    FLOAT16
}
