package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.network.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers in a server's place, or a server that has gone mad, does not keep a device busy for nothing, nor end it. */
class StrangeServersTest {
    private static final byte[] TERMS = {1, 2, 3};
    private static final byte[] PAYLOAD = TestServer.payload(5000);
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private OpaqueDevice device(StrangeServer server, Duration patience, Runnable work) throws IOException {
        return new OpaqueDevice(server.uri(), TestServer.trust(), DeviceKey.generate(), Optional.empty(), folder, 1, patience, work);
    }

    private static String object() {
        return Wire.OBJECTS + StrangeServer.task(PAYLOAD).string("object");
    }

    /** A server that has no work waits before it says so; a page of a proxy is no answer. */
    @ParameterizedTest
    @ValueSource(ints = {204, 404, 302})
    void whatComesAtOnceIsAskedForWithPauses(int status) throws Exception {
        try (StrangeServer server = new StrangeServer(TERMS, Map.of(Wire.TASK, exchange -> StrangeServer.reply(exchange, status,
                new byte[0]))); OpaqueDevice device = device(server, TestServer.PATIENCE, () -> { })) {
            long begin = System.nanoTime();
            while (server.asked(Wire.TASK) == 0) {
                assertNull(device.end());
                Thread.sleep(5);
            }
            Thread.sleep(600);
            int asked = server.asked(Wire.TASK);
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertTrue(asked < 5 + 5 * seconds, asked + " requests in " + seconds + " s");
        }
    }

    @Test
    void whoeverSpeaksInItsPlaceForLongIsNotWaitedFor() throws Exception {
        try (StrangeServer server = new StrangeServer(TERMS, Map.of(Wire.TASK, exchange -> StrangeServer.reply(exchange, 404,
                new byte[0]))); OpaqueDevice device = device(server, Duration.ofMillis(300), () -> { })) {
            Throwable end = device.await(SOON);
            assertTrue(end instanceof IOException && end.getMessage().contains("HTTP status 404"), String.valueOf(end));
        }
    }

    /** A line that breaks at the same byte each time is not tried for ever. */
    @Test
    void aDownloadThatDoesNotComeOnIsGivenUp() throws Exception {
        try (StrangeServer server = new StrangeServer(TERMS, Map.of(Wire.TASK, exchange -> StrangeServer.reply(exchange, 200,
                StrangeServer.task(PAYLOAD)), object(), exchange -> {
                    exchange.sendResponseHeaders(200, PAYLOAD.length);
                    exchange.getResponseBody().flush();
                })); OpaqueDevice device = device(server, Duration.ofMillis(300), () -> { })) {
            Throwable end = device.await(SOON);
            assertTrue(end instanceof IOException, String.valueOf(end));
            assertTrue(server.asked(object()) < 12, server.asked(object()) + " lines");
        }
    }

    @Test
    void anUploadThatDoesNotComeOnIsGivenUp() throws Exception {
        try (StrangeServer server = new StrangeServer(TERMS, Map.of(Wire.TASK, exchange -> StrangeServer.reply(exchange, 200,
                StrangeServer.task(PAYLOAD)), object(), exchange -> StrangeServer.reply(exchange, 200, PAYLOAD),
                Wire.TURNS + "turn-1" + Wire.ANSWER, exchange -> StrangeServer.reply(exchange, 200,
                        JsonObject.builder().put("next", 0).build())));
                OpaqueDevice device = device(server, Duration.ofMillis(300), () -> { })) {
            Throwable end = device.await(SOON);
            assertTrue(end instanceof IOException && end.getMessage().contains("byte 0 of the answer"), String.valueOf(end));
            assertTrue(server.asked(Wire.TURNS + "turn-1" + Wire.ANSWER) < 12);
        }
    }

    /** Neither that it has no answer can be told, nor is a session opened meanwhile by the thread that says that it is at work. */
    @Test
    void aTurnWithoutAnswerEndsNoDevice() throws Exception {
        CountDownLatch turns = new CountDownLatch(2);
        AtomicInteger sessionsMeanwhile = new AtomicInteger();
        StrangeServer[] there = new StrangeServer[1];
        try (StrangeServer server = new StrangeServer(TERMS, Map.of(Wire.TASK, exchange -> StrangeServer.reply(exchange, 200,
                StrangeServer.task(PAYLOAD)), object(), exchange -> StrangeServer.reply(exchange, 200, PAYLOAD),
                Wire.TURNS + "turn-1" + Wire.BEAT, exchange -> StrangeServer.reply(exchange, 200, new byte[0]),
                Wire.TURNS + "turn-1" + Wire.FAILURE, _ -> {
                    int before = there[0].asked(Wire.SESSION);
                    Thread.sleep(300);
                    sessionsMeanwhile.addAndGet(there[0].asked(Wire.SESSION) - before);
                }))) {
            there[0] = server;
            try (OpaqueDevice device = device(server, TestServer.PATIENCE, () -> {
                turns.countDown();
                throw new UncheckedIOException(new IOException("the disk is full"));
            })) {
                assertTrue(turns.await(SOON.toSeconds(), TimeUnit.SECONDS), () -> device.end() + ", " + device.notes());
                assertEquals(0, sessionsMeanwhile.get());
            }
        }
    }

    /** Passwords that the application has for others are not for a server that asks for one. */
    @Test
    void noPasswordOfTheApplicationIsTold() throws Exception {
        AtomicInteger told = new AtomicInteger();
        Authenticator before = Authenticator.getDefault();
        Authenticator.setDefault(new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("user", "secret".toCharArray());
            }
        });
        try (StrangeServer server = new StrangeServer(TERMS, Map.of(Wire.TASK, exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
            told.addAndGet(exchange.getRequestHeaders().getFirst("Authorization").startsWith("Basic") ? 1 : 0);
            StrangeServer.reply(exchange, 401, new byte[0]);
        })); OpaqueDevice device = device(server, TestServer.PATIENCE, () -> { })) {
            while (server.asked(Wire.TASK) < 3) {
                assertNull(device.end());
                Thread.sleep(5);
            }
            assertEquals(0, told.get());
        } finally {
            Authenticator.setDefault(before);
        }
    }

    /** In the middle of an upload, too, an interrupt ends a device; its file is closed by it, and cannot be read any more. */
    @Test
    void anInterruptEndsAnUpload() throws Exception {
        byte[] payload = TestServer.payload(150_000);
        try (TestServer server = new TestServer(folder); FaultyLine line = new FaultyLine(server.server().address())) {
            OpaqueDevice device = server.device(TestServer.uri(line.port()), DeviceKey.generate(), Optional.of(server.token()), 4);
            try (device) {
                server.awaitDevices(1);
                Turn turn = server.ask(0, 0, payload, 1 << 20);
                while (device.made() == 0 || !turn.taken()) {
                    Thread.sleep(5);
                }
                line.throttle(400_000);
                Thread.sleep(700);
            }
            Throwable end = device.await(SOON);
            assertTrue(end instanceof IOException, String.valueOf(end));
        }
    }
}
