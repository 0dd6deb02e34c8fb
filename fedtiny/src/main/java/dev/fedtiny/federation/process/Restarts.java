package dev.fedtiny.federation.process;

/**
 * How often a device gets a new process in place of one that was lost. A device that does its work gets all its starts back; one whose
 * processes do nothing but fail is started more and more rarely: after {@code atOnce} starts in succession that led to no work it is left
 * out the next time it is wanted, then twice, four times and so on.
 *
 * @param atOnce starts in succession, the first included, before there are pauses; at least 1
 * @param longestPause how often in succession a device is left out at most; 0: it is not started again at all
 */
public record Restarts(int atOnce, int longestPause) {
    /** For long runs: four at once, then pauses of up to 16 requests, which are rounds in most of them. */
    public static final Restarts USUAL = new Restarts(4, 16);
    /** One process, and no other. */
    public static final Restarts NONE = new Restarts(1, 0);

    /** Checks the ranges. */
    public Restarts {
        if (atOnce < 1 || longestPause < 0) {
            throw new IllegalArgumentException("restarts: " + atOnce + " at once and pauses of up to " + longestPause
                    + " requests, expected at least 1 and at least 0");
        }
    }
}
