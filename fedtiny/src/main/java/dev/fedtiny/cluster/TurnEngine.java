package dev.fedtiny.cluster;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What this project asks of an existing cluster engine: run {@link TurnWorker#run} somewhere else and bring back what it gave. An adapter
 * is one class of this kind; time limits, attempts, what nodes hold and which of them may work are the business of {@link Cluster}. Bytes
 * are opaque. Thread-safe.
 */
public interface TurnEngine extends AutoCloseable {
    /**
     * Has a node run a turn. It may be run twice.
     *
     * @param key turns of one key go to the same node while that lives, as far as the engine can promise it; where it cannot, anywhere
     * @param turn for {@link TurnWorker#run}
     * @return what that gave; failed where the node was lost or the engine could not run it. Cancelled by the caller when nobody waits for
     *         it any more
     */
    CompletableFuture<byte[]> submit(int key, byte[] turn);

    /**
     * A key of every node there is at this moment. Asked every second, so it must be cheap: what the engine knows, without asking nodes.
     *
     * @return different keys; the same node keeps its key while it can; empty where there is no node
     */
    List<Integer> keys();

    @Override
    void close();
}
