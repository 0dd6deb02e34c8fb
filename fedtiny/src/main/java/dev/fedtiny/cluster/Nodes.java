package dev.fedtiny.cluster;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The nodes of an engine as the driver sees them: who is there, who may work, and why another may not. Thread-safe; who decides something
 * by what is seen here holds the lock of this object meanwhile.
 */
final class Nodes {
    private static final Duration TICK = Duration.ofSeconds(1);

    private final TurnEngine engine;
    private final Courier courier;
    private final Cluster.Rules rules;
    private final Consumer<String> notes;
    /** Takes work as long as this is not closed. */
    private final Executor threads;
    /** Told, under the lock, when a node can take work. */
    private final Runnable changed;
    /** Held while the engine is asked who is there: what it said before is not to count after what it said last. */
    private final Object looking = new Object();
    private final Map<Integer, Place> places = new LinkedHashMap<>();
    private final List<Place> gone = new ArrayList<>();
    private volatile String trouble = "";
    private boolean closed;

    Nodes(TurnEngine engine, Courier courier, Cluster.Rules rules, Consumer<String> notes, Executor threads, Runnable changed) {
        this.engine = engine;
        this.courier = courier;
        this.rules = rules;
        this.notes = notes;
        this.threads = threads;
        this.changed = changed;
    }

