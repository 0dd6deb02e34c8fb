package dev.fedtiny.engine.session;

/** How many open sessions compute with one copy of packed weights. */
final class SharedWeights {
    private int sessions = 1;

    synchronized void join() {
        sessions++;
    }

    synchronized void leave() {
        sessions--;
    }

    /** Refuses a change while others compute with the weights. */
    synchronized void checkSingle() {
        if (sessions > 1) {
            throw new IllegalStateException("session: " + sessions + " open sessions compute with these weights, so nobody can load "
                    + "others; close all but one first, or open sessions of the other state and share those");
        }
    }
}
