package dev.fedtiny.cluster;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The node of this virtual machine: what engines call on their nodes. A pure function of the turn to whoever looks from outside; inside, a
 * node keeps what it was sent, and devices as they were after their last turn, so that nothing is sent or made twice without need. What a
 * node is, it is told by {@link #configure}, or by the system properties {@value #SLOTS}, {@value #SHARES} and {@value #NAME} where an
 * engine starts its nodes itself.
 */
public final class TurnWorker {
    /** System property: how many turns work at the same time; by default one a processor. */
    public static final String SLOTS = "fedtiny.node.slots";
    /** System property: a folder with images of devices, {@code device-K.images}. */
    public static final String SHARES = "fedtiny.node.shares";
    /** System property: what messages call this node; by default host and process. */
    public static final String NAME = "fedtiny.node.name";

    private static TurnNode node;

    private TurnWorker() {
    }

    /**
     * Says what this node is, before its first turn.
     *
     * @param slots how many turns work at the same time, at least 1
     * @param shares folder with images of devices that this node holds; empty where it holds none
     * @param name what messages call it; empty: host and process
     * @return the node
     * @throws IllegalStateException if it has worked already
     */
    public static synchronized TurnNode configure(int slots, Optional<Path> shares, Optional<String> name) {
        if (node != null) {
            throw new IllegalStateException("this virtual machine is a node already, " + node.facts().name());
        }
        node = new TurnNode(slots, shares, name);
        return node;
    }

    private static synchronized TurnNode node() {
        if (node == null) {
            int slots = Integer.getInteger(SLOTS, Runtime.getRuntime().availableProcessors());
            configure(slots, Optional.ofNullable(System.getProperty(SHARES)).map(Path::of), Optional.ofNullable(System.getProperty(NAME)));
        }
        return node;
    }

    /**
     * Does a turn. Never throws because of what the turn holds: what cannot be done is answered with the reason.
     *
     * @param turn as the driver made it
     * @return its answer
     */
    public static byte[] run(byte[] turn) {
        return node().run(turn);
    }
}
