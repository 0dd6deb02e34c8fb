package dev.fedtiny.network.server;

import com.sun.net.httpserver.HttpExchange;
import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.Capacity;
import dev.fedtiny.network.DevicePublicKey;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.Request;
import java.io.IOException;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What devices ask, one method a request. Nothing that comes in is believed before it was checked. Thread-safe. */
final class DeviceRequests {
    private static final int VERDICT_SECONDS = 10;
    /** Together with the wait for a verdict shorter than devices wait for a reply. */
    private static final int PLACE_SECONDS = 25;
    private static final int LONGEST_TEXT = 512;
    private static final int LONGEST_COST = 200;
    private static final int INSTANCE_DIGITS = 32;

    private final FederationServer.Rules rules;
    private final Roster roster;
    private final AuditLog audit;
    private final Gate gate;
    private final Places places;
    private final Bodies bodies;
    private final ServerStatus status;
    private final Clock clock;
    private final Semaphore uploads;
    private final String termsSha256;

    DeviceRequests(FederationServer.Rules rules, Roster roster, AuditLog audit, Gate gate, Places places, Bodies bodies,
            ServerStatus status, Clock clock) {
        this.rules = rules;
        this.roster = roster;
        this.audit = audit;
        this.gate = gate;
        this.places = places;
        this.bodies = bodies;
        this.status = status;
        this.clock = clock;
        this.uploads = new Semaphore(rules.limits().uploadsAtOnce());
        this.termsSha256 = Sha256.of(rules.terms());
    }

    /** Who is this server, and what does it speak? */
    Reply hello() {
        return Reply.json(JsonObject.builder().put("least", Wire.LEAST_VERSION).put("most", Wire.MOST_VERSION)
                .put("frames", Wire.FRAME_VERSION).put("release", Platform.RELEASE).put("time", clock.millis())
                .put("chunk", rules.limits().chunkBytes()).build());
    }

    /** A place for a token. */
    Reply enrol(HttpExchange exchange) throws Refusal, IOException {
        byte[] body = bodies.small(exchange, Wire.MOST_JSON_BYTES);
        JsonObject said = Wire.object(body);
        DevicePublicKey key = new DevicePublicKey(said.string("key"));
        gate.verify(key, exchange.getRequestMethod(), Wire.ENROL, exchange.getRequestHeaders(), body);
        try {
            Member member = roster.enrol(DeviceToken.parse(said.string("token")), key, audit);
            // Only now the device is known. Done twice, an enrolment changes nothing.
            gate.useUp(key, exchange.getRequestHeaders());
            return Reply.json(JsonObject.builder().put("device", member.id()).put("number", member.number()).build());
        } catch (Roster.Refused e) {
            throw new Refusal(Refusal.FORBIDDEN, e.getMessage());
        }
    }