    /** Waits for as long as it takes before somebody looks again; false where that is interrupted. */
    static boolean paused() {
        try {
            Thread.sleep(TICK);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Who is there. An engine that has lost its cluster may say so by an exception: then nobody is. */
    private List<Integer> keys() {
        try {
            return engine.keys();
        } catch (RuntimeException e) {
            trouble = "the engine cannot say who is there (" + e + ")";
            return List.of();
        }
    }

    /** Looks who is there; who is new is asked who it is. */
    void refresh() {
        synchronized (looking) {
            see(keys());
        }
    }

    private synchronized void see(List<Integer> keys) {
        if (closed) {
            return;
        }
        places.values().removeIf(place -> {
            boolean left = !keys.contains(place.key());
            if (left && place.facts().isPresent()) {
                note("node " + place.name() + " has left");
                place.become(Place.State.GONE, "it has left");
                gone.add(place);
            }
            return left;
        });
        for (int key : keys) {
            if (!places.containsKey(key)) {
                Place fresh = new Place(key);
                places.put(key, fresh);
                threads.execute(() -> announce(fresh));
            }
        }
    }

    /** The same, unless all that are known can work. */
    void refreshIfAnyIsAmiss() {
        synchronized (this) {
            if (closed || places.values().stream().allMatch(place -> place.state() == Place.State.READY)) {
                return;
            }
        }
        refresh();
    }

    /** Tells the user something, unless nobody wants to know it any more. */
    synchronized void note(String sentence) {
        if (!closed) {
            notes.accept(sentence);
        }
    }

    /** Asks a node who it is, until it says so, or is gone. */
    private void announce(Place place) {
        do {
            String why;
            try {
                switch (courier.whoIs(place)) {
                    case TurnAnswer.Done done -> ready(place,
                            NodeFacts.read(new DataInputStream(new ByteArrayInputStream(done.content()))));
                    case TurnAnswer.Refused refused -> refuse(place, refused.sentence());
                    case TurnAnswer.Failed failed -> refuse(place, failed.sentence());
                    case TurnAnswer.Missing _ -> refuse(place, "it asks for objects to say who it is");
                }
                return;
            } catch (TimeoutException e) {
                why = "it does not say who it is within " + rules.within().toSeconds() + " s";
            } catch (IOException e) {
                refuse(place, e.getMessage());
                return;
            } catch (ExecutionException e) {
                why = String.valueOf(e.getCause());
            } catch (InterruptedException e) {
                return;
            }
            synchronized (this) {
                if (closed || places.get(place.key()) != place) {
                    return;
                }
                place.become(Place.State.SILENT, why);
            }
        } while (paused());
    }

    private synchronized void ready(Place place, NodeFacts facts) {
        if (place.state() == Place.State.GONE) {
            return;
        }
        boolean known = place.facts().map(NodeFacts::id).filter(facts.id()::equals).isPresent();
        place.announced(facts);
        if (!known) {
            note("node " + place.name() + " works on " + facts.slots() + (facts.slots() == 1 ? " turn" : " turns") + " at a time"
                    + (facts.shares().isEmpty() ? "" : ", holds the data of devices " + NodeFacts.ranges(facts.shares())));
        }
        changed.run();
        notifyAll();
    }

    private synchronized void refuse(Place place, String sentence) {
        place.become(Place.State.REFUSED, sentence);
        note("a node is left out: " + sentence);
        notifyAll();
    }

    /** A node of which something is wrong gets no work until it has said who it is once more. */
    synchronized void doubt(Place place, String why) {
        if (!closed && place.state() == Place.State.READY) {
            place.become(Place.State.SILENT, why);
            threads.execute(() -> announce(place));
        }
    }

    /** Waits until there are so many, as {@link Cluster#await} says. */
    List<NodeFacts> await(int wanted) throws IOException {
        await(() -> ready().size() >= wanted, within -> "the cluster has " + ready().size() + " nodes that can work, expected at least "
                + wanted + within + reasons());
        return ready();
    }

    /** Waits until the data of so many devices are held, as {@link Cluster#awaitShares} says. */
    void awaitShares(int devices) throws IOException {
        await(() -> missing(devices).isEmpty(), within -> "no node holds the data of devices " + NodeFacts.ranges(missing(devices))
                + ", and none that does came" + within + (ready().isEmpty() ? reasons() : held())
                + "; start one with 'fedtiny node --shares DIR', whose DIR has their files device-K.images");
    }

    /** Devices whose data no node holds. */
    private List<Integer> missing(int devices) {
        Set<Integer> held = new HashSet<>();
        ready().forEach(node -> held.addAll(node.shares()));
        return IntStream.range(0, devices).filter(device -> !held.contains(device)).boxed().toList();
    }

    private synchronized void await(BooleanSupplier enough, UnaryOperator<String> otherwise) throws IOException {
        long end = System.nanoTime() + rules.patience().toNanos();
        try {
            while (!enough.getAsBoolean()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new IOException(otherwise.apply(" within " + rules.patience().toSeconds() + " s"));
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it waited for nodes", e);
        }
    }

    /** Those that the engine knows now, whether or not they may work. The caller holds the lock. */
    Collection<Place> present() {
        return places.values();
    }

    /** Those that take work now. */
    synchronized List<NodeFacts> ready() {
        return places.values().stream().filter(place -> place.state() == Place.State.READY).map(place -> place.facts().orElseThrow())
                .toList();
    }

    /** Who has said to be this. */
    synchronized Optional<NodeFacts> find(String id) {
        return places.values().stream().flatMap(place -> place.facts().stream()).filter(facts -> facts.id().equals(id)).findFirst();
    }

    /** Why there are no more, for the end of a sentence. */
    synchronized String reasons() {
        List<String> reasons = new ArrayList<>(places.values().stream().filter(place -> !place.reason().isEmpty())
                .map(place -> place.state() == Place.State.REFUSED ? place.reason() : "node " + place.name() + ": " + place.reason())
                .toList());
        if (places.isEmpty() && !trouble.isEmpty()) {
            reasons.add(trouble);
        }
        return "; " + (reasons.isEmpty() ? "start one with 'fedtiny node', or see whether the address is right"
                : String.join("; ", reasons));
    }

    /** Who holds whose data, for the end of a sentence; empty where nobody is there. */
    String held() {
        return ready().stream().map(node -> "; node '" + node.name() + "' holds the data of devices " + NodeFacts.ranges(node.shares()))
                .collect(Collectors.joining());
    }

    /** Who did how much, those that are gone included. */
    synchronized String counts() {
        List<Place> all = new ArrayList<>(places.values());
        all.addAll(gone);
        String nodes = all.stream().filter(place -> place.facts().isPresent())
                .map(place -> place.name() + " did " + place.done() + (place.state() == Place.State.GONE ? " and left" : ""))
                .collect(Collectors.joining(", "));
        return nodes.isEmpty() ? "none" : nodes;
    }

    /** From now on nobody is asked, and nothing is said. */
    synchronized void close() {
        closed = true;
    }
}
