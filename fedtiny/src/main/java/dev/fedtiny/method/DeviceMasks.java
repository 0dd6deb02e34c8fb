package dev.fedtiny.method;

/** Whose the masks are that devices train under: what can be built around a method depends on it. */
public enum DeviceMasks {
    /** The server's: in a round all devices train under one mask, and give it back as it was. */
    SHARED,
    /** The server's at the beginning of a round; devices may change theirs in it, and the server makes one of what comes back. */
    CHANGED_BY_DEVICES,
    /** Every device has a mask, and so a model, of its own over the whole run. */
    OWN
}
