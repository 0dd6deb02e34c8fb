package dev.fedtiny.federation;

import java.util.Optional;

/** Tells late answers from those in time, by what was exchanged: whole frames, so the verdict does not depend on this machine's clock. */
@FunctionalInterface
public interface Deadline {
    /** No answer is late. */
    Deadline NONE = (_, _, _) -> Optional.empty();

    /**
     * Judges a valid answer. Called in the order of the devices, on the caller's thread.
     *
     * @param bytesDown of the request's frame
     * @param bytesUp of the answer's frame
     * @param device from 0
     * @return one sentence why it is late, or empty when it is not
     */
    Optional<String> late(int device, long bytesDown, long bytesUp);
}