    /** A bearer for a signature. */
    Reply session(HttpExchange exchange) throws Refusal, IOException {
        byte[] body = bodies.small(exchange, Wire.MOST_JSON_BYTES);
        Member member = roster.find(Gate.signer(exchange.getRequestHeaders())).orElseThrow(() -> new Refusal(Refusal.FORBIDDEN,
                "this device has no place here: it was never enrolled, or the operator took it away"));
        gate.check(member.key(), exchange.getRequestMethod(), Wire.SESSION, exchange.getRequestHeaders(), body);
        JsonObject said = Wire.object(body);
        long least = said.integer("least");
        long most = said.integer("most");
        if (least > Wire.MOST_VERSION || most < Wire.LEAST_VERSION || said.integer("frames") != Wire.FRAME_VERSION) {
            throw new Refusal(Refusal.FORBIDDEN, "the device speaks versions " + least + " to " + most + " with frames of version "
                    + said.integer("frames") + ", this server " + Wire.LEAST_VERSION + " to " + Wire.MOST_VERSION + " with "
                    + Wire.FRAME_VERSION + "; run releases that overlap");
        }
        String instance = said.string("instance");
        String release = said.string("release");
        if (instance.length() != INSTANCE_DIGITS || release.length() > Wire.MOST_JSON_BYTES / 1024) {
            throw new Refusal(Refusal.BAD_REQUEST, "instance of " + instance.length() + " and release of " + release.length()
                    + " characters, expected " + INSTANCE_DIGITS + " and at most " + Wire.MOST_JSON_BYTES / 1024);
        }
        Platform platform = new Platform(Wire.printable(release, LONGEST_TEXT), said.bool("fusedMultiplyAdd"));
        int samples = whole(said.get("samples"), 1);
        Capacity capacity = capacity(said);
        Optional<String> refused = rules.admission().refusal(member.number(), platform, samples, shape(said.array("shape")))
                .or(() -> rules.admission().refusal(member.number(), capacity));
        if (refused.isPresent()) {
            status.failed(member.number(), refused.get());
            throw new Refusal(Refusal.FORBIDDEN, refused.get());
        }
        audit.write(AuditLog.line(AuditLog.Event.SESSION, member).put("release", platform.release())
                .put("fusedMultiplyAdd", platform.fusedMultiplyAdd()).put("samples", samples));
        places.seen(member.number(), "idle");
        boolean fresh = gate.presence(member.number()).filter(before -> before.instance().equals(instance)).isEmpty();
        if (fresh) {
            // Before anybody sees the session: what is asked of the device from then on, this life of it is asked.
            places.renewed(member.number());
        }
        String bearer = gate.open(member, instance, platform, samples, capacity);
        Limits limits = rules.limits();
        return Reply.json(JsonObject.builder().put("bearer", bearer).put("expires", limits.session().toSeconds())
                .put("number", member.number()).put("fresh", fresh).put("run", rules.run()).put("poll", limits.poll().toSeconds())
                .put("beatMillis", limits.beat().toMillis()).put("chunk", limits.chunkBytes()).put("terms", termsSha256)
                .put("termsBytes", rules.terms().length).build());
    }

    /** What devices of earlier releases do not say. */
    private static Capacity capacity(JsonObject said) throws Refusal {
        Optional<String> name = said.find("class").isEmpty() ? Optional.empty()
                : Optional.of(Wire.printable(said.string("class"), LONGEST_TEXT));
        OptionalLong heap = said.find("heapMiB").isEmpty() ? OptionalLong.empty()
                : OptionalLong.of((long) whole(said.get("heapMiB"), 1) << 20);
        return new Capacity(name, heap);
    }

    private static int whole(JsonValue value, int least) throws Refusal {
        if (value instanceof JsonValue.JsonNumber number && number.toLong().isPresent() && number.toLong().getAsLong() >= least
                && number.toLong().getAsLong() <= Integer.MAX_VALUE) {
            return (int) number.toLong().getAsLong();
        }
        throw new Refusal(Refusal.BAD_REQUEST, "expected a whole number from " + least + " to " + Integer.MAX_VALUE);
    }

    private static Shape shape(List<JsonValue> sizes) throws Refusal {
        if (sizes.size() != 3) {
            throw new Refusal(Refusal.BAD_REQUEST, "the shape of a sample has " + sizes.size()
                    + " sizes, expected channels, height, width");
        }
        return new Shape(whole(sizes.get(0), 1), whole(sizes.get(1), 1), whole(sizes.get(2), 1));
    }

