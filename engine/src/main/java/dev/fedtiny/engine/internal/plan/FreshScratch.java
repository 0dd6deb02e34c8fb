package dev.fedtiny.engine.internal.plan;

/** Values before they are rounded and stored, a piece a thread: in what the arena has left, or in the workspace that all steps share. */
final class FreshScratch {
    /** Floats of a piece that a first-level cache holds: such pieces stay where the step before has left them in it. */
    private static final int NEAR = 8192;

    private final RunContext pass;
    /** Null where nothing is left. */
    private RestScratch rest;
    /** Where the first piece lies in the rest; −1 where it does not. */
    private int place = -1;
    private int floats;

    FreshScratch(RunContext pass) {
        this.pass = pass;
    }

    /** Lies there from now on, where that is enough. */
    void lieIn(RestScratch left) {
        rest = left;
    }

    /** Asks for so many floats a thread. */
    void reserve(Workspace workspace, int floatsAThread) {
        floats = floatsAThread;
        place = rest == null || floats <= NEAR ? -1 : rest.take((long) pass.threads() * floats);
        if (place < 0) {
            workspace.needFresh(floats);
        }
    }

    float[] data() {
        return place < 0 ? pass.workspace.fresh : rest.data();
    }

    /** Where a piece begins. */
    int base(int piece) {
        return place < 0 ? Arrays32.ORIGIN + piece * pass.workspace.freshFloats() : rest.at(place) + piece * floats;
    }
}
