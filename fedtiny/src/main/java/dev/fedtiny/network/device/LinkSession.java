package dev.fedtiny.network.device;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.Capacity;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Platform;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A device's standing with its server: enrols where it has to, opens a session whenever there is none, and sends requests again until they
 * are answered, with pauses. For one thread; others may ask for the session that is there.
 */
final class LinkSession {
    private static final int READ_MILLIS = 60_000;
    private static final int SERVER_ERROR = 500;
    private static final int UNAUTHENTICATED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;
    private static final int LONGEST_POLL_SECONDS = 3600;

    private final ServerLink link;
    private final DeviceKey key;
    private final Optional<DeviceToken> token;
    private final Introduction introduction;
    private final Duration patience;
    private final Consumer<String> notes;
    private String instance = instanceName();
    private volatile Session current;
    private boolean fresh;
    private long clockOffsetMillis;
    /** Attempts, one after the other, that no answer came of. */
    private int unanswered;

    /** What the device says of itself, asked anew for each session. */
    interface Introduction {
        int samples() throws IOException;

        Shape shape() throws IOException;

        /** What it can hold; by default it does not say. */
        default Capacity capacity() {
            return Capacity.UNSTATED;
        }
    }

    /**
     * An open session.
     *
     * @param bearer shown with every request
     * @param number the device's place
     * @param run which run
     * @param pollSeconds how long to wait for work
     * @param beatMillis how often to say that one is at work
     * @param chunkBytes the most of an answer in one request
     * @param terms SHA-256 of what a device is told once
     * @param termsBytes its length
     */
    record Session(String bearer, int number, String run, int pollSeconds, int beatMillis, int chunkBytes, String terms, int termsBytes) {
        Map<String, String> headers() {
            return Map.of("Authorization", "Bearer " + bearer);
        }
    }

    /** This device was started anew, or its server was: nothing of what it holds counts any more. */
    static final class StartedAnewException extends IOException {
        private static final long serialVersionUID = 1;

        StartedAnewException() {
            super("the server knows nothing of what this device holds");
        }
    }

    LinkSession(ServerLink link, DeviceKey key, Optional<DeviceToken> token, Introduction introduction, Duration patience,
            Consumer<String> notes) {
        this.link = link;
        this.key = key;
        this.token = token;
        this.introduction = introduction;
        this.patience = patience;
        this.notes = notes;
    }

    private static String instanceName() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    ServerLink link() {
        return link;
    }

    Duration patience() {
        return patience;
    }

    /** The session, opened if there is none. */
    Session session() throws IOException {
        Session open = current;
        return open == null ? open() : open;
    }

    /** The session that is there; any thread. */
    Optional<Session> current() {
        return Optional.ofNullable(current);
    }

    /** Whether a session began since this was last asked in which the device must hold nothing. */
    boolean takeFresh() {
        boolean was = fresh;
        fresh = false;
        return was;
    }

    /** This device has lost what it held, as after a fault: from the next session on it is another one. */
    void startAnew() {
        instance = instanceName();
        current = null;
    }

    private Session open() throws IOException {
        Backoff backoff = new Backoff(patience);
        boolean enrolled = false;
        boolean asked = false;
        while (true) {
            IOException failure;
            int pause = 0;
            try {
                ServerLink.Answer answer = signed(Wire.SESSION, said());
                if (answer.status() == FORBIDDEN && token.isPresent() && !enrolled) {
                    enrol();
                    enrolled = true;
                    continue;
                }
                if (answer.status() == UNAUTHENTICATED && !asked) {
                    askTime();
                    asked = true;
                    continue;
                }
                if (answer.status() == 200) {
                    Session opened = take(answer.body());
                    answered();
                    return opened;
                }
                if (!temporary(answer)) {
                    throw new RefusedException("the server at " + link.server() + " takes this device (" + key.shown().id() + ") not in: "
                            + answer.reason(), null);
                }
                failure = new IOException(answer.reason());
                pause = answer.retrySeconds();
            } catch (RefusedException e) {
                throw e;
            } catch (IOException e) {
                failure = e;
            }
            unanswered(backoff, failure, pause);
        }
    }

    /** Waits before the next attempt; who looks on is told when the second one has failed, too. */
    private void unanswered(Backoff backoff, IOException failure, int atLeastSeconds) throws IOException {
        if (++unanswered == 2 && !link.isClosed()) {
            notes.accept("no answer from the server at " + link.server() + " (" + failure.getMessage() + "); it is waited for");
        }
        pause(backoff, failure, atLeastSeconds);
    }

    /**
     * Waits before the next attempt, unless the device was closed: then there is none.
     *
     * @throws OutOfPatienceException with the failure, where there was no success for too long
     * @throws InterruptedIOException if the thread is interrupted, or the device was closed
     */
    void pause(Backoff backoff, IOException failure, int atLeastSeconds) throws IOException {
        if (link.isClosed()) {
            throw (IOException) new InterruptedIOException("this device was closed").initCause(failure);
        }
        backoff.pause(failure, atLeastSeconds);
    }

    private void answered() {
        if (unanswered > 1) {
            notes.accept("the server at " + link.server() + " answers again");
        }
        unanswered = 0;
    }

    private static boolean temporary(ServerLink.Answer answer) {
        return answer.status() == TOO_MANY || answer.status() >= SERVER_ERROR;
    }