    /** What is there to do? */
    Reply task(HttpExchange exchange) throws Refusal, IOException {
        Presence presence = gate.bearer(exchange.getRequestHeaders());
        int number = presence.member().number();
        String query = exchange.getRequestURI().getRawQuery();
        long wait = query != null && query.matches("wait=[0-9]{1,4}") ? Long.parseLong(query.substring(5)) : 0;
        places.seen(number, "idle");
        Optional<Turn> turn;
        try {
            turn = places.await(number, Math.min(1000 * wait, rules.limits().poll().toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.later(Refusal.UNAVAILABLE, "the server is ending", 1);
        }
        places.seen(number, "idle");
        if (places.over()) {
            return Reply.json(JsonObject.builder().put("over", true).build());
        }
        if (turn.isEmpty()) {
            return Reply.nothing(0);
        }
        Turn open = turn.get();
        open.take(audit);
        Request request = open.errand().request();
        places.seen(number, "work");
        return Reply.json(JsonObject.builder().put("turn", open.id()).put("kind", request.kind().name())
                .put("round", request.round() + 1L).put("millis", Math.max(0, open.deadlineMillis() - clock.millis()))
                .put("object", request.body().sha256()).put("bytes", request.body().bytes().length)
                .put("head", Base64.getEncoder().encodeToString(request.head()))
                .put("tail", Base64.getEncoder().encodeToString(request.tail())).put("longest", open.errand().longestAnswer()).build());
    }

    /** Bytes that this device was told of: a device gets no others. */
    Reply object(HttpExchange exchange, String sha256) throws Refusal {
        Presence presence = gate.bearer(exchange.getRequestHeaders());
        int number = presence.member().number();
        places.seen(number, "download");
        byte[] content = rules.terms();
        if (!sha256.equals(termsSha256)) {
            Turn turn = places.turn(number).orElseThrow(() -> missing(sha256));
            if (turn.state() == Turn.State.CLOSED) {
                throw new Refusal(Refusal.GONE, "the round is over");
            }
            if (!turn.taken() || !turn.errand().request().body().sha256().equals(sha256)) {
                throw missing(sha256);
            }
            content = turn.errand().request().body().bytes();
        }
        int from = from(exchange.getRequestHeaders().getFirst("Range"), content.length);
        Map<String, String> headers = from == 0 ? Map.of()
                : Map.of("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        return new Reply(from == 0 ? Reply.OK : Reply.PARTIAL, "application/octet-stream", headers, content, from, content.length - from);
    }

    private static Refusal missing(String sha256) {
        return new Refusal(Refusal.NOT_FOUND, "this device was told of no object " + Wire.printable(sha256, 64));
    }

    private static int from(String range, int length) throws Refusal {
        if (range == null) {
            return 0;
        }
        if (!range.matches("bytes=[0-9]{1,10}-") || Long.parseLong(range.substring(6, range.length() - 1)) >= length) {
            throw new Refusal(Refusal.RANGE, "the range must be 'bytes=FIRST-' with the first below " + length);
        }
        return Integer.parseInt(range.substring(6, range.length() - 1));
    }

    private Turn turn(Presence presence, String id) throws Refusal {
        Turn turn = places.turn(presence.member().number()).orElse(null);
        if (turn == null || !turn.taken() || !turn.id().equals(id)) {
            throw new Refusal(Refusal.GONE, "this turn is over, or was never this device's");
        }
        return turn;
    }

    /** Still at work. */
    Reply beat(HttpExchange exchange, String id) throws Refusal, IOException {
        Presence presence = gate.bearer(exchange.getRequestHeaders());
        JsonObject said = Wire.object(bodies.small(exchange, Wire.MOST_JSON_BYTES));
        places.seen(presence.member().number(), Wire.printable(said.string("phase"), 20));
        Turn turn = turn(presence, id);
        return Reply.json(JsonObject.builder().put("go", turn.state() == Turn.State.OPEN).build());
    }

    /** Bytes of the answer, or where they go on. */
    Reply answer(HttpExchange exchange, String id) throws Refusal, IOException {
        Presence presence = gate.bearer(exchange.getRequestHeaders());
        int number = presence.member().number();
        places.seen(number, "upload");
        Turn turn = turn(presence, id);
        ContentRange range = ContentRange.parse(exchange.getRequestHeaders().getFirst("Content-Range"));
        long length = Bodies.length(exchange, rules.limits().chunkBytes());
        if (length != range.count()) {
            throw new Refusal(Refusal.BAD_REQUEST, "the body has " + length + " bytes, its range " + range.count());
        }
        if (range.from() < 0 && turn.state() == Turn.State.OPEN && !turn.arrived()) {
            return next(turn.next(range.total()));
        }
        if (range.from() >= 0) {
            upload(exchange, turn, range, number);
        }
        Optional.ofNullable(exchange.getRequestHeaders().getFirst(Wire.COST))
                .filter(_ -> turn.tellsCost()).ifPresent(cost -> status.cost(presence.member(), id, Wire.printable(cost, LONGEST_COST)));
        turn.complete(audit);
        return turn.state() == Turn.State.OPEN ? next(turn.next(range.total())) : judged(turn);
    }

    private void upload(HttpExchange exchange, Turn turn, ContentRange range, int number) throws Refusal, IOException {
        awaitPlace();
        try {
            Optional<Turn.Upload> upload = turn.upload(range.from(), range.total());
            if (upload.isPresent()) {
                bodies.stream(exchange, range.count(), new Bodies.Taker() {
                    @Override
                    public void take(byte[] bytes, int count) throws IOException {
                        upload.get().take(bytes, count);
                    }

                    @Override
                    public void heard() {
                        places.seen(number, "upload");
                    }
                });
            }
        } catch (IOException e) {
            // Where nobody wants the answer any more its sender is told so, and need not ask on another line.
            turn.next(range.total());
            throw e;
        } finally {
            uploads.release();
        }
    }

    /**
     * Waits while as many uploads as there may be are read. Meanwhile nothing of this one is, so that the line itself holds the sender
     * back; a refusal at once would have the sender's bytes thrown away, and sent again.
     */
    private void awaitPlace() throws Refusal {
        try {
            long millis = Math.min(1000L * PLACE_SECONDS, rules.limits().poll().toMillis());
            if (!uploads.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
                throw Refusal.later(Refusal.TOO_MANY, "the server is taking as many answers as it can", 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.later(Refusal.UNAVAILABLE, "the server is ending", 1);
        }
    }

    private static Reply next(long offset) {
        return Reply.json(JsonObject.builder().put("next", offset).build());
    }

    /** The verdict, where it comes soon. */
    private static Reply judged(Turn turn) throws Refusal {
        try {
            Verdict verdict = turn.verdict().get(VERDICT_SECONDS, TimeUnit.SECONDS);
            return switch (verdict.kind()) {
                case ACCEPTED -> Reply.json(JsonObject.builder().put("accepted", true).build());
                case REJECTED -> throw new Refusal(Refusal.INVALID, verdict.reason());
                case OVER -> throw new Refusal(Refusal.GONE, verdict.reason());
            };
        } catch (TimeoutException | ExecutionException e) {
            return Reply.json(Reply.ACCEPTED, JsonObject.builder().put("received", true).build());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Reply.json(Reply.ACCEPTED, JsonObject.builder().put("received", true).build());
        }
    }

    /** There will be no answer. */
    Reply failure(HttpExchange exchange, String id) throws Refusal, IOException {
        Presence presence = gate.bearer(exchange.getRequestHeaders());
        JsonObject said = Wire.object(bodies.small(exchange, Wire.MOST_JSON_BYTES));
        places.seen(presence.member().number(), "idle");
        turn(presence, id).lose("device " + presence.member().number() + " gave up: " + Wire.printable(said.string("reason"),
                LONGEST_TEXT));
        return Reply.json(JsonObject.builder().put("noted", true).build());
    }

    /** A request that could not be read. */
    static Refusal unreadable(RuntimeException e) {
        return new Refusal(Refusal.BAD_REQUEST, e instanceof JsonException || e instanceof IllegalArgumentException
                ? Wire.printable(String.valueOf(e.getMessage()), LONGEST_TEXT) : "the request cannot be read");
    }
}
