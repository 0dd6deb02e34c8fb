package dev.fedtiny.engine.sparse;

import java.util.List;

/**
 * How a convolution or a linear layer computes with its weights, and so the form in which it has them. All give the same bits but
 * {@link #WINOGRAD}. {@code model.AlgorithmPolicy} chooses one for every layer of a session; the type of a {@link Weights} object says
 * which one computes with it.
 */
public enum ConvolutionAlgorithm {
    /** Compressed sparse rows: a 32-bit position and a value an active weight; the fastest below a density of about 0.6. */
    CSR,
    /** One bit a position, and the active values: smallest above a density of about 0.03, for storage and messages,
            slower to compute with. */
    BITMASK,
    /** Every position, zeros where pruned: the fastest above that density. */
    DENSE,
    /**
     * Every 3 × 3 filter as Winograd's transform F(2 × 2, 3 × 3) makes it: 16 values in place of nine, and 4/9 of the multiply-adds. It
     * rounds otherwise than the others. No weights are stored so: they are transformed from dense ones.
     */
    WINOGRAD;

    /** Those that compute with weights as they are stored: every one has its kind of {@link Weights}. */
    public static final List<ConvolutionAlgorithm> STORED = List.of(DENSE, CSR, BITMASK);

    /** {@return whether pruned positions have a place too; gradients are then summed over the whole batch, of all positions} */
    public boolean coversPruned() {
        return this == DENSE || this == WINOGRAD;
    }
}
