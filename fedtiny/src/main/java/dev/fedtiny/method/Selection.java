package dev.fedtiny.method;

/** How FedTiny's first stage picks the coarse mask. */
public enum Selection {
    /** Pool, recalibration of running statistics on the devices, evaluation with the aggregated ones: the paper's stage one. */
    ADAPTIVE,
    /** The same pool, evaluated with the server's own statistics. */
    VANILLA,
    /** No exchange: every prunable layer keeps its ⌊d·n_l⌋ largest weights. */
    NONE
}
