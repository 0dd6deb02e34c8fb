package dev.fedtiny.engine.sparse;

/** What a layer's weights are while it computes. All forms but {@link #WINOGRAD} give the same bits. */
public enum ComputeForm {
    /** A 32-bit position and a value a kept weight. */
    CSR,
    /** The storage form itself. */
    BITMASK,
    /** Every position, zeros where pruned. */
    DENSE,
    /**
     * Every 3 × 3 filter as Winograd's transform F(2 × 2, 3 × 3) makes it: 16 values in place of nine, and 4/9 of the multiply-adds. It
     * rounds otherwise than the others.
     */
    WINOGRAD;

    /** The form that computes with what is stored. */
    public static ComputeForm of(WeightFormat format) {
        return switch (format) {
            case CSR -> CSR;
            case BITMASK -> BITMASK;
            case DENSE -> DENSE;
        };
    }

    /** Whether pruned positions have a place too; gradients are then summed over the whole batch, of all positions. */
    public boolean full() {
        return this == DENSE || this == WINOGRAD;
    }
}
