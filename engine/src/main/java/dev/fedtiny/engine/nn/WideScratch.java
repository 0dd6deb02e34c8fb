package dev.fedtiny.engine.nn;

/** A piece of the arena that is free for a moment: no piece where the arena has none. */
final class WideScratch {
    private boolean found;
    private float[] data;
    private int origin;

    /** Looks for room at one step; nothing grows. */
    void find(ArenaPlan arena, long floats, int step) {
        found = arena.fit(floats, step, step, (place, at) -> {
            data = place;
            origin = at;
        });
    }

    boolean found() {
        return found;
    }

    float[] data() {
        return data;
    }

    int origin() {
        return origin;
    }
}
