package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;

/** How a step's input comes into its lanes, where these are not one image each and it is not read as it lies. */
interface LaneReader {
    /**
     * Fills channels {@code [from, to)} of scratch, which begins at {@code base}, channels {@code channel} floats apart. What a band sees
     * of the other one is either packed before, by {@link #pack}, and filled too; or packed meanwhile, and filled by {@link #fillEdges}.
     *
     * @param band that the scratch is of; 0 where there are none
     */
    void read(int band, float[] scratch, int base, int channel, int from, int to);

    /** Whether a band's windows see something of the other one. */
    default boolean crosses() {
        return false;
    }

    /** Floats of what a band's windows see of the other one, the larger of both. */
    default int edgeFloats() {
        return 0;
    }

    /**
     * Bytes that both bands' edges move: written where they are packed, read where they are filled; and those of the maps of a value that
     * is not stored, where it is computed once more to be packed.
     *
     * @param channels that are read
     */
    default long edgeTraffic(int channels) {
        return 0;
    }

    /**
     * Says where edges lie.
     *
     * @param turn which of those that change about: a thread packs the next ones while another still reads these
     * @param behind so many floats of the step's other inputs
     */
    default void placeEdges(int turn, int behind) {
    }

    /** Packs what the other band sees of one, where that is done before it is read. */
    default void pack(int band) {
    }

    /** Fills what a band sees of the other one, which has been packed. */
    default void fillEdges(int band, float[] scratch, int base, int channel, int from, int to) {
    }

    /** Where a lane's own pixels of the value lie in scratch; null where they are handed out. */
    Placement own();

    /** Asks for scratch that reading needs besides. */
    void reserve(Workspace workspace);

    /** Bytes of all arrays. */
    long bytes();
}
