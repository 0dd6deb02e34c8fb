package dev.fedtiny.cluster;

import dev.fedtiny.protocol.Platform;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Takes turns to nodes, with those objects that the node was not sent before, and brings back the answers. Thread-safe. */
final class Courier {
    /** A turn that lands on another node than expected may lack objects; each time it brings all that any node missed. */
    private static final int MOST_SHIPPINGS = 8;

    private final TurnEngine engine;
    private final boolean exact;
    private final Duration within;
    private final Place.Shipments shipments = new Place.Shipments();
    private final TurnTimes times = new TurnTimes();

    /** Over an engine's nodes, which must compute this machine's bits where it is to be exact, and have so much time for a turn. */
    Courier(TurnEngine engine, boolean exact, Duration within) {
        this.engine = engine;
        this.exact = exact;
        this.within = within;
    }

    /** What turns took. */
    TurnTimes times() {
        return times;
    }

    private Turn turn(String task, byte[] content, Map<String, byte[]> objects) {
        return new Turn(Classes.fingerprint(), Platform.here(), exact, task, content, objects);
    }

    /** Asks a node to say who it is. */
    TurnAnswer whoIs(Place place) throws InterruptedException, ExecutionException, TimeoutException, IOException {
        return TurnAnswer.decode(sent(place, turn(Turn.ANNOUNCE, new byte[0], Map.of()).encode()));
    }

    /** Sends a job with what the node lacks, and again where it lacks more. */
    TurnAnswer ask(Place place, NodeFacts facts, Job job) throws InterruptedException, ExecutionException, TimeoutException, IOException {
        long start = System.nanoTime();
        long sentBytes = 0;
        Job.Work work = job.work();
        // In one order for all turns: of two that wait for what the other sends none would come to an end.
        Map<String, Supplier<byte[]>> all = new TreeMap<>(work.spare());
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
                byte[] turn = turn(job.task(), work.content(), objects).encode();
                sentBytes += turn.length;
                byte[] back = sent(place, turn);
                answer = TurnAnswer.decode(back);
                if (answer instanceof TurnAnswer.Done done) {
                    times.add(new TurnCost(done.nanos(), System.nanoTime() - start - done.nanos(), sentBytes, back.length));
                }
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

    private byte[] sent(Place place, byte[] turn) throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<byte[]> future = submitted(place, turn);
        try {
            return future.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            future.cancel(true);
        }
    }

    /** An engine that has lost its cluster may throw at once. */
    private CompletableFuture<byte[]> submitted(Place place, byte[] turn) throws ExecutionException {
        try {
            return engine.submit(place.key(), turn);
        } catch (RuntimeException e) {
            throw new ExecutionException(e);
        }
    }
}
