package dev.fedtiny.cluster;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A piece of work for whichever node does it. Its methods are called on threads of the {@link Cluster}. */
public interface Job {
    /** {@return what it is, for messages: {@code device 3}} */
    String what();

    /** {@return the {@link TurnTask} that does it} */
    String task();

    /** {@return whether anybody still waits for it} */
    default boolean wanted() {
        return true;
    }

    /**
     * Whether a node can do it, by what the node says of itself.
     *
     * @param node that is free
     * @return true where it may be sent there
     */
    default boolean fits(NodeFacts node) {
        return true;
    }

    /** {@return the id of the node that should do it, since it holds what the work needs; empty: any} */
    default Optional<String> home() {
        return Optional.empty();
    }

    /**
     * What is sent. Asked before every attempt.
     *
     * @return the work
     */
    Work work();

    /**
     * Is told the answer, once. A caller that blocks here holds the node's slot.
     *
     * @param node that did it
     * @param content of the answer
     */
    void done(NodeFacts node, byte[] content);

    /**
     * Is told in place of {@link #done} that nobody did it.
     *
     * @param sentence why, naming nodes and attempts
     */
    void failed(String sentence);

    /**
     * Is told in place of {@link #done} that the cluster has no node left or was closed, which is no fault of the work: what cannot do
     * without it ends here and can be begun again later.
     *
     * @param sentence why, naming nodes and attempts
     */
    default void deserted(String sentence) {
        failed(sentence);
    }

    /**
     * What is sent to a node.
     *
     * @param content for the task
     * @param objects what the task needs, by SHA-256: sent unless the node has it
     * @param spare what it needs where the node does not hold the result of the turn before: sent when it asks
     */
    record Work(byte[] content, Map<String, Supplier<byte[]>> objects, Map<String, Supplier<byte[]>> spare) {
    }
}
