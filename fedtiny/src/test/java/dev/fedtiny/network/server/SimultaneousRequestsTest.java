package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.network.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of one device at the same time, and one that is under way when all is over. */
class SimultaneousRequestsTest {
    @TempDir
    Path folder;

    /** A device whose line broke unseen asks again on another, and both are told of the turn. */
    @Test
    void aTurnIsWrittenDownOnceOnHoweverManyLinesItIsAskedFor() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            RawClient client = new RawClient(server);
            DeviceKey key = DeviceKey.generate();
            client.enrol(key, server.token());
            String bearer = client.bearer(key);
            int turns = 3;
            for (int round = 0; round < turns; round++) {
                List<CompletableFuture<Integer>> lines = new ArrayList<>();
                for (int line = 0; line < 8; line++) {
                    lines.add(CompletableFuture.supplyAsync(() -> {
                        try {
                            return client.as(bearer, "GET", Wire.TASK + "?wait=60", Map.of(), new byte[0]).status();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    }, task -> Thread.ofPlatform().daemon().start(task)));
                }
                // Those that come by then wait for it, and the others find it.
                Thread.sleep(100);
                Turn turn = server.ask(0, round, TestServer.payload(10), 1000);
                for (CompletableFuture<Integer> line : lines) {
                    assertEquals(200, line.get());
                }
                turn.close();
            }
            assertEquals(turns, Files.readAllLines(folder.resolve("audit.jsonl")).stream()
                    .filter(line -> line.contains("\"event\":\"turn\"")).count());
        }
    }

    /** Whoever is on the line when all is over hears it, or would come back to a server that is no more. */
    @Test
    void whoIsHeardWhenAllIsOverIsAnswered() throws Exception {
        TestServer server = new TestServer(folder);
        RawClient client = new RawClient(server);
        DeviceKey key = DeviceKey.generate();
        client.enrol(key, server.token());
        String bearer = client.bearer(key);
        server.ask(0, 0, TestServer.payload(10), 1000);
        String turn = client.as(bearer, "GET", Wire.TASK, Map.of(), new byte[0]).json().string("turn");
        byte[] answer = OpaqueDevice.answer(0, 0, TestServer.payload(10), 1);
        byte[] request = RawClient.request("PUT", Wire.TURNS + turn + Wire.ANSWER, Map.of("Authorization", "Bearer " + bearer,
                "Content-Range", "bytes 0-" + (answer.length - 1) + "/" + answer.length), answer);
        try (SSLSocket line = client.open()) {
            line.getOutputStream().write(request, 0, request.length - 1);
            line.getOutputStream().flush();
            while (!server.server().places().phase(0).equals("upload")) {
                Thread.sleep(5);
            }
            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
                try {
                    server.server().end();
                    server.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            // Longer than those have who only ask.
            Thread.sleep(600);
            line.getOutputStream().write(request, request.length - 1, 1);
            line.getOutputStream().flush();
            assertEquals("HTTP/1.1 410", new String(line.getInputStream().readNBytes(12), StandardCharsets.US_ASCII));
            closed.get();
        }
    }
}
