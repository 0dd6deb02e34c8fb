package dev.fedtiny.engine.session;

/** Times of passes of a session, while the JVM compiles what they run. */
final class PassTimes {
    /** Passes without a faster one after which the fastest has been. */
    private static final int STILL = 12;
    /** What counts as faster. */
    private static final double NOTICEABLE = 0.9;

    private long best = Long.MAX_VALUE;
    private int since;

    /** Runs a pass of the session over its whole batch; nanoseconds. */
    long run(Session session) {
        long begin = System.nanoTime();
        session.forward(session.batch());
        long nanos = System.nanoTime() - begin;
        since = nanos < NOTICEABLE * best ? 0 : since + 1;
        best = Math.min(best, nanos);
        return nanos;
    }

    /** Whether passes have not become faster for a while. */
    boolean steady() {
        return since >= STILL;
    }
}