    private byte[] said() throws IOException {
        Shape shape = introduction.shape();
        Platform here = Platform.here();
        JsonObject.Builder said = JsonObject.builder();
        introduction.capacity().className().ifPresent(name -> said.put("class", name));
        introduction.capacity().heapBytes().ifPresent(bytes -> said.put("heapMiB", Math.max(1, bytes >> 20)));
        return Wire.bytes(said.put("instance", instance).put("release", here.release())
                .put("fusedMultiplyAdd", here.fusedMultiplyAdd()).put("least", Wire.LEAST_VERSION).put("most", Wire.MOST_VERSION)
                .put("frames", Wire.FRAME_VERSION).put("samples", introduction.samples())
                .put("shape", new JsonValue.JsonArray(List.of(JsonValue.of(shape.channels()), JsonValue.of(shape.height()),
                        JsonValue.of(shape.width())))).build());
    }

    private Session take(JsonObject said) throws IOException {
        try {
            Session opened = session(said);
            fresh |= said.bool("fresh");
            current = opened;
            return opened;
        } catch (JsonException e) {
            throw new IOException("the server's session cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * What a server said of a session.
     *
     * @throws JsonException if something is missing, or a number is none that a server means
     */
    static Session session(JsonObject said) {
        return new Session(said.string("bearer"), whole(said, "number", 0, Integer.MAX_VALUE), said.string("run"),
                whole(said, "poll", 0, LONGEST_POLL_SECONDS), whole(said, "beatMillis", 1, Integer.MAX_VALUE),
                whole(said, "chunk", 1, Integer.MAX_VALUE), said.string("terms"), whole(said, "termsBytes", 0, Integer.MAX_VALUE));
    }

    /** A whole number that a server said, which is not believed whatever it is. */
    static int whole(JsonObject said, String name, int least, int most) {
        long value = said.integer(name);
        if (value < least || value > most) {
            throw new JsonException(0, "'" + name + "' is " + value + ", expected " + least + " to " + most);
        }
        return (int) value;
    }

    private ServerLink.Answer signed(String path, byte[] body) throws IOException {
        return link.call("POST", path, key.request("POST", path, body, System.currentTimeMillis() + clockOffsetMillis).headers(), body,
                READ_MILLIS);
    }

    private void enrol() throws IOException {
        ServerLink.Answer answer = signed(Wire.ENROL, Wire.bytes(JsonObject.builder().put("token", token.orElseThrow().hex())
                .put("key", key.shown().text()).build()));
        if (answer.status() == UNAUTHENTICATED) {
            askTime();
            answer = signed(Wire.ENROL, Wire.bytes(JsonObject.builder().put("token", token.orElseThrow().hex())
                    .put("key", key.shown().text()).build()));
        }
        if (temporary(answer)) {
            throw new IOException("enrolment: " + answer.reason());
        }
        if (answer.status() != 200) {
            throw new RefusedException("the server at " + link.server() + " does not enrol this device: " + answer.reason(), null);
        }
    }

    /** A device whose clock is wrong signs with its server's time. */
    private void askTime() throws IOException {
        ServerLink.Answer answer = link.call("GET", Wire.HELLO, Map.of(), new byte[0], READ_MILLIS);
        if (answer.status() != 200) {
            throw new IOException("the server does not say its time: " + answer.reason());
        }
        try {
            clockOffsetMillis = answer.body().integer("time") - System.currentTimeMillis();
        } catch (JsonException e) {
            throw new IOException("the server's time cannot be read: " + e.getMessage(), e);
        }
    }

    /** Makes a request for a session. */
    @FunctionalInterface
    interface Request<T> {
        T send(Session session) throws IOException;
    }

    /** An answer whose status is looked at. */
    interface Status<T> {
        int of(T answer);

        default int retrySeconds(T answer) {
            return 0;
        }
    }

    /**
     * Sends a request until it is answered by something other than that the server cannot now, opening sessions as needed.
     *
     * @throws StartedAnewException if the server has forgotten this device meanwhile
     * @throws RefusedException if the server does not want it any more
     */
    ServerLink.Answer call(String method, String path, Map<String, String> headers, byte[] body, int readMillis) throws IOException {
        return call(session -> link.call(method, path, with(session, headers), body, readMillis), new Status<>() {
            @Override
            public int of(ServerLink.Answer answer) {
                return answer.status();
            }

            @Override
            public int retrySeconds(ServerLink.Answer answer) {
                return answer.retrySeconds();
            }
        });
    }

    static Map<String, String> with(Session session, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.putAll(session.headers());
        return all;
    }

    /** As the other, with any sort of answer. */
    <T> T call(Request<T> request, Status<T> status) throws IOException {
        Backoff backoff = new Backoff(patience);
        boolean ended = false;
        while (true) {
            IOException failure;
            int pause = 0;
            Session session = session();
            if (fresh) {
                throw new StartedAnewException();
            }
            try {
                T answer = request.send(session);
                int code = status.of(answer);
                if (code == UNAUTHENTICATED) {
                    current = null;
                    if (!ended) {
                        ended = true;
                        continue;
                    }
                }
                if (code == FORBIDDEN) {
                    throw new RefusedException("the server at " + link.server() + " does not serve this device any more", null);
                }
                if (code != TOO_MANY && code != UNAUTHENTICATED && code < SERVER_ERROR) {
                    answered();
                    return answer;
                }
                failure = new IOException("HTTP status " + code);
                pause = status.retrySeconds(answer);
            } catch (RefusedException | TurnOverException | OutOfPatienceException | AnswerSpool.UnusableException e) {
                throw e;
            } catch (IOException e) {
                failure = e;
            }
            unanswered(backoff, failure, pause);
        }
    }
}
