package dev.fedtiny.protocol;

/** Whether devices' work is measured. Results do not depend on it. */
public enum Metering {
    /** Nothing is measured, which costs nothing. */
    OFF,
    /** Every operator and message is. */
    ON
}
