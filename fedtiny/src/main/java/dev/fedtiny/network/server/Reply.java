package dev.fedtiny.network.server;

import com.sun.net.httpserver.HttpExchange;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.wire.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/**
 * What a request is answered with.
 *
 * @param status of HTTP
 * @param type of the content
 * @param headers beside those that every answer has
 * @param content of which a part is sent; not to be changed
 * @param from first byte of the part
 * @param count bytes of the part
 */
record Reply(int status, String type, Map<String, String> headers, byte[] content, int from, int count) {
    static final int OK = 200;
    /** Taken, but not judged yet. */
    static final int ACCEPTED = 202;
    static final int NO_CONTENT = 204;
    static final int PARTIAL = 206;
    private static final String JSON = "application/json";

    static Reply json(int status, JsonObject object) {
        byte[] bytes = Wire.bytes(object);
        return new Reply(status, JSON, Map.of(), bytes, 0, bytes.length);
    }

    static Reply json(JsonObject object) {
        return json(OK, object);
    }

    static Reply nothing(int retrySeconds) {
        return new Reply(NO_CONTENT, JSON, Map.of("Retry-After", Integer.toString(retrySeconds)), new byte[0], 0, 0);
    }

    static Reply of(Refusal refusal) {
        byte[] bytes = Wire.bytes(refusal.body());
        Map<String, String> headers = refusal.retrySeconds().isPresent()
                ? Map.of("Retry-After", Integer.toString(refusal.retrySeconds().getAsInt()))
                : refusal.status() == Refusal.UNAUTHENTICATED ? Map.of("WWW-Authenticate", "Bearer") : Map.of();
        return new Reply(refusal.status(), JSON, headers, bytes, 0, bytes.length);
    }

    void send(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, count == 0 ? -1 : count);
        if (count > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(content, from, count);
            }
        }
    }
}
