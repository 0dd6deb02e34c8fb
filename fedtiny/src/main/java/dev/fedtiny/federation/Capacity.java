package dev.fedtiny.federation;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a device says that it can hold.
 *
 * @param className the class that it is of; empty where it does not say
 * @param heapBytes what it may hold at most; empty where it does not say
 */
public record Capacity(Optional<String> className, OptionalLong heapBytes) {
    /** Nothing said. */
    public static final Capacity UNSTATED = new Capacity(Optional.empty(), OptionalLong.empty());

    /** Checks that nothing is missing. */
    public Capacity {
        Objects.requireNonNull(className, "class");
        Objects.requireNonNull(heapBytes, "heap");
    }
}
