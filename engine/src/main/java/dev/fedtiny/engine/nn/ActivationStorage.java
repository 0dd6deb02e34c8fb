package dev.fedtiny.engine.nn;

/**
 * How a training session keeps the maps that the backward pass needs. The choice is a part of the configuration: it changes results
 * slightly, and they are the same bits again for any number of threads, any form of the weights and any kernels.
 */
public enum ActivationStorage {
    /** As they are. */
    FLOAT32,
    /**
     * Rounded to half precision (ties to even, above 65504 to infinity) where single precision would cost memory. Maps of late layers
     * are dead by the time the gradients of early ones need their place, so some stay in single precision for nothing. Statistics are
     * taken before rounding; arithmetic stays in single precision.
     */
    FLOAT16
}
