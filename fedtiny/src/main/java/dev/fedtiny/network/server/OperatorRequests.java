package dev.fedtiny.network.server;

import com.sun.net.httpserver.HttpExchange;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.network.wire.Wire;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the operator asks: how it goes, and to take a device's place away. */
final class OperatorRequests {
    private final Roster roster;
    private final AuditLog audit;
    private final Gate gate;
    private final Places places;
    private final Bodies bodies;
    private final ServerStatus status;
    private final Duration silence;

    OperatorRequests(Roster roster, AuditLog audit, Gate gate, Places places, Bodies bodies, ServerStatus status,
            Duration silence) {
        this.roster = roster;
        this.audit = audit;
        this.gate = gate;
        this.places = places;
        this.bodies = bodies;
        this.status = status;
        this.silence = silence;
    }

    /**
     * A device as the operator sees it.
     *
     * @param member who it is
     * @param presence what it said of itself; empty: it has not come since the server was started
     * @param here whether it was heard of so lately that it counts as there
     * @param silenceSeconds since it was heard of
     * @param phase what it says it does
     * @param turn what it is asked at the moment
     */
    record Row(Member member, Optional<Presence> presence, boolean here, long silenceSeconds, String phase,
            Optional<Turn> turn) {
        boolean working() {
            return here && turn.isPresent() && turn.get().state() == Turn.State.OPEN && turn.get().taken();
        }
    }

    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Member member : roster.members()) {
            Optional<Presence> presence = gate.presence(member.number());
            long nanos = presence.isEmpty() ? 0 : places.silence(member.number());
            rows.add(new Row(member, presence, presence.isPresent() && nanos <= silence.toNanos(), nanos / 1_000_000_000,
                    presence.isEmpty() ? "" : places.phase(member.number()), places.turn(member.number())));
        }
        return rows;
    }

    Reply status() {
        ServerStatus.Progress progress = status.progress();
        List<JsonValue> devices = new ArrayList<>();
        for (Row row : rows()) {
            JsonObject.Builder device = JsonObject.builder().put("number", row.member().number()).put("device", row.member().id())
                    .put("present", row.here());
            row.presence().ifPresent(presence -> device.put("silenceSeconds", row.silenceSeconds()).put("phase", row.phase())
                    .put("release", presence.platform().release()).put("samples", presence.samples()).put("working", row.working()));
            devices.add(device.build());
        }
        List<JsonValue> failures = new ArrayList<>();
        for (ServerStatus.Trouble trouble : status.failures()) {
            failures.add(JsonObject.builder().put("time", trouble.time().toString()).put("number", trouble.number())
                    .put("reason", trouble.reason()).build());
        }
        return Reply.json(JsonObject.builder().put("started", status.started().toString()).put("kind", progress.kind())
                .put("round", progress.round()).put("since", progress.since().toString()).put("asked", progress.asked())
                .put("answered", progress.answered()).put("lost", progress.lost()).put("devices", new JsonValue.JsonArray(devices))
                .put("failures", new JsonValue.JsonArray(failures)).build());
    }

    Reply page() {
        return StatusPage.of(status, rows(), Duration.between(status.started(), Instant.now()));
    }

    /** A browser that knows the password sends it along with what pages of others have it ask: those ask for nothing here. */
    Reply revoke(HttpExchange exchange) throws Refusal, IOException {
        String origin = exchange.getRequestHeaders().getFirst("Origin");
        if (origin != null && !origin.equalsIgnoreCase("https://" + exchange.getRequestHeaders().getFirst("Host"))) {
            throw new Refusal(Refusal.FORBIDDEN, "this was asked by a page of '" + Wire.printable(origin, 64)
                    + "', which is not this server");
        }
        String id = Wire.object(bodies.small(exchange, Wire.MOST_JSON_BYTES)).string("device");
        Member member = roster.revoke(id, audit).orElseThrow(() -> new Refusal(Refusal.NOT_FOUND, "no device '"
                + Wire.printable(id, 64) + "' has a place here"));
        places.turn(member.number()).ifPresent(turn -> turn.lose("the operator took the place of device " + member.number() + " away"));
        return Reply.json(JsonObject.builder().put("number", member.number()).put("revoked", true).build());
    }
}
