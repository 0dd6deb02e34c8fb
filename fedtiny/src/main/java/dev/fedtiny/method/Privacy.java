package dev.fedtiny.method;

import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.settings.Refusals;
import java.util.ArrayList;
import java.util.List;
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

    private static final String SECURE = "secure-aggregation = on: ";
    private static final String NOISE = "dp-noise: ";

    /** Checks that nothing is missing. */
    public Privacy {
        Objects.requireNonNull(secure, "secure");
    }

    /**
     * Everything that stands in the way of what is hidden.
     *
     * @param sumsOnly whether the server sees no single update
     * @param robustness of the run
     * @param method of the run
     * @return a refusal each, often none
     */
    public static List<IllegalArgumentException> conflicts(boolean sumsOnly, Robustness robustness, Method method) {
        List<IllegalArgumentException> found = ofRules(sumsOnly, robustness);
        if (sumsOnly) {
            method.refusesSums(robustness).ifPresent(reason -> found.add(refused(SECURE, method, reason)));
        }
        if (robustness.aggregation() instanceof Aggregation.PrivateMean) {
            method.refusesNoise(robustness).ifPresent(reason -> found.add(refused(NOISE, method, reason)));
        }
        return found;
    }

    private static List<IllegalArgumentException> ofRules(boolean sumsOnly, Robustness robustness) {
        List<IllegalArgumentException> found = new ArrayList<>();
        boolean bounded = !Double.isInfinite(robustness.updateBound());
        boolean noisy = robustness.aggregation() instanceof Aggregation.PrivateMean;
        if (sumsOnly && noisy) {
            found.add(new IllegalArgumentException(SECURE + "dp-noise looks at single updates to clip them, which nobody sees then; "
                    + "use one of the two"));
        } else if (sumsOnly && !(robustness.aggregation() instanceof Aggregation.Mean)) {
            found.add(new IllegalArgumentException(SECURE + "aggregation by " + robustness.aggregation().getClass().getSimpleName()
                    + " looks at single updates, which nobody sees then; use aggregation = mean"));
        }
        if (sumsOnly && bounded) {
            found.add(new IllegalArgumentException(SECURE + "update-bound compares single updates, which nobody sees then; use "
                    + "update-bound = 0"));
        } else if (noisy && bounded) {
            found.add(new IllegalArgumentException(NOISE + "update-bound lets one device decide whether others count, which no noise "
                    + "covers; use update-bound = 0"));
        }
        return found;
    }

    private static IllegalArgumentException refused(String what, Method method, String reason) {
        return new IllegalArgumentException(what + "method '" + method.name() + "' cannot have it: " + reason);
    }

    private static void refuse(List<IllegalArgumentException> found) {
        Refusals refusals = new Refusals();
        found.forEach(refusals::add);
        refusals.refuse();
    }

    /**
     * Checks that updates can be put together without looking at them.
     *
     * @param robustness of the run
     * @throws IllegalArgumentException if rules need single updates, naming them
     */
    public void check(Robustness robustness) {
        refuse(ofRules(secure.isPresent(), robustness));
    }

    /**
     * Checks that a method can do with what is not hidden, too.
     *
     * @param robustness of the run
     * @param method of the run
     * @throws IllegalArgumentException if it cannot, with the reason that it gives
     */
    public void check(Robustness robustness, Method method) {
        refuse(conflicts(secure.isPresent(), robustness, method));
    }
}
