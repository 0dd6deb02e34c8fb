package dev.fedtiny.engine.internal.plan;

/**
 * What the arena has left while a step runs forward, or backward, handed out to what the step needs besides its slots: how much that is
 * depends on its weights, which come later than the arena. What finds no room here lies in the {@link Workspace}.
 */
final class RestScratch {
    /** Floats of a cache line, with which every piece begins. */
    private static final int LINE = 16;

    private final BatchScratch room = new BatchScratch();
    private long taken;

    /** Takes what is left in a step; without this there is nothing. */
    void fill(ArenaPlan arena, int step) {
        room.fill(arena, step);
    }

    /** Hands everything out anew. */
    void restart() {
        taken = 0;
    }

    /** Hands out so many floats: answers their place, or −1 where there is no room for them, or none are wanted. */
    int take(long floats) {
        if (floats == 0 || !room.holds(taken + floats)) {
            return -1;
        }
        int place = Math.toIntExact(taken);
        taken += Math.ceilDiv(floats, LINE) * LINE;
        return place;
    }

    float[] data() {
        return room.data();
    }

    /** Position of a place in {@link #data}. */
    int at(int place) {
        return room.origin() + place;
    }
}
