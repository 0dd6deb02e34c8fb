package dev.fedtiny.cluster;

import dev.fedtiny.federation.Platforms;
import dev.fedtiny.protocol.Platform;
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
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The driver's view of an engine: which nodes there are and may work, who works on what, and what is done when a node is lost, silent or
 * refuses. Work waits here and not on the nodes: a node has as many turns as it has slots. A turn that fails, or takes longer than its
 * time, is given to another node and counted; one that fails as often as the rules allow is given up with all reasons. Nodes that join
 * later get work within a second or two. Thread-safe.
 */
public final class Cluster implements AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);
    /** A turn that lands on another node than expected may lack objects; each time it brings all that any node missed. */
    private static final int MOST_SHIPPINGS = 8;

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

        /**
         * The same with another time for a turn.
         *
         * @param time a turn has on a node
         * @return a copy
         */
        public Rules within(Duration time) {
            return new Rules(time, attempts, patience);
        }
    }

    private final TurnEngine engine;
    private final boolean exact;
    private final Rules rules;
    private final Consumer<String> notes;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Place.Shipments shipments = new Place.Shipments();
    private final Map<Integer, Place> places = new LinkedHashMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Place> gone = new ArrayList<>();
    private final TurnTimes times = new TurnTimes();
    private int again;
    private long usableNanos = System.nanoTime();
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
        this.engine = engine;
        this.exact = platforms == Platforms.SAME;
        this.rules = rules;
        this.notes = notes;
        refresh();
        threads.execute(this::watch);
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

    private void refresh() {
        List<Integer> keys = engine.keys();
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

    private Turn turn(String task, byte[] content, Map<String, byte[]> objects) {
        return new Turn(Classes.fingerprint(), Platform.here(), exact, task, content, objects);
    }

    /** Asks a node who it is, until it says so, or is gone. */
    private void announce(Place place) {
        while (true) {
            String trouble;
            try {
                TurnAnswer answer = sent(place, turn(Turn.ANNOUNCE, new byte[0], Map.of()).encode());
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
    public synchronized List<NodeFacts> await(int wanted) throws IOException {
        long end = System.nanoTime() + rules.patience().toNanos();
        try {
            while (nodes().size() < wanted) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new IOException("the cluster has " + nodes().size() + " nodes that can work, expected at least " + wanted
                            + " within " + rules.patience().toSeconds() + " s" + reasons());
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it waited for nodes", e);
        }
        return nodes();
    }

    /** {@return nodes that take work now} */
    public synchronized List<NodeFacts> nodes() {
        return places.values().stream().filter(place -> place.state() == Place.State.READY).map(place -> place.facts().orElseThrow())
                .toList();
    }

    private String reasons() {
        List<String> reasons = places.values().stream().filter(place -> !place.reason().isEmpty())
                .map(place -> place.state() == Place.State.REFUSED ? place.reason() : "node " + place.name() + ": " + place.reason())
                .toList();
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
            if (waiting.isEmpty()) {
                usableNanos = System.nanoTime();
            }
            for (Job job : jobs) {
                begun.add(new Waiting(job, new HashSet<>()));
            }
            waiting.addAll(begun);
            assign();
        }
        begun.forEach(first -> threads.execute(() -> attempts(first)));
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
        List<Waiting> hopeless = new ArrayList<>();
        synchronized (this) {
            List<NodeFacts> nodes = nodes();
            if (waiting.stream().anyMatch(one -> nodes.stream().anyMatch(one.job::fits))) {
                usableNanos = System.nanoTime();
            } else if (System.nanoTime() - usableNanos > rules.patience().toNanos()) {
                hopeless.addAll(waiting);
                waiting.clear();
            }
        }
        hopeless.forEach(one -> one.place.completeExceptionally(new IOException("no node of the cluster can do it, and none came within "
                + rules.patience().toSeconds() + " s" + held() + reasons())));
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
                next.job.failed(next.job.what() + ": " + String.join("; ", troubles));
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
                    waiting.addFirst(next);
                    assign();
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
            TurnAnswer answer = answered(place, facts, job);
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

    /** Sends a job with what the node lacks, and again where it lacks more. */
    private TurnAnswer answered(Place place, NodeFacts facts, Job job) throws InterruptedException, ExecutionException, TimeoutException,
            IOException {
        Job.Work work = job.work();
        Map<String, Supplier<byte[]>> all = new LinkedHashMap<>(work.spare());
        all.putAll(work.objects());
        Set<String> asked = new HashSet<>();
        TurnAnswer answer = null;
        for (int shipping = 0; shipping < MOST_SHIPPINGS; shipping++) {
            List<String> taken = new ArrayList<>();
            try {
                Map<String, byte[]> objects = new LinkedHashMap<>();
                for (Map.Entry<String, Supplier<byte[]>> object : all.entrySet()) {
                    String hash = object.getKey();
                    if (asked.contains(hash) || work.objects().containsKey(hash) && shipments.take(facts.id(), hash)) {
                        taken.add(hash);
                        objects.put(hash, object.getValue().get());
                    }
                }
                answer = sent(place, turn(job.task(), work.content(), objects).encode());
            } finally {
                for (String hash : taken) {
                    // Where it landed elsewhere, that node says what it lacks.
                    if (answer != null && answer.node().equals(facts.id()) && !(answer instanceof TurnAnswer.Refused)) {
                        shipments.arrived(facts.id(), hash);
                    } else {
                        shipments.lost(facts.id(), hash);
                    }
                }
            }
            if (!(answer instanceof TurnAnswer.Missing missing)) {
                return answer;
            }
            if (!all.keySet().containsAll(missing.hashes())) {
                throw new IOException("it asks for objects that the turn does not name");
            }
            asked.addAll(missing.hashes());
        }
        return answer;
    }

    private TurnAnswer sent(Place place, byte[] turn) throws InterruptedException, ExecutionException, TimeoutException, IOException {
        long start = System.nanoTime();
        CompletableFuture<byte[]> future = engine.submit(place.key(), turn);
        try {
            TurnAnswer answer = TurnAnswer.decode(future.get(rules.within().toMillis(), TimeUnit.MILLISECONDS));
            if (answer instanceof TurnAnswer.Done done) {
                times.add(done.nanos(), System.nanoTime() - start - done.nanos());
            }
            return answer;
        } finally {
            future.cancel(true);
        }
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
        return "turns on nodes: " + (nodes.isEmpty() ? "none" : nodes) + "; " + again + " begun again" + times;
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
