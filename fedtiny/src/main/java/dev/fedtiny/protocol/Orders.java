package dev.fedtiny.protocol;

import dev.fedtiny.privacy.SecureAggregation;
import java.util.Objects;
import java.util.Optional;

/**
 * What a server may have a device do, and how the device tells what came of it.
 *
 * @param tasks what it may be asked to do
 * @param secure rules of secure sums: then it tells values of its own in no other way; empty: the server sees them
 */
public record Orders(Kinds<TaskKind> tasks, Optional<SecureAggregation> secure) {
    /** Checks that nothing is missing. */
    public Orders {
        Objects.requireNonNull(tasks, "tasks");
        Objects.requireNonNull(secure, "secure");
    }
}
