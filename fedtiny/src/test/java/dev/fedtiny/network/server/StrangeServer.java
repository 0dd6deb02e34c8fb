package dev.fedtiny.network.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes devices in as a server does; what it answers to anything else is for a test to say. */
final class StrangeServer implements AutoCloseable {
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final byte[] terms;
    private final Set<String> instances = new HashSet<>();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();

    /** What is answered to one sort of request. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    /**
     * A server that is there.
     *
     * @param others answers by the begin of the path
     */
    StrangeServer(byte[] terms, Map<String, Answer> others) throws IOException {
        this.terms = terms;
        this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(TestServer.tls().configurator());
        server.setExecutor(threads);
        on(Wire.SESSION, this::session);
        on(Wire.OBJECTS + Sha256.of(terms), exchange -> reply(exchange, 200, terms));
        others.forEach(this::on);
        server.start();
    }

    private void on(String path, Answer answer) {
        server.createContext(path, exchange -> {
            asked.computeIfAbsent(path, _ -> new AtomicInteger()).incrementAndGet();
            try (exchange) {
                answer.to(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private synchronized void session(HttpExchange exchange) throws IOException {
        String instance = Wire.object(exchange.getRequestBody().readAllBytes()).string("instance");
        reply(exchange, 200, JsonObject.builder().put("bearer", "b").put("number", 0).put("fresh", instances.add(instance)).put("run", "r")
                .put("poll", 2).put("beatMillis", 20).put("chunk", 1000).put("terms", Sha256.of(terms))
                .put("termsBytes", terms.length).build());
    }

    /** A task whose payload is these bytes; they are asked for as an object. */
    static JsonObject task(byte[] payload) {
        return task(Request.ofFrame(new FrameWriter(MessageKind.TRAIN, 0, 0, payload.length).bytes(payload).finish()));
    }

    /** A task whose body is asked for as an object. */
    static JsonObject task(Request request) {
        return JsonObject.builder().put("turn", "turn-1").put("kind", "TRAIN").put("round", 1L).put("object", request.body().sha256())
                .put("bytes", request.body().bytes().length).put("head", Base64.getEncoder().encodeToString(request.head()))
                .put("tail", Base64.getEncoder().encodeToString(request.tail())).build();
    }

    /** How often something was asked for. */
    int asked(String path) {
        return asked.getOrDefault(path, new AtomicInteger()).get();
    }

    URI uri() {
        return TestServer.uri(server.getAddress().getPort());
    }

    static void reply(HttpExchange exchange, int status, JsonObject body) throws IOException {
        reply(exchange, status, Wire.bytes(body));
    }

    static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
