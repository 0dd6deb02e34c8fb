package dev.fedtiny.federation.process;

/** What one device has left of its {@link Restarts}. Counts requests and looks at no clock, so that runs repeat. Not thread-safe. */
final class RestartBudget {
    private final Restarts rule;
    private int starts;
    private int sinceWork;
    private int pause;
    private int left;

    RestartBudget(Restarts rule) {
        this.rule = rule;
    }

    /** The device is wanted and has no process: whether it gets one now. Each call without one shortens the pause. */
    boolean grants() {
        if (sinceWork >= rule.atOnce() && (rule.longestPause() == 0 || left > 0)) {
            left = Math.max(0, left - 1);
            return false;
        }
        return true;
    }

    /** A process was started. */
    void started() {
        starts++;
        sinceWork++;
        if (sinceWork >= rule.atOnce()) {
            pause = Math.min(rule.longestPause(), Math.max(1, 2 * pause));
            left = pause;
        }
    }

    /** The device gave a good answer to a piece of work. */
    void worked() {
        sinceWork = 0;
        pause = 0;
        left = 0;
    }

    /** Processes so far. */
    int starts() {
        return starts;
    }

    /** When there will be another process, in words; empty where the next request gets one. */
    String outlook() {
        if (sinceWork < rule.atOnce() || rule.longestPause() > 0 && left == 0) {
            return "";
        }
        String tried = "; it was started " + starts + (starts == 1 ? " time" : " times") + ", " + sinceWork
                + " of them without any work done";
        return tried + (rule.longestPause() == 0 ? ", and is not started again" : ", and is started again after " + left
                + (left == 1 ? " more request" : " more requests"));
    }
}
