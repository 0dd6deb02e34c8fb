package dev.fedtiny.network.server;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.IoProblem;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What a person wants to know of a running server, and what devices say that their turns cost. Thread-safe. */
final class ServerStatus {
    private static final int FAILURES = 20;

    /**
     * Something that went wrong.
     *
     * @param time when
     * @param number the device's
     * @param reason in words
     */
    record Trouble(Instant time, int number, String reason) {
    }

    /**
     * The exchange that is going on, or was last.
     *
     * @param kind of the request, or that none was made yet
     * @param round as people count, 0 before the first
     * @param asked devices; those that are waited for, before the first request
     * @param answered answers that were taken
     * @param lost devices that gave none, or none that was taken
     * @param since when it began
     */
    record Progress(String kind, long round, int asked, int answered, int lost, Instant since) {
        /** Before the first request. */
        static final String WAITING = "waiting for devices";
    }

    private final JsonLines costs;
    private final Instant started = Instant.now();
    private final Deque<Trouble> failures = new ArrayDeque<>();
    private Progress progress = new Progress(Progress.WAITING, 0, 0, 0, 0, started);

    ServerStatus(JsonLines costs) {
        this.costs = costs;
    }

    synchronized void progress(Progress now) {
        progress = now;
    }

    synchronized Progress progress() {
        return progress;
    }

    Instant started() {
        return started;
    }

    synchronized void failed(int number, String reason) {
        failures.addFirst(new Trouble(Instant.now(), number, reason));
        while (failures.size() > FAILURES) {
            failures.removeLast();
        }
    }

    synchronized List<Trouble> failures() {
        return new ArrayList<>(failures);
    }

    /** What a device said that a turn cost it; lost where it cannot be written. */
    void cost(Member member, String turn, String said) {
        try {
            costs.append(JsonObject.builder().put("number", member.number()).put("turn", turn).put("cost", said).build());
        } catch (IOException e) {
            failed(member.number(), "its costs could not be written: " + IoProblem.describe("", e));
        }
    }
}
