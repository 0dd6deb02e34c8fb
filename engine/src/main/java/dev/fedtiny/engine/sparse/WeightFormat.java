package dev.fedtiny.engine.sparse;

/** The forms in which weights are stored and computed with. */
public enum WeightFormat {
    /** Every position; the fastest form above a density of about 0.6. */
    DENSE,
    /** Compressed sparse rows: a 32-bit column a value; the form to compute in below that. */
    CSR,
    /** One bit a position; smallest above a density of about 0.03, meant for storage and messages. */
    BITMASK
}
