package dev.fedtiny.cluster;

/**
 * A kind of work that nodes can do. Found by {@link java.util.ServiceLoader} where this interface was loaded; a node makes one object of
 * each kind, which may keep what it likes between turns. Thread-safe.
 */
public interface TurnTask {
    /** {@return by what turns name it} Small letters and hyphens. */
    String name();

    /**
     * Does one piece of work.
     *
     * @param content what the driver wants
     * @param node where it is done: what it was sent, and what it holds
     * @return the answer
     * @throws MissingObjectsException if something is needed that the node was not sent, or has dropped
     * @throws TurnRefusedException if another node might do it, but this one cannot
     */
    byte[] run(byte[] content, TurnNode node);
}
