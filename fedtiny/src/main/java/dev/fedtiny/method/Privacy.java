package dev.fedtiny.method;

import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.privacy.SecureAggregation;
import java.util.Objects;
import java.util.Optional;

/**
 * What a run keeps to itself of its devices; by default nothing.
 *
 * @param secure rules of secure sums: the server sees no single update; empty: it sees them all
 */
public record Privacy(Optional<SecureAggregation> secure) {
    /** The server sees every update. */
    public static final Privacy NONE = new Privacy(Optional.empty());

    /** Checks that nothing is missing. */
    public Privacy {
        Objects.requireNonNull(secure, "secure");
    }

    /**
     * Checks that updates can be put together without looking at them.
     *
     * @param robustness of the run
     * @throws IllegalArgumentException if a rule needs single updates, naming it
     */
    public void check(Robustness robustness) {
        if (secure.isPresent() && !(robustness.aggregation() instanceof Aggregation.Mean)) {
            throw new IllegalArgumentException("secure-aggregation = on: aggregation by " + robustness.aggregation().getClass()
                    .getSimpleName() + " looks at single updates, which nobody sees then; use aggregation = mean");
        }
        if (secure.isPresent() && !Double.isInfinite(robustness.updateBound())) {
            throw new IllegalArgumentException("secure-aggregation = on: update-bound compares single updates, which nobody sees then; use "
                    + "update-bound = 0");
        }
        if (robustness.aggregation() instanceof Aggregation.PrivateMean && !Double.isInfinite(robustness.updateBound())) {
            throw new IllegalArgumentException("dp-noise: update-bound lets one device decide whether others count, which no noise covers; "
                    + "use update-bound = 0");
        }
    }

    /**
     * Checks that a method can do with what is not hidden.
     *
     * @param method of the run
     * @param plan what it works by
     * @throws IllegalArgumentException if it cannot, with the reason that it gives
     */
    public void check(Method method, TrainingPlan plan) {
        if (secure.isPresent()) {
            method.refusesSums(plan).ifPresent(reason -> {
                throw new IllegalArgumentException("secure-aggregation = on: method '" + method.name() + "' cannot have it: " + reason);
            });
        }
        if (plan.noise().isPresent()) {
            method.refusesNoise(plan).ifPresent(reason -> {
                throw new IllegalArgumentException("dp-noise: method '" + method.name() + "' cannot have it: " + reason);
            });
        }
    }
}
