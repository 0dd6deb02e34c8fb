package dev.fedtiny.cluster;

import dev.fedtiny.federation.Platforms;
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
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The driver's view of an engine: which nodes there are and may work, who works on what, and what is done when a node is lost, silent or
 * refuses. Work waits here and not on the nodes: a node has as many turns as it has slots. A turn that fails, or takes longer than its
 * time, is given to another node and counted; one that fails as often as the rules allow is given up with all reasons. Nodes that join
 * later get work within a second or two. Thread-safe.
 */
public final class Cluster implements AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);

    /**
     * What is waited for, and how often something is tried.
     *
     * @param within wall time a turn has on a node
     * @param attempts how often a turn is begun before it is given up, at least 1
     * @param patience how long work waits for a node that can do it while there is none
     */
    public record Rules(Duration within, int attempts, Duration patience) {
        /** How often a turn is begun, and how long work waits for a node, unless said otherwise. */
        public static final Rules USUAL = new Rules(Duration.ofMinutes(10), 3, Duration.ofMinutes(5));

        /** Checks the ranges. */
        public Rules {
            if (!within.isPositive() || attempts < 1 || patience.isNegative()) {
                throw new IllegalArgumentException("turns have " + within + " and " + attempts + " attempts, and wait " + patience
                        + " for a node; expected a time above 0, at least 1 attempt and no negative patience");
            }
        }
    }

    private final TurnEngine engine;
    private final boolean exact;
    private final Courier courier;
    private final Rules rules;
    private final Consumer<String> notes;
    private final LongSupplier clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Integer, Place> places = new LinkedHashMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Place> gone = new ArrayList<>();
    private volatile String trouble = "";
    private int again;
    /** When work last waited for nothing but its turn. */
    private long usableNanos;
    private boolean closed;

    /** A job that has no node yet. */
    private static final class Waiting {
        private final Job job;
        /** Ids of nodes on which it failed. */
        private final Set<String> failedOn;
        private final CompletableFuture<Place> place = new CompletableFuture<>();

        Waiting(Job job, Set<String> failedOn) {
            this.job = job;
            this.failedOn = failedOn;
        }
    }

    /**
     * A cluster, whose nodes are asked who they are.
     *
     * @param engine reaches its nodes; closed with this
     * @param platforms whether nodes must compute the bits of this machine
     * @param rules what is waited for, and how often something is tried
     * @param notes takes what a user should know: nodes that come, go, or are left out, and turns that are done again
     */
    public Cluster(TurnEngine engine, Platforms platforms, Rules rules, Consumer<String> notes) {
        this(engine, platforms, rules, notes, System::nanoTime);
    }

    /** With a clock, in nanoseconds, by which patience is measured. */
    Cluster(TurnEngine engine, Platforms platforms, Rules rules, Consumer<String> notes, LongSupplier clock) {
        this.clock = clock;
        this.usableNanos = clock.getAsLong();
        this.engine = engine;
        this.exact = platforms == Platforms.SAME;
        this.courier = new Courier(engine, exact, rules.within());
        this.rules = rules;
        this.notes = notes;
        refresh();
        threads.execute(this::watch);
    }

    /** Whether all nodes compute the bits of this machine. */
    boolean isExact() {
        return exact;
    }

    /** Looks every second who is there. */
    private void watch() {
        try {
            while (true) {
                Thread.sleep(TICK);
                refresh();
                giveUp();
            }
        } catch (InterruptedException e) {
            // The cluster is closed.
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

    private void refresh() {
        List<Integer> keys = keys();
        List<Place> fresh = new ArrayList<>();
        synchronized (this) {
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
                    places.put(key, new Place(key));
                    fresh.add(places.get(key));
                }
            }
        }
        fresh.forEach(place -> threads.execute(() -> announce(place)));
    }

    private synchronized void note(String sentence) {
        if (!closed) {
            notes.accept(sentence);
        }
    }

    /** Asks a node who it is, until it says so, or is gone. */
    private void announce(Place place) {
        while (true) {
            String trouble;
            try {
                TurnAnswer answer = courier.whoIs(place);
                switch (answer) {
                    case TurnAnswer.Done done -> ready(place,
                            NodeFacts.read(new DataInputStream(new ByteArrayInputStream(done.content()))));
                    case TurnAnswer.Refused refused -> refuse(place, refused.sentence());
                    case TurnAnswer.Failed failed -> refuse(place, failed.sentence());
                    case TurnAnswer.Missing _ -> refuse(place, "it asks for objects to say who it is");
                }
                return;
            } catch (TimeoutException e) {
                trouble = "it does not say who it is within " + rules.within().toSeconds() + " s";
            } catch (IOException e) {
                refuse(place, e.getMessage());
                return;
            } catch (ExecutionException e) {
                trouble = String.valueOf(e.getCause());
            } catch (InterruptedException e) {
                return;
            }
            synchronized (this) {
                if (closed || places.get(place.key()) != place) {
                    return;
                }
                place.become(Place.State.SILENT, trouble);
            }
            if (!paused()) {
                return;
            }
        }
    }

    private static boolean paused() {
        try {
            Thread.sleep(TICK);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
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
        assign();
        notifyAll();
    }

    private synchronized void refuse(Place place, String sentence) {
        place.become(Place.State.REFUSED, sentence);
        note("a node is left out: " + sentence);
        notifyAll();
    }

    /**
     * Waits until there are nodes.
     *
     * @param wanted how many, at least 1
     * @return those there are
     * @throws IOException if there are fewer when the patience is over: with the reasons of those that are left out
     */
    public List<NodeFacts> await(int wanted) throws IOException {
        await(() -> nodes().size() >= wanted, within -> "the cluster has " + nodes().size() + " nodes that can work, expected at least "
                + wanted + within + reasons());
        return nodes();
    }

    /**
     * Waits until nodes hold the data of all devices.
     *
     * @param devices how many there are, numbered from 0
     * @throws IOException if data of some are nowhere when the patience is over: with whose, and who holds what
     */
    public void awaitShares(int devices) throws IOException {
        await(() -> missing(devices).isEmpty(), within -> "no node holds the data of devices " + NodeFacts.ranges(missing(devices))
                + ", and none that does came" + within + (nodes().isEmpty() ? reasons() : held())
                + "; start one with 'fedtiny node --shares DIR', whose DIR has their files device-K.images");
    }

    /** Devices whose data no node holds. */
    private synchronized List<Integer> missing(int devices) {
        Set<Integer> held = new HashSet<>();
        nodes().forEach(node -> held.addAll(node.shares()));
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

    /** {@return nodes that take work now} */
    public synchronized List<NodeFacts> nodes() {
        return places.values().stream().filter(place -> place.state() == Place.State.READY).map(place -> place.facts().orElseThrow())
                .toList();
    }

    private String reasons() {
        List<String> reasons = new ArrayList<>(places.values().stream().filter(place -> !place.reason().isEmpty())
                .map(place -> place.state() == Place.State.REFUSED ? place.reason() : "node " + place.name() + ": " + place.reason())
                .toList());
        if (places.isEmpty() && !trouble.isEmpty()) {
            reasons.add(trouble);
        }
        return "; " + (reasons.isEmpty() ? "start one with 'fedtiny node', or see whether the address is right"
                : String.join("; ", reasons));
    }

    /**
     * Has jobs done, each told when it is. Returns at once.
     *
     * @param jobs in the order in which they are begun
     */
    public void submit(Collection<? extends Job> jobs) {
        List<Waiting> begun = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("this cluster is closed");
            }
            for (Job job : jobs) {
                begun.add(new Waiting(job, new HashSet<>()));
            }
            await(waiting.size(), begun);
        }
        begun.forEach(first -> threads.execute(() -> attempts(first)));
    }

    /** Patience begins with the first that waits. Holds the lock. */
    private void await(int place, List<Waiting> more) {
        if (waiting.isEmpty()) {
            usableNanos = clock.getAsLong();
        }
        waiting.addAll(place, more);
        assign();
    }

    /** Gives free nodes to jobs that wait: first to those at home there, then to any. Holds the lock. */
    private void assign() {
        waiting.removeIf(one -> !one.job.wanted() && one.place.cancel(false));
        Map<String, Place> free = new LinkedHashMap<>();
        places.values().stream().filter(Place::isFree).forEach(place -> free.putIfAbsent(place.facts().orElseThrow().id(), place));
        waiting.removeIf(one -> one.job.home().map(free::get).filter(Place::isFree).filter(place -> given(one, place)).isPresent());
        for (Place place : places.values()) {
            while (place.isFree() && waiting.removeIf(one -> place.isFree() && given(one, place))) {
                continue;
            }
        }
    }

    private boolean given(Waiting one, Place place) {
        NodeFacts facts = place.facts().orElseThrow();
        boolean elsewhere = places.values().stream().anyMatch(other -> other.state() == Place.State.READY
                && !one.failedOn.contains(other.facts().orElseThrow().id()) && one.job.fits(other.facts().orElseThrow()));
        if (one.job.fits(facts) && !(elsewhere && one.failedOn.contains(facts.id()))) {
            place.start();
            one.place.complete(place);
            return true;
        }
        return false;
    }

    /** Work that waits for a node that can do it is given up when none was there for as long as the rules say. */
    private void giveUp() {
        List<Waiting> hopeless;
        IOException why;
        synchronized (this) {
            List<NodeFacts> nodes = nodes();
            if (waiting.stream().anyMatch(one -> nodes.stream().anyMatch(one.job::fits))) {
                usableNanos = clock.getAsLong();
            }
            if (waiting.isEmpty() || clock.getAsLong() - usableNanos <= rules.patience().toNanos()) {
                return;
            }
            hopeless = List.copyOf(waiting);
            waiting.clear();
            String within = " within " + rules.patience().toSeconds() + " s";
            why = nodes.isEmpty() ? new DesertedException("the cluster has no node left that can work, and none came" + within + reasons())
                    : new IOException("no node of the cluster can do it, and none that can came" + within + held() + reasons());
        }
        hopeless.forEach(one -> one.place.completeExceptionally(why));
    }

    /** There is no node left, for whatever work. */
    private static final class DesertedException extends IOException {
        private static final long serialVersionUID = 1;

        DesertedException(String message) {
            super(message);
        }
    }

    private synchronized String held() {
        return nodes().isEmpty() ? "" : "; " + nodes().stream().map(node -> "node '" + node.name() + "' holds the data of devices "
                + NodeFacts.ranges(node.shares())).collect(Collectors.joining("; "));
    }

    private void attempts(Waiting first) {
        List<String> troubles = new ArrayList<>();
        Waiting next = first;
        while (true) {
            Place place;
            try {
                place = next.place.get();
            } catch (InterruptedException | CancellationException e) {
                return;
            } catch (ExecutionException e) {
                troubles.add(e.getCause().getMessage());
                String sentence = next.job.what() + ": " + String.join("; ", troubles);
                if (e.getCause() instanceof DesertedException) {
                    next.job.deserted(sentence);
                } else {
                    next.job.failed(sentence);
                }
                return;
            }
            Optional<String> trouble = attempt(place, next.job);
            if (trouble.isEmpty()) {
                return;
            }
            troubles.add(trouble.get());
            synchronized (this) {
                if (closed || !next.job.wanted()) {
                    return;
                }
                if (troubles.size() < rules.attempts()) {
                    again++;
                    note(next.job.what() + " is done again: " + trouble.get());
                    Set<String> failedOn = new HashSet<>(next.failedOn);
                    place.facts().ifPresent(facts -> failedOn.add(facts.id()));
                    next = new Waiting(next.job, failedOn);
                    await(0, List.of(next));
                    continue;
                }
            }
            next.job.failed(next.job.what() + " was given up after " + troubles.size() + " attempts: " + String.join("; ", troubles));
            return;
        }
    }

    /** Why it did not work; empty where it did, or nobody wants it any more. */
    private Optional<String> attempt(Place place, Job job) {
        NodeFacts facts;
        synchronized (this) {
            facts = place.facts().orElseThrow();
        }
        try {
            if (!job.wanted()) {
                return Optional.empty();
            }
            TurnAnswer answer = courier.ask(place, facts, job);
            switch (answer) {
                case TurnAnswer.Done done -> {
                    synchronized (this) {
                        place.counted();
                    }
                    job.done(node(done.node()).orElse(facts), done.content());
                    return Optional.empty();
                }
                case TurnAnswer.Refused refused -> {
                    askAgain(place, refused.sentence());
                    return Optional.of(refused.sentence());
                }
                case TurnAnswer.Failed failed -> {
                    return Optional.of(failed.sentence());
                }
                case TurnAnswer.Missing missing -> {
                    return Optional.of("node " + place.name() + " asks for " + missing.hashes().size() + " objects again and again; give "
                            + "it more heap");
                }
            }
        } catch (TimeoutException e) {
            askAgain(place, "it gave no answer in time");
            return Optional.of("node " + place.name() + " gave no answer within " + rules.within().toSeconds() + " s (device-timeout)");
        } catch (ExecutionException e) {
            askAgain(place, String.valueOf(e.getCause()));
            return Optional.of("node " + place.name() + " was lost or did not take it (" + e.getCause() + ")");
        } catch (IOException | RuntimeException e) {
            return Optional.of("node " + place.name() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            synchronized (this) {
                place.end();
                assign();
            }
            refreshUnlessClosed();
        }
    }

    /** A node of which something is wrong gets no work until it has said who it is once more. */
    private void askAgain(Place place, String why) {
        synchronized (this) {
            if (closed || place.state() != Place.State.READY) {
                return;
            }
            place.become(Place.State.SILENT, why);
        }
        threads.execute(() -> announce(place));
    }

    private void refreshUnlessClosed() {
        synchronized (this) {
            if (closed || places.values().stream().allMatch(place -> place.state() == Place.State.READY)) {
                return;
            }
        }
        refresh();
    }

    private synchronized Optional<NodeFacts> node(String id) {
        return places.values().stream().flatMap(place -> place.facts().stream()).filter(facts -> facts.id().equals(id)).findFirst();
    }

    /** {@return how often a turn was begun again} */
    public synchronized int again() {
        return again;
    }

    /** {@return who did how much, and how often something was done again, in one line} */
    public synchronized String summary() {
        List<Place> all = new ArrayList<>(places.values());
        all.addAll(gone);
        String nodes = all.stream().filter(place -> place.facts().isPresent())
                .map(place -> place.name() + " did " + place.done() + (place.state() == Place.State.GONE ? " and left" : ""))
                .collect(Collectors.joining(", "));
        return "turns on nodes: " + (nodes.isEmpty() ? "none" : nodes) + "; " + again + " begun again" + courier.times();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            waiting.forEach(one -> one.place.cancel(false));
            waiting.clear();
        }
        threads.shutdownNow();
        engine.close();
    }
}
