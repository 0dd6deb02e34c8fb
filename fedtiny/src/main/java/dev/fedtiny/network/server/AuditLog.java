package dev.fedtiny.network.server;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

/**
 * What happened and to whom, line by line in {@code audit.jsonl}; nothing is ever changed or removed there, and no secret is in it. What
 * cannot be written down does not happen: the request that would have had the effect is answered with 503 and can be sent again. Lines
 * survive the end of the process. Thread-safe.
 */
final class AuditLog implements Closeable {
    /** What can happen. */
    enum Event {
        /** A device took its place. */
        ENROL,
        /** A device presented itself. */
        SESSION,
        /** A device was asked. */
        TURN,
        /** An answer came whole. */
        ANSWER,
        /** An answer was taken. */
        ACCEPT,
        /** An answer was not taken. */
        REJECT,
        /** A device gave no answer. */
        LOST,
        /** The operator took a device's place away. */
        REVOKE,
        /** A server began to listen. */
        START
    }

    private final JsonLines lines;

    AuditLog(JsonLines lines) {
        this.lines = lines;
    }

    static AuditLog open(Path file) throws IOException {
        return new AuditLog(JsonLines.append(file, JsonLines.Durability.WRITTEN));
    }

    /** A line to be completed. */
    static JsonObject.Builder line(Event event) {
        return JsonObject.builder().put("time", Instant.now().toString()).put("event", event.name().toLowerCase(Locale.ROOT));
    }

    /** A line about a device. */
    static JsonObject.Builder line(Event event, Member member) {
        return line(event).put("number", member.number()).put("device", member.id());
    }

    /**
     * Writes a line.
     *
     * @throws IOException if it cannot be written; then it must not happen
     */
    void write(JsonObject.Builder line) throws IOException {
        lines.append(line.build());
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
