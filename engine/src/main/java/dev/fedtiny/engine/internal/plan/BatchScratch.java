package dev.fedtiny.engine.internal.plan;

/** A piece of the arena that is free for a moment: no piece where the arena has none. */
final class BatchScratch {
    private boolean found;
    private float[] data;
    private int origin;

    /** Looks for room from step {@code first} to step {@code last}; nothing grows. */
    void find(ArenaPlan arena, long floats, int first, int last) {
        found = arena.fit(floats, first, last, (place, at) -> {
            data = place;
            origin = at;
        });
    }

    boolean found() {
        return found;
    }

    /** Gives each group of the batch its place here or, where there is no room, from {@code first} on in {@code array}. */
    void bind(BufferBinding buffer, int groupFloats, float[] array, int first) {
        buffer.bindGroups(found ? data : array, found ? origin : first, groupFloats);
    }

    float[] data() {
        return data;
    }

    int origin() {
        return origin;
    }
}
