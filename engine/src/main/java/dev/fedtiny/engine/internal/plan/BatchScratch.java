package dev.fedtiny.engine.internal.plan;

/** Scratch in a piece of the arena that is free for a moment: no piece where the arena has none. */
final class BatchScratch {
    private boolean found;
    /** The piece that this one lies in, or null. */
    private BatchScratch within;
    /** Where in it. */
    private int behind;
    private long floats;
    private float[] data;
    private int origin;
    /** What the arena was asked for, or null where room is only looked for. */
    private ArenaPlan.Request request;

    /** Looks for room from step {@code first} to step {@code last}; nothing grows. */
    void find(ArenaPlan arena, long wanted, int first, int last) {
        floats = wanted;
        within = null;
        found = arena.fit(wanted, first, last, this::take);
    }

    /** Asks for room from step {@code first} to step {@code last}, which the next layout finds. */
    void request(ArenaPlan arena, long wanted, int first, int last) {
        floats = wanted;
        within = null;
        found = true;
        request = arena.request(wanted, first, last, this::take);
    }

    /** Takes the request back. */
    void withdraw(ArenaPlan arena) {
        if (request != null) {
            arena.withdraw(request);
            request = null;
            found = false;
        }
    }

    /** Takes all of the largest place that is free in a step; nothing grows. */
    void fill(ArenaPlan arena, int step) {
        within = null;
        floats = arena.fill(step, step, this::take);
        found = floats > 0;
    }

    /** Whether there is room for so many floats. */
    boolean holds(long wanted) {
        return found && wanted <= floats;
    }

    private void take(float[] place, int at) {
        data = place;
        origin = at;
    }

    /** Lies, {@code at} floats behind its beginning, in a piece of the same step that is not used at the same time, if that is so large. */
    void findIn(BatchScratch other, int at, long wanted) {
        if (!found && other.found && at + wanted <= other.floats) {
            within = other;
            behind = at;
            floats = wanted;
            found = true;
        }
    }

    /** Gives the room up. */
    void leave() {
        found = false;
    }

    boolean found() {
        return found;
    }

    /** Gives each group of the batch its place here or, where there is no room, from {@code first} on in {@code array}. */
    void bind(BufferBinding buffer, int groupFloats, float[] array, int first) {
        buffer.bindGroups(found ? data() : array, found ? origin() : first, groupFloats);
    }

    /** Gives each slot its place here or, where there is no room, from {@code first} on in {@code array}. */
    void bindSlots(BufferBinding buffer, int slotFloats, float[] array, int first) {
        buffer.bindSlots(found ? data() : array, found ? origin() : first, slotFloats);
    }

    float[] data() {
        return within == null ? data : within.data;
    }

    int origin() {
        return within == null ? origin : within.origin + behind;
    }
}
