package dev.fedtiny.engine.model;

/**
 * How a training session stores activations, and their gradients, between the steps that write and read them. The choice is a part of the
 * configuration: it changes results slightly, and they are the same bits again for any number of threads, any form of the weights and any
 * kernels. Arithmetic, sums, parameters, their gradients and the optimiser's state are float32 in either form.
 */
public enum ActivationStorage {
    /** As they are, 4 bytes a value. */
    FLOAT32,
    /**
     * Rounded to bfloat16, 2 bytes a value: the exponents of float32, so that nothing overflows that did not before, and eight significant
     * bits, to nearest, ties to even; NaN and infinity stay what they are. A gradient with several contributions is rounded after each.
     * Statistics of a batch normalisation are those of what is stored, so forward and backward pass agree. The images, the network's
     * outputs and maps of a single pixel stay float32 ("A Study of BFLOAT16 for Deep Learning Training", arXiv 1905.12322).
     */
    BFLOAT16
}
