package dev.fedtiny.network.wire;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.protocol.Frame;
import java.nio.charset.StandardCharsets;

/** Names of requests and headers, and the form of what is no frame: one JSON object. */
public final class Wire {
    /** Versions, limits and time of the server; needs no authentication. */
    public static final String HELLO = "/v1/hello";
    /** One-time token and public key for a place in the federation. */
    public static final String ENROL = "/v1/enrol";
    /** A signed introduction for a bearer. */
    public static final String SESSION = "/v1/session";
    /** What there is to do. */
    public static final String TASK = "/v1/task";
    /** Followed by the SHA-256 of bytes. */
    public static final String OBJECTS = "/v1/objects/";
    /** Followed by the number of a turn and what is said of it. */
    public static final String TURNS = "/v1/turns/";
    /** Behind a turn: still at work. */
    public static final String BEAT = "/beat";
    /** Behind a turn: bytes of the answer. */
    public static final String ANSWER = "/answer";
    /** Behind a turn: there will be no answer. */
    public static final String FAILURE = "/failure";
    /** What the server is doing, for the operator. */
    public static final String STATUS = "/v1/status";
    /** Takes a device's place away, for the operator. */
    public static final String REVOKE = "/v1/admin/revoke";

    /** Header: device that signed the request. */
    public static final String DEVICE = "Fedtiny-Device";
    /** Header: milliseconds since 1970 when the request was signed. */
    public static final String TIME = "Fedtiny-Time";
    /** Header: a number used once. */
    public static final String NONCE = "Fedtiny-Nonce";
    /** Header: Ed25519 signature in Base64. */
    public static final String SIGNATURE = "Fedtiny-Signature";
    /** Header: what a turn cost its device so far. */
    public static final String COST = "Fedtiny-Cost";

    /** The first version of these requests that this release speaks. */
    public static final int LEAST_VERSION = 1;
    /** The last one. */
    public static final int MOST_VERSION = 1;
    /** Version of the frames inside. */
    public static final int FRAME_VERSION = Frame.VERSION;

    /** The longest JSON object that either side reads, bytes. */
    public static final int MOST_JSON_BYTES = 64 << 10;
    private static final JsonLimits LIMITS = new JsonLimits(MOST_JSON_BYTES, 4, 1000);

    private Wire() {
    }

    /**
     * The bytes of an object.
     *
     * @param object what to say
     * @return JSON in UTF-8
     */
    public static byte[] bytes(JsonObject object) {
        return JsonWriter.compact(object).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads an object of unknown origin.
     *
     * @param bytes at most {@link #MOST_JSON_BYTES}
     * @return the object
     * @throws JsonException if it is none, or too large
     */
    public static JsonObject object(byte[] bytes) {
        if (JsonReader.parse(bytes, LIMITS) instanceof JsonObject object) {
            return object;
        }
        throw new JsonException(0, "expected an object");
    }

    /**
     * A text of the other side, fit for logs and terminals.
     *
     * @param text anything
     * @param most characters that are kept
     * @return without control characters, on one line
     */
    public static String printable(String text, int most) {
        String line = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " ");
        return line.length() <= most ? line : line.substring(0, most);
    }
}
