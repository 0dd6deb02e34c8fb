package dev.fedtiny.method;

import dev.fedtiny.pruning.AdjustmentSchedule;
import java.util.Objects;
import java.util.Optional;

/**
 * FedTiny (Huang et al., ICDCS 2023, arXiv 2212.01977): adaptive batch-normalisation selection of a coarse mask, then federated training
 * with progressive pruning.
 *
 * @param density d in (0, 1], over the prunable weights
 * @param pool C, how many candidates stage one draws; unused by {@link Selection#NONE} and at density 1
 * @param selection how the coarse mask is picked
 * @param schedule of progressive pruning; empty: the mask stays
 */
public record FedTiny(double density, int pool, Selection selection, Optional<AdjustmentSchedule> schedule) implements Method {
    /** Checks the ranges. */
    public FedTiny {
        if (!(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("density is " + density + ", expected more than 0 and at most 1");
        }
        if (pool < 1) {
            throw new IllegalArgumentException("pool of " + pool + " candidates, expected at least 1");
        }
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(schedule, "schedule");
    }

    /** C = ⌈0.1 / d⌉, which keeps the pool's traffic near a tenth of the dense model's. */
    public static int usualPool(double density) {
        return Math.max(1, (int) StrictMath.ceil(0.1 / density));
    }

    @Override
    public String name() {
        return "fedtiny";
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        throw new UnsupportedOperationException();
    }
}
