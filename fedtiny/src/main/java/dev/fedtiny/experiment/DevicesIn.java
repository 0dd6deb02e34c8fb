package dev.fedtiny.experiment;

/** Where the devices of a federation work. */
public enum DevicesIn {
    /** In threads of the server's process. */
    THREADS,
    /** Each in a process of its own. */
    PROCESS
}
