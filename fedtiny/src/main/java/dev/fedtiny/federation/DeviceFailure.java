package dev.fedtiny.federation;

/**
 * A device that dropped out of an exchange, named and counted.
 *
 * @param device its number
 * @param cause what sort of failure
 * @param reason one sentence
 */
public record DeviceFailure(int device, Cause cause, String reason) {
    /** Sorts of failure. */
    public enum Cause {
        /** No answer came. */
        LOST,
        /** The device said itself that it could not. */
        REPORTED,
        /** The answer was not a valid message and was thrown away. */
        REJECTED
    }
}
