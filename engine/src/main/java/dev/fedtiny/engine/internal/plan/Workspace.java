package dev.fedtiny.engine.internal.plan;

import static dev.fedtiny.engine.tensor.Layout.BANDS;

/**
 * Scratch that every operator of a session uses in turn, in slots of one image group each: what is read ("input"), the gradient of what
 * was written, behind eight floats an active position that gradients of weights are collected in ("gradient"), and
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
    /** What bands of an image see of each other: of each band two, which change about. */
    float[] edges = NONE;
    /** Zeros: where sums start that have no bias. */
    float[] zeros = NONE;
    /** Positions that a row of gradients offers to a layer's growth, a piece a thread. */
    int[] offers = new int[0];
    private final Needs asked = new Needs();
    /** What the arrays were made for. */
    private final Needs made = new Needs();

    Workspace(int threads) {
        this.threads = threads;
    }

    void needInput(long floats) {
        asked.input = Math.max(asked.input, floats);
    }

    void needGradient(long floats) {
        asked.gradient = Math.max(asked.gradient, floats);
    }

    void needValues(long floats) {
        asked.values = Math.max(asked.values, floats);
    }

    /** Room for a piece a thread. */
    void needFresh(int floats) {
        asked.fresh = Math.max(asked.fresh, floats);
    }

    void needTiles(long floats) {
        asked.tiles = Math.max(asked.tiles, floats);
    }

    void needLanes(long floats) {
        asked.lanes = Math.max(asked.lanes, floats);
    }

    /** Room for a piece a thread. */
    void needTransforms(int floats) {
        asked.transforms = Math.max(asked.transforms, floats);
    }

    /**
     * Room for a piece of {@link #input} a band, and a thread. Pieces lie alike in all steps of a session that cuts its image into bands,
     * as those of {@link #values}: a thread may be at the next step already while another computes this one.
     */
    void needBandInput(long floats) {
        asked.bandInput = Math.max(asked.bandInput, floats);
        needInput(Math.max(BANDS, threads) * asked.bandInput);
    }

    /** Room for a thread's piece of {@link #values} where threads compute bands. */
    void needBandValues(long floats) {
        asked.bandValues = Math.max(asked.bandValues, floats);
        needValues(Math.max(BANDS, threads) * asked.bandValues);
    }

    /** Room for what one band of an image sees of another in a step. */
    void needEdges(long floats) {
        asked.edges = Math.max(asked.edges, floats);
    }

    /** Floats from a piece of {@link #input} to the next where threads compute bands. */
    int bandInput() {
        return Math.toIntExact(made.bandInput);
    }

    /** Floats from a piece of {@link #values} to the next where threads compute bands. */
    int bandValues() {
        return Math.toIntExact(made.bandValues);
    }

    /** Where one of the two edges of a band that change about begins. */
    int edgeBase(int band, int turn) {
        return Arrays32.ORIGIN + (2 * band + turn) * Math.toIntExact(made.edges);
    }

    void needZeros(int count) {
        asked.zeros = Math.max(asked.zeros, count);
    }

    /** Room for a piece a thread. */
    void needOffers(int count) {
        asked.offers = Math.max(asked.offers, count);
    }

    /** Positions in a thread's piece of {@link #offers}. */
    int offerCount() {
        return made.offers;
    }

    /** Floats of a thread's piece of {@link #fresh}. */
    int freshFloats() {
        return made.fresh;
    }

    /** Floats of a thread's piece of {@link #transforms}. */
    int transformFloats() {
        return made.transforms;
    }

    /**
     * Allocates what has been asked for and is not there yet. Where that is not possible, what was there is again, as if nothing more had
     * been asked for.
     *
     * @throws IllegalArgumentException if a Java array does not hold what has been asked for
     */
    public void allocate() {
        try {
            fit();
            made.take(asked);
        } catch (IllegalArgumentException | OutOfMemoryError e) {
            asked.take(made);
            fit();
            throw e;
        }
    }

    /** Gives up everything first that has another size, so that it does not stand beside what takes its place: scratch holds nothing. */
    private void fit() {
        input = kept(input, asked.input);
        gradient = kept(gradient, asked.gradient);
        values = kept(values, asked.values);
        fresh = kept(fresh, (long) threads * asked.fresh);
        tiles = kept(tiles, asked.tiles);
        edges = kept(edges, 2L * BANDS * asked.edges);
        lanes = kept(lanes, asked.lanes);
        transforms = kept(transforms, (long) threads * asked.transforms);
        input = present(input, asked.input);
        gradient = present(gradient, asked.gradient);
        values = present(values, asked.values);
        fresh = present(fresh, (long) threads * asked.fresh);
        tiles = present(tiles, asked.tiles);
        edges = present(edges, 2L * BANDS * asked.edges);
        lanes = present(lanes, asked.lanes);
        transforms = present(transforms, (long) threads * asked.transforms);
        zeros = zeros.length == asked.zeros ? zeros : new float[asked.zeros];
        offers = offers.length == threads * asked.offers ? offers : new int[threads * asked.offers];
    }

    private static float[] kept(float[] old, long floats) {
        return old.length == length(floats) ? old : NONE;
    }

    private static float[] present(float[] kept, long floats) {
        return kept.length == length(floats) ? kept : Arrays32.allocate(floats);
    }

    private static long length(long floats) {
        return floats == 0 ? 0 : floats + Arrays32.ORIGIN;
    }

    /** Bytes of what has been asked for. */
    public long plannedBytes() {
        return planned(asked.input) + planned(asked.gradient) + planned(asked.values) + planned((long) threads * asked.fresh)
                + planned(asked.tiles) + planned(2L * BANDS * asked.edges) + planned(asked.lanes)
                + planned((long) threads * asked.transforms) + 4L * asked.zeros + 4L * threads * asked.offers;
    }

    private static long planned(long floats) {
        return floats == 0 ? 0 : Arrays32.bytes(floats);
    }

    /** Bytes of what is there. */
    public long bytes() {
        return 4L * ((long) input.length + gradient.length + values.length + fresh.length + tiles.length + edges.length + lanes.length
                + transforms.length + zeros.length + offers.length);
    }

    /** Floats of each array, or of a thread's piece of it where it is cut into such; positions of {@link #offers}. */
    private static final class Needs {
        private long input;
        private long gradient;
        private long values;
        private int fresh;
        private long tiles;
        private long bandInput;
        private long bandValues;
        private long edges;
        private long lanes;
        private int transforms;
        private int zeros;
        private int offers;

        void take(Needs other) {
            input = other.input;
            gradient = other.gradient;
            values = other.values;
            fresh = other.fresh;
            tiles = other.tiles;
            bandInput = other.bandInput;
            bandValues = other.bandValues;
            edges = other.edges;
            lanes = other.lanes;
            transforms = other.transforms;
            zeros = other.zeros;
            offers = other.offers;
        }
    }
}
