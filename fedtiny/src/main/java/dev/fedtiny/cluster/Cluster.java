package dev.fedtiny.cluster;

import dev.fedtiny.federation.Platforms;
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
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The driver's view of an engine: which nodes there are and may work, who works on what, and what is done when a node is lost, silent or
 * refuses. Work waits here and not on the nodes: a node has as many turns as it has slots. A turn that fails, or takes longer than its
 * time, is given to another node and counted; one that fails as often as the rules allow is given up with all reasons. Nodes that join
 * later get work within a second or two. Thread-safe.
 */
public final class Cluster implements AutoCloseable {
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
    private final LongSupplier clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    /** Its lock guards what follows. */
    private final Nodes nodes;
    private final List<Waiting> waiting = new ArrayList<>();
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
        this.nodes = new Nodes(engine, courier, rules, notes, threads, this::assign);
        nodes.refresh();
        threads.execute(this::watch);
    }

    /** Whether all nodes compute the bits of this machine. */
    boolean isExact() {
        return exact;
    }

    /** Looks every second who is there. */
    private void watch() {
        while (Nodes.paused()) {
            nodes.refresh();
            giveUp();
        }
    }

    /**
     * Waits until there are nodes.
     *
     * @param wanted how many, at least 1
     * @return those there are
     * @throws IOException if there are fewer when the patience is over: with the reasons of those that are left out
     */
    public List<NodeFacts> await(int wanted) throws IOException {
        return nodes.await(wanted);
    }

    /**
     * Waits until nodes hold the data of all devices.
     *
     * @param devices how many there are, numbered from 0
     * @throws IOException if data of some are nowhere when the patience is over: with whose, and who holds what
     */
    public void awaitShares(int devices) throws IOException {
        nodes.awaitShares(devices);
    }

    /** {@return nodes that take work now} */
    public List<NodeFacts> nodes() {
        return nodes.ready();
    }

    /**
     * Has jobs done, each told when it is. Returns at once.
     *
     * @param jobs in the order in which they are begun
     */
    public void submit(Collection<? extends Job> jobs) {
        List<Waiting> begun = new ArrayList<>();
        synchronized (nodes) {
            if (closed) {
                throw new IllegalStateException("this cluster is closed");
            }
            for (Job job : jobs) {
                begun.add(new Waiting(job, new HashSet<>()));
            }
            await(waiting.size(), begun);
            // Under the lock: who closes the cluster finds them begun.
            begun.forEach(first -> threads.execute(() -> attempts(first)));
        }
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
        nodes.present().stream().filter(Place::isFree).forEach(place -> free.putIfAbsent(place.facts().orElseThrow().id(), place));
        waiting.removeIf(one -> one.job.home().map(free::get).filter(Place::isFree).filter(place -> given(one, place)).isPresent());
        for (Place place : nodes.present()) {
            while (place.isFree() && waiting.removeIf(one -> place.isFree() && given(one, place))) {
                continue;
            }
        }
    }

    private boolean given(Waiting one, Place place) {
        NodeFacts facts = place.facts().orElseThrow();
        boolean elsewhere = nodes.present().stream().anyMatch(other -> other.state() == Place.State.READY
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
        synchronized (nodes) {
            List<NodeFacts> there = nodes();
            if (waiting.stream().anyMatch(one -> there.stream().anyMatch(one.job::fits))) {
                usableNanos = clock.getAsLong();
            }
            if (waiting.isEmpty() || clock.getAsLong() - usableNanos <= rules.patience().toNanos()) {
                return;
            }
            hopeless = List.copyOf(waiting);
            waiting.clear();
            String within = " within " + rules.patience().toSeconds() + " s";
            why = there.isEmpty() ? new DesertedException("the cluster has no node left that can work, and none came" + within
                    + nodes.reasons()) : new IOException("no node of the cluster can do it, and none that can came" + within + nodes.held()
                    + nodes.reasons());
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

    private void attempts(Waiting first) {
        List<String> troubles = new ArrayList<>();
        Waiting next = first;
        while (true) {
            Place place;
            try {
                place = next.place.get();
            } catch (CancellationException e) {
                return;
            } catch (InterruptedException e) {
                abandoned(next.job);
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
            boolean over;
            synchronized (nodes) {
                over = closed;
                if (!over && !next.job.wanted()) {
                    return;
                }
                if (!over && troubles.size() < rules.attempts()) {
                    again++;
                    nodes.note(next.job.what() + " is done again: " + trouble.get());
                    Set<String> failedOn = new HashSet<>(next.failedOn);
                    place.facts().ifPresent(facts -> failedOn.add(facts.id()));
                    next = new Waiting(next.job, failedOn);
                    await(0, List.of(next));
                    continue;
                }
            }
            if (over) {
                abandoned(next.job);
                return;
            }
            next.job.failed(next.job.what() + " was given up after " + troubles.size() + " attempts: " + String.join("; ", troubles));
            return;
        }
    }

    /** Nobody does what waits, or is under way, when the cluster is closed; whoever waits for it hears so. */
    private static void abandoned(Job job) {
        // This thread was interrupted to come here; telling may take it some time.
        Thread.interrupted();
        if (job.wanted()) {
            job.deserted(job.what() + ": the cluster was closed before it was done");
        }
    }

    /** Why it did not work; empty where it did, or nobody wants it any more. */
    private Optional<String> attempt(Place place, Job job) {
        NodeFacts facts;
        synchronized (nodes) {
            facts = place.facts().orElseThrow();
        }
        try {
            if (!job.wanted()) {
                return Optional.empty();
            }
            TurnAnswer answer = courier.ask(place, facts, job);
            switch (answer) {
                case TurnAnswer.Done done -> {
                    synchronized (nodes) {
                        place.counted();
                    }
                    job.done(nodes.find(done.node()).orElse(facts), done.content());
                    return Optional.empty();
                }
                case TurnAnswer.Refused refused -> {
                    nodes.doubt(place, refused.sentence());
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
            nodes.doubt(place, "it gave no answer in time");
            return Optional.of("node " + place.name() + " gave no answer within " + rules.within().toSeconds() + " s (device-timeout)");
        } catch (ExecutionException e) {
            nodes.doubt(place, String.valueOf(e.getCause()));
            return Optional.of("node " + place.name() + " was lost or did not take it (" + e.getCause() + ")");
        } catch (IOException | RuntimeException e) {
            return Optional.of("node " + place.name() + ": " + e.getMessage());
        } catch (OutOfMemoryError e) {
            return Optional.of("this process ran out of memory (" + e.getMessage() + ") while it asked node " + place.name() + ", its heap "
                    + "may have " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB; give it more, or the nodes fewer slots");
        } catch (Error e) {
            // Whoever waits for the job must hear of it: nobody else sees what ends this thread.
            return Optional.of("this process failed while it asked node " + place.name() + ": " + e);
        } catch (InterruptedException e) {
            return Optional.of("the cluster was closed");
        } finally {
            synchronized (nodes) {
                place.end();
                assign();
            }
            nodes.refreshIfAnyIsAmiss();
        }
    }

    /** {@return how often a turn was begun again} */
    public int again() {
        synchronized (nodes) {
            return again;
        }
    }

    /**
     * What turns took that ended last.
     *
     * @param most how many; of very many only the last 16,384 are known
     * @return in the order in which they ended, at most so many
     */
    public List<TurnCost> turns(int most) {
        return courier.times().last(most);
    }

    /** {@return who did how much, and how often something was done again, in one line} */
    public String summary() {
        return "turns on nodes: " + nodes.counts() + "; " + again() + " begun again" + courier.times();
    }

    /** Ends everything: jobs that wait or are under way hear that the cluster has no node left for them. */
    @Override
    public void close() {
        synchronized (nodes) {
            closed = true;
            nodes.close();
            waiting.clear();
        }
        // Interrupts those that wait for a node, or for one's answer.
        threads.shutdownNow();
        engine.close();
    }
}
