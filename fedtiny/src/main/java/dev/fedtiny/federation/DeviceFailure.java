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
        /** The device said itself that its numbers were no longer finite: its training or evaluation diverged. */
        DIVERGED,
        /** The answer was not a valid message and was thrown away. */
        REJECTED,
        /** The answer was valid, but out of all proportion to those of the other devices, and was thrown away. */
        OUTLIER,
        /** The device was not there in this round: a simulated dropout. */
        OFFLINE,
        /** The answer did not come before the round's deadline, or came after it and was thrown away. */
        LATE,
        /** Others had answered sooner, and the round wanted no more than these. */
        RELEASED,
        /** Its values came or would have come, but the masks of the secure sum they are in cannot be taken off. */
        UNSUMMED
    }
}
