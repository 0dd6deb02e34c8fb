package dev.fedtiny.cost;

/** How the papers count a method's training step and memory. F is a forward pass, of the dense or of the sparse model. */
public enum CostClass {
    /** 3·F_dense in every step. */
    DENSE,
    /** 3·F_sparse in every step, under a mask that stays. */
    STATIC,
    /** 2·F_sparse + F_dense in every step: the weight gradient is dense. */
    DENSE_GRADIENT_EVERY_STEP,
    /** 3·F_sparse; 2·F_sparse + F_dense in the one batch of a round that growth gradients come from. */
    GROWTH_IN_ONE_BATCH
}
