package dev.fedtiny.network.device;

import java.io.IOException;

/**
 * How often a transfer may break off: as often as it will while it comes on, where it is gone on with at once; where it does not come on,
 * with pauses, and for as long as the device is patient.
 */
final class Resumption {
    private final LinkSession sessions;
    private long reached = -1;
    private Backoff backoff;

    Resumption(LinkSession sessions) {
        this.sessions = sessions;
    }

    /**
     * It broke off, and is to go on.
     *
     * @param failure how
     * @param at bytes that are over
     * @throws OutOfPatienceException where it has not come on for too long
     */
    void broke(IOException failure, long at) throws IOException {
        if (at > reached) {
            reached = at;
            backoff = new Backoff(sessions.patience());
            return;
        }
        sessions.pause(backoff, failure, 0);
    }
}
