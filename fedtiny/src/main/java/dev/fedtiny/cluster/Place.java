package dev.fedtiny.cluster;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A node as the driver sees it: how it is reached, what it said, and what is known of it. Guarded by its {@link Nodes}. */
final class Place {
    /** What can be said of a node. */
    enum State {
        /** It was asked who it is. */
        ASKED,
        /** It takes work. */
        READY,
        /** It gave no answer in time, and gets no work until it does. */
        SILENT,
        /** It may not take part. */
        REFUSED,
        /** The engine does not know it any more. */
        GONE
    }

    private final int key;
    private State state = State.ASKED;
    private NodeFacts facts;
    private String reason = "";
    private int running;
    private int done;

    Place(int key) {
        this.key = key;
    }

    int key() {
        return key;
    }

    State state() {
        return state;
    }

    void become(State next, String why) {
        state = next;
        reason = why;
    }

    String reason() {
        return reason;
    }

    /** It said who it is, and takes work. */
    void announced(NodeFacts said) {
        facts = said;
        become(State.READY, "");
    }

    Optional<NodeFacts> facts() {
        return Optional.ofNullable(facts);
    }

    boolean isFree() {
        return state == State.READY && running < facts.slots();
    }

    void start() {
        running++;
    }

    void end() {
        running--;
    }

    void counted() {
        done++;
    }

    int done() {
        return done;
    }

    /** What messages call it. */
    String name() {
        return facts == null ? "number " + key : "'" + facts.name() + "'";
    }

    /** What nodes were sent, by id: an object goes to a node once, and who needs the same meanwhile waits for it. */
    static final class Shipments {
        private final Set<String> sent = ConcurrentHashMap.newKeySet();
        private final Set<String> underWay = ConcurrentHashMap.newKeySet();

        /** Whether the caller is to send it; it then says {@link #arrived} or {@link #lost}. Waits while somebody else sends it. */
        synchronized boolean take(String node, String hash) throws InterruptedException {
            String shipment = node + ' ' + hash;
            while (underWay.contains(shipment)) {
                wait();
            }
            return !sent.contains(shipment) && underWay.add(shipment);
        }

        synchronized void arrived(String node, String hash) {
            underWay.remove(node + ' ' + hash);
            sent.add(node + ' ' + hash);
            notifyAll();
        }

        /** It did not arrive, or is not there any more. */
        synchronized void lost(String node, String hash) {
            underWay.remove(node + ' ' + hash);
            sent.remove(node + ' ' + hash);
            notifyAll();
        }
    }
}
