package dev.fedtiny.engine.internal.plan;

/**
 * Scratch that every operator of a session uses in turn, in slots of one image group each: what is read ("input"), the gradient of what
 * was written, behind eight floats a kept position that gradients of weights are collected in ("gradient"), and
 * maps that only a clamp's backward pass looks at ("values"). Sizes are asked for first, which allocates nothing; arrays
 * grow only when a plan, other masks or a growth batch need more.
 */
public final class Workspace {
    private static final float[] NONE = new float[0];

    private final int threads;
    float[] input = NONE;
    float[] gradient = NONE;
    float[] values = NONE;
    /** Outputs and gradients before they are rounded and stored, of a group at most, a piece a thread. */
    float[] fresh = NONE;
    /** Rows of a dense gradient, a piece a thread. */
    float[] tiles = NONE;
    /** Scratch of dense gradient kernels, a piece a thread. */
    float[] lanes = NONE;
    /** Scratch of kernels that transform what they read, a piece a thread. */
    float[] transforms = NONE;
    /** Zeros: where sums start that have no bias. */
    float[] zeros = NONE;
    /** Positions that a row of gradients offers to a layer's growth, a piece a thread. */
    int[] offers = new int[0];
    private long inputFloats;
    private long gradientFloats;
    private long valueFloats;
    private int freshFloats;
    private long tileFloats;
    private long laneFloats;
    private int transformFloats;
    private int zeroFloats;
    private int offerCount;

    Workspace(int threads) {
        this.threads = threads;
    }

    void needInput(long floats) {
        inputFloats = Math.max(inputFloats, floats);
    }

    void needGradient(long floats) {
        gradientFloats = Math.max(gradientFloats, floats);
    }

    void needValues(long floats) {
        valueFloats = Math.max(valueFloats, floats);
    }

    /** Room for a piece a thread. */
    void needFresh(int floats) {
        freshFloats = Math.max(freshFloats, floats);
    }

    void needTiles(long floats) {
        tileFloats = Math.max(tileFloats, floats);
    }

    void needLanes(long floats) {
        laneFloats = Math.max(laneFloats, floats);
    }

    /** Room for a piece a thread. */
    void needTransforms(int floats) {
        transformFloats = Math.max(transformFloats, floats);
    }

    void needZeros(int count) {
        zeroFloats = Math.max(zeroFloats, count);
    }

    /** Room for a piece a thread. */
    void needOffers(int count) {
        offerCount = Math.max(offerCount, count);
    }

    /** Positions in a thread's piece of {@link #offers}. */
    int offerCount() {
        return offerCount;
    }

    /** Floats of a thread's piece of {@link #fresh}. */
    int freshFloats() {
        return freshFloats;
    }

    /** Floats of a thread's piece of {@link #transforms}. */
    int transformFloats() {
        return transformFloats;
    }

    /** Allocates what has been asked for and is not there yet. */
    public void allocate() {
        giveUpOutgrown();
        input = grown(input, inputFloats);
        gradient = grown(gradient, gradientFloats);
        values = grown(values, valueFloats);
        fresh = grown(fresh, (long) threads * freshFloats);
        tiles = grown(tiles, tileFloats);
        lanes = grown(lanes, laneFloats);
        transforms = grown(transforms, (long) threads * transformFloats);
        if (zeros.length < zeroFloats) {
            zeros = new float[zeroFloats];
        }
        if (offers.length < threads * offerCount) {
            offers = new int[threads * offerCount];
        }
    }

    /** Before anything is made, so that what a growth batch needs does not stand beside what steps needed: scratch holds nothing. */
    private void giveUpOutgrown() {
        input = kept(input, inputFloats);
        gradient = kept(gradient, gradientFloats);
        values = kept(values, valueFloats);
        fresh = kept(fresh, (long) threads * freshFloats);
        tiles = kept(tiles, tileFloats);
        lanes = kept(lanes, laneFloats);
        transforms = kept(transforms, (long) threads * transformFloats);
    }

    private static float[] kept(float[] old, long floats) {
        return old.length >= floats + Arrays32.ORIGIN || floats == 0 ? old : NONE;
    }

    private static float[] grown(float[] old, long floats) {
        return old.length >= floats + Arrays32.ORIGIN || floats == 0 ? old : Arrays32.allocate(floats);
    }

    /** Bytes of what has been asked for. */
    public long plannedBytes() {
        return planned(inputFloats) + planned(gradientFloats) + planned(valueFloats) + planned((long) threads * freshFloats)
                + planned(tileFloats) + planned(laneFloats) + planned((long) threads * transformFloats) + 4L * zeroFloats
                + 4L * threads * offerCount;
    }

    private static long planned(long floats) {
        return floats == 0 ? 0 : Arrays32.bytes(floats);
    }

    /** Bytes of what is there. */
    public long bytes() {
        return 4L * ((long) input.length + gradient.length + values.length + fresh.length + tiles.length + lanes.length
                + transforms.length + zeros.length + offers.length);
    }
}
