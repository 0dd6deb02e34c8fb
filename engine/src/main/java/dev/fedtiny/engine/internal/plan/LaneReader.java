package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;

/** How a step's input comes into its lanes, where these are not one image each and it is not read as it lies. */
interface LaneReader {
    /** Fills channels {@code [from, to)} of scratch, which begins at {@code base}, channels {@code channel} floats apart. */
    void read(float[] scratch, int base, int channel, int from, int to);

    /** Where a lane's own pixels of the value lie in scratch; null where they are handed out. */
    Placement own();

    /** Asks for scratch that reading needs besides. */
    void reserve(Workspace workspace);

    /** Bytes of all arrays. */
    long bytes();
}
