package dev.fedtiny.network.server;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.OptionalInt;

/** A request that is not served, and how its sender learns why. */
final class Refusal extends Exception {
    /** Something in the request is not what this server reads. */
    static final int BAD_REQUEST = 400;
    /** Who sent it is not known, or does not prove it. */
    static final int UNAUTHENTICATED = 401;
    /** Who sent it is known, and may not. */
    static final int FORBIDDEN = 403;
    /** There is nothing of this name. */
    static final int NOT_FOUND = 404;
    /** Not with this method of HTTP. */
    static final int METHOD = 405;
    /** The answer goes on elsewhere. */
    static final int CONFLICT = 409;
    /** The turn is over. */
    static final int GONE = 410;
    /** The body has no length. */
    static final int LENGTH_REQUIRED = 411;
    /** The body is longer than it can be. */
    static final int TOO_LARGE = 413;
    /** No such range of an object. */
    static final int RANGE = 416;
    /** The answer is no valid one. */
    static final int INVALID = 422;
    /** Later. */
    static final int TOO_MANY = 429;
    /** The server cannot write. */
    static final int UNAVAILABLE = 503;
    private static final long serialVersionUID = 1;

    private final int status;
    private final long next;
    private final int retrySeconds;

    Refusal(int status, String reason) {
        this(status, reason, -1, -1);
    }

    private Refusal(int status, String reason, long next, int retrySeconds) {
        super(reason);
        this.status = status;
        this.next = next;
        this.retrySeconds = retrySeconds;
    }

    /** Come back later. */
    static Refusal later(int status, String reason, int seconds) {
        return new Refusal(status, reason, -1, seconds);
    }

    /** The answer goes on at another offset. */
    static Refusal offset(long next) {
        return new Refusal(CONFLICT, "the answer goes on at byte " + next, next, -1);
    }

    int status() {
        return status;
    }

    OptionalInt retrySeconds() {
        return retrySeconds < 0 ? OptionalInt.empty() : OptionalInt.of(retrySeconds);
    }

    JsonObject body() {
        JsonObject.Builder body = JsonObject.builder().put("reason", getMessage());
        return next < 0 ? body.build() : body.put("next", next).build();
    }
}
