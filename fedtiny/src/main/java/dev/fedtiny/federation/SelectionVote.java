package dev.fedtiny.federation;

/** How the devices' losses decide between the candidates of stage one. */
public enum SelectionVote {
    /**
     * The median over the devices of how much better a candidate does than the device's median candidate: every device has one vote, and a
     * minority cannot choose whatever losses it states.
     */
    MEDIAN,
    /** The mean loss over all development samples, as in the paper: a device weighs as much as the samples it states. */
    MEAN
}
