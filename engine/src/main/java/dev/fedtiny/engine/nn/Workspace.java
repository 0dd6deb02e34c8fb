package dev.fedtiny.engine.nn;

/**
 * Scratch that every operator of a session uses in turn, in slots of one image group each: what is read ("input"), the gradient of what
 * was written ("gradient"), and maps that only ReLU's backward pass looks at ("values"). Grows, once, when a plan or a growth batch needs more.
 */
final class Workspace {
    final int threads;
    final int groups;
    float[] input = new float[0];
    float[] gradient = new float[0];
    float[] values = new float[0];
    /** Eight floats a kept position of one layer. */
    float[] accumulators = new float[0];
    /** Rows of a dense gradient, a piece a thread. */
    float[] tiles = new float[0];
    /** Scratch of dense gradient kernels, a piece a thread. */
    float[] lanes = new float[0];
    /** Zeros: where sums start that have no bias. */
    float[] zeros = new float[0];

    Workspace(int threads, int groups) {
        this.threads = threads;
        this.groups = groups;
    }

    void needInput(long floats) {
        input = grown(input, floats);
    }

    void needGradient(long floats) {
        gradient = grown(gradient, floats);
    }

    void needValues(long floats) {
        values = grown(values, floats);
    }

    void needAccumulators(long floats) {
        accumulators = grown(accumulators, floats);
    }

    void needTiles(long floats) {
        tiles = grown(tiles, floats);
    }

    void needLanes(long floats) {
        lanes = grown(lanes, floats);
    }

    void needZeros(int count) {
        if (zeros.length < count) {
            zeros = new float[count];
        }
    }

    private static float[] grown(float[] old, long floats) {
        return old.length >= floats + Arrays32.ORIGIN || floats == 0 ? old : Arrays32.allocate(floats);
    }

    long bytes() {
        return 4L * ((long) input.length + gradient.length + values.length + accumulators.length + tiles.length + lanes.length
                + zeros.length);
    }
}
