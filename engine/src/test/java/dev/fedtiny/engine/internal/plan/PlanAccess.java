package dev.fedtiny.engine.internal.plan;

/** The way of session tests to what only this package sees. */
public final class PlanAccess {
    /** More than a Java array holds. */
    static final long IMPOSSIBLE = 1L << 32;

    private PlanAccess() {
    }

    /** Asks for scratch that cannot be allocated, and for larger pieces of other scratch besides. */
    public static void askForTheImpossible(Workspace workspace) {
        workspace.needInput(1000 + workspace.bytes());
        workspace.needTransforms(1000 + 2 * workspace.transformFloats());
        workspace.needOffers(1000 + 2 * workspace.offerCount());
        workspace.needLanes(IMPOSSIBLE);
    }

    /** Threads that the work of steps is shared out to. */
    public static int threads(Team team) {
        return team.threads();
    }
}
