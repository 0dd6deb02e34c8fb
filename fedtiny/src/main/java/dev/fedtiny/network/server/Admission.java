package dev.fedtiny.network.server;

import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.Capacity;
import dev.fedtiny.protocol.Platform;
import java.util.Optional;

/** Whether a device that is known may take part with what it says of itself. Asked on any thread. */
@FunctionalInterface
public interface Admission {
    /**
     * Looks at an introduction.
     *
     * @param number the device's
     * @param platform what it computes with
     * @param samples how many it has
     * @param shape of one of them
     * @return why it may not, in a sentence; empty if it may
     */
    Optional<String> refusal(int number, Platform platform, int samples, Shape shape);

    /**
     * Looks at what a device says that it can hold.
     *
     * @param number the device's
     * @param capacity its class or memory
     * @return why it may not take part, in a sentence; empty, as by default, if it may
     */
    default Optional<String> refusal(int number, Capacity capacity) {
        return Optional.empty();
    }
}
