package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.MessageKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Requests that no honest device sends: each is answered with what is wrong, none is believed, and the server goes on. */
class HostileRequestsTest {
    private static final byte[] PAYLOAD = TestServer.payload(1000);

    @TempDir
    Path folder;

    private DeviceKey key;

    @BeforeEach
    void aKey() {
        key = DeviceKey.generate();
    }

    /** A device that speaks by hand, in the middle of a turn. */
    private record Turning(TestServer server, RawClient client, String bearer, Turn turn, JsonObject task) {
        String path(String what) {
            return Wire.TURNS + task.string("turn") + what;
        }

        RawClient.Response put(String range, byte[] body) throws IOException {
            return client.as(bearer, "PUT", path(Wire.ANSWER), Map.of("Content-Range", range), body);
        }
    }

    private Turning turning(TestServer server) throws IOException {
        RawClient client = new RawClient(server);
        client.enrol(key, server.token());
        String bearer = client.bearer(key);
        Turn turn = server.ask(0, 0, PAYLOAD, 4000);
        JsonObject task = client.as(bearer, "GET", Wire.TASK, Map.of(), new byte[0]).json();
        return new Turning(server, client, bearer, turn, task);
    }

    @Test
    void answersAreTakenByteByByteAndOnce() throws Exception {
        byte[] answer = OpaqueDevice.answer(0, 0, PAYLOAD, 1);
        int n = answer.length;
        try (TestServer server = new TestServer(folder)) {
            Turning now = turning(server);
            assertEquals(0, now.put("bytes */" + n, new byte[0]).json().integer("next"));
            assertEquals(100, now.put("bytes 0-99/" + n, Arrays.copyOf(answer, 100)).json().integer("next"));
            RawClient.Response wrong = now.put("bytes 50-149/" + n, Arrays.copyOfRange(answer, 50, 150));
            assertEquals(409, wrong.status());
            assertEquals(100, wrong.json().integer("next"));
            assertEquals(100, now.put("bytes */" + n, new byte[0]).json().integer("next"));
            Thread judge = Thread.ofVirtual().start(() -> judge(server, Verdict.ACCEPTED));
            assertTrue(now.put("bytes 100-" + (n - 1) + "/" + n, Arrays.copyOfRange(answer, 100, n)).json().bool("accepted"));
            judge.join();
            assertTrue(now.put("bytes 100-" + (n - 1) + "/" + n, Arrays.copyOfRange(answer, 100, n)).json().bool("accepted"), "sent twice");
            assertTrue(now.put("bytes */" + n, new byte[0]).json().bool("accepted"), "asked again");
            Turn next = server.ask(0, 1, PAYLOAD, 4000);
            assertEquals(410, now.put("bytes 0-99/" + n, Arrays.copyOf(answer, 100)).status(), "of an old turn");
            next.close();
            assertEquals(1, Files.readAllLines(folder.resolve("audit.jsonl")).stream().filter(line -> line.contains("\"answer\"")).count());
        }
    }

    /** Takes the answer to a turn; others may have ended before. */
    private static void judge(TestServer server, Turn wanted) {
        try {
            Turn ended = server.next();
            while (ended != wanted) {
                ended = server.next();
            }
            wanted.verdict().complete(Verdict.ACCEPTED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void judge(TestServer server, Verdict verdict) {
        try {
            Turn turn = server.next();
            turn.verdict().complete(verdict);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of what devices say of their costs one line a turn is written down, however often they say it. */
    @Test
    void aTurnCostsOnce() throws Exception {
        byte[] answer = OpaqueDevice.answer(0, 0, PAYLOAD, 1);
        int n = answer.length;
        try (TestServer server = new TestServer(folder)) {
            Turning now = turning(server);
            now.client().as(now.bearer(), "PUT", now.path(Wire.ANSWER), Map.of("Content-Range", "bytes 0-99/" + n, Wire.COST, "early"),
                    Arrays.copyOf(answer, 100));
            for (int i = 0; i < 5; i++) {
                now.client().as(now.bearer(), "PUT", now.path(Wire.ANSWER), Map.of("Content-Range", "bytes */" + n, Wire.COST, "more"),
                        new byte[0]);
            }
            Thread judge = Thread.ofVirtual().start(() -> judge(server, Verdict.ACCEPTED));
            for (int i = 0; i < 3; i++) {
                now.client().as(now.bearer(), "PUT", now.path(Wire.ANSWER), Map.of("Content-Range", "bytes 100-" + (n - 1) + "/" + n,
                        Wire.COST, "cost " + i), Arrays.copyOfRange(answer, 100, n));
            }
            judge.join();
            List<String> lines = Files.readAllLines(folder.resolve("run/costs.jsonl"));
            assertEquals(1, lines.size(), lines.toString());
            assertTrue(lines.getFirst().contains("cost 0"), lines.toString());
        }
    }

    @Test
    void whatOthersSayStaysOnItsLine() {
        assertEquals("a 31mb  c d", Wire.printable("a\u009b31mb\u202e\u2066c\u2028d", 99));
    }

    /** Whoever has one address of IPv6 has all of its network. */
    @Test
    void knocksOfANetworkAreKnocksOfOne() throws Exception {
        Knocks knocks = new Knocks(1, () -> 0);
        int heard = 0;
        for (int i = 0; i < 100; i++) {
            heard += knocks.allows(InetAddress.getByName("2001:db8:0:1::" + Integer.toHexString(i + 1))) ? 1 : 0;
        }
        assertEquals(10, heard, "as many as may come at once");
        assertTrue(knocks.allows(InetAddress.getByName("2001:db8:0:2::1")), "the next network");
        for (int i = 0; i < 100; i++) {
            assertTrue(knocks.allows(InetAddress.getByName("10.0.0." + i)), "networks of IPv4 have many owners");
        }
    }

    @Test
    void whatIsNoAnswerIsRefusedWithTheReason() throws Exception {
        byte[] answer = OpaqueDevice.answer(0, 0, PAYLOAD, 1);
        int n = answer.length;
        try (TestServer server = new TestServer(folder)) {
            Turning now = turning(server);
            assertEquals(413, now.put("bytes 0-99/4001", Arrays.copyOf(answer, 100)).status(), "longer than any answer");
            assertEquals(413, now.put("bytes 0-9/10", Arrays.copyOf(answer, 10)).status(), "shorter than any frame");
            for (String range : List.of("", "bytes", "bytes 0-99", "bytes 99-0/100", "bytes 0-100/100", "bytes -1-5/100", "items 0-99/100",
                    "bytes 0-99/99999999999", "bytes 0-98/" + n)) {
                assertEquals(400, now.put(range, Arrays.copyOf(answer, 100)).status(), range);
            }
            byte[] otherRound = OpaqueDevice.answer(7, 0, PAYLOAD, 1);
            RawClient.Response other = now.put("bytes 0-" + (n - 1) + "/" + n, otherRound);
            assertEquals(422, other.status());
            assertEquals(422, now.put("bytes 0-" + (n - 1) + "/" + n, new byte[n]).status(), "no frame");
            assertEquals(0, now.put("bytes */" + n, new byte[0]).json().integer("next"), "it can be sent again from the start");
            Thread judge = Thread.ofVirtual().start(() -> judge(server, Verdict.rejected("a loss of NaN")));
            RawClient.Response judged = now.put("bytes 0-" + (n - 1) + "/" + n, answer);
            judge.join();
            assertEquals(422, judged.status());
            assertEquals("a loss of NaN", judged.reason());
        }
    }

    @Test
    void aDeviceReachesNothingButItsOwnTurn() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turning now = turning(server);
            assertEquals(200, now.client().as(now.bearer(), "GET", Wire.OBJECTS + now.task().string("object"), Map.of(),
                    new byte[0]).status());
            DeviceKey second = DeviceKey.generate();
            now.client().enrol(second, server.token());
            String other = now.client().bearer(second);
            assertEquals(404, now.client().as(other, "GET", Wire.OBJECTS + now.task().string("object"), Map.of(), new byte[0]).status());
            for (String what : List.of(Wire.BEAT, Wire.ANSWER, Wire.FAILURE)) {
                assertEquals(410, now.client().as(other, what.equals(Wire.ANSWER) ? "PUT" : "POST", now.path(what),
                        Map.of("Content-Range", "bytes */1000"), what.equals(Wire.ANSWER) ? new byte[0] : "{\"phase\":\"\",\"reason\":\"\"}"
                        .getBytes(StandardCharsets.UTF_8)).status(), what);
            }
            for (String range : List.of("bytes=99999-", "bytes=2147483648-", "bytes=9999999999-", "bytes=10000000000-", "bytes=-1")) {
                assertEquals(416, now.client().as(now.bearer(), "GET", Wire.OBJECTS + now.task().string("object"),
                        Map.of("Range", range), new byte[0]).status(), range);
            }
            assertEquals(404, now.client().as(now.bearer(), "GET", Wire.OBJECTS + "../roster.jsonl", Map.of(), new byte[0]).status());
            assertTrue(now.client().as(now.bearer(), "POST", now.path(Wire.BEAT), Map.of(), "{\"phase\":\"work\"}"
                    .getBytes(StandardCharsets.UTF_8)).json().bool("go"));
            assertEquals(200, now.client().as(now.bearer(), "POST", now.path(Wire.FAILURE), Map.of(), "{\"reason\":\"no \\u0000 disk\"}"
                    .getBytes(StandardCharsets.UTF_8)).status());
            assertEquals("device 0 gave up: no   disk", server.next().lost().orElseThrow());
        }
    }

    /** Where this side is slow, too, the server may hang up as early as in the handshake. */
    private static void hangsUp(Executable request) throws Throwable {
        try {
            request.execute();
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // It has.
        }
    }

    @Test
    void bodiesThatAreTooLongTooSlowOrCutAreNotWaitedFor() throws Throwable {
        Limits impatient = TestServer.limits(1000, Duration.ofMillis(500), 16, 1000);
        try (TestServer server = new TestServer(folder, impatient, Clock.systemUTC(), 0)) {
            RawClient client = new RawClient(server);
            hangsUp(() -> assertEquals(0, client.send("POST", Wire.ENROL, Map.of("Content-Length", "500"), new byte[499]).status(),
                    "the last byte never comes"));
            hangsUp(() -> {
                try (SSLSocket slow = client.open()) {
                    slow.getOutputStream().write("GET /v1/hello HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
                    assertEquals(-1, slow.getInputStream().read(), "headers that never end");
                }
            });
        }
        Limits patient = TestServer.limits(1000, TestServer.PATIENCE, 16, 1000);
        try (TestServer server = new TestServer(folder, patient, Clock.systemUTC(), 0)) {
            RawClient client = new RawClient(server);
            assertEquals(413, client.status(RawClient.request("POST", Wire.ENROL, Map.of("Content-Length", "9999999999"),
                    new byte[100])));
            assertEquals(411, client.status(("POST " + Wire.ENROL + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: "
                    + "chunked\r\n\r\n0\r\n\r\n").getBytes(StandardCharsets.US_ASCII)), "a body without a length");
            Turning now = turning(server);
            assertEquals(413, now.put("bytes 0-1000/1022", new byte[1001]).status(), "more than one request may carry");
        }
    }

    @Test
    void thereAreOnlySoManyUploadsAtOnceAndKnocksOfAnAddress() throws Exception {
        Limits tight = TestServer.limits(64 << 10, TestServer.PATIENCE, 1, 1);
        try (TestServer server = new TestServer(folder, tight, Clock.systemUTC(), 0)) {
            Turning now = turning(server);
            byte[] answer = OpaqueDevice.answer(0, 0, PAYLOAD, 1);
            byte[] request = RawClient.request("PUT", now.path(Wire.ANSWER), Map.of("Authorization", "Bearer " + now.bearer(),
                    "Content-Range",
                    "bytes 0-99/" + answer.length), Arrays.copyOf(answer, 100));
            try (SSLSocket slow = now.client().open()) {
                slow.getOutputStream().write(request, 0, request.length - 1);
                slow.getOutputStream().flush();
                RawClient.Response second = now.put("bytes 99-199/" + answer.length, Arrays.copyOf(answer, 101));
                while (second.status() == 409) {
                    // It came before the slow one, and does not begin where the answer does.
                    second = now.put("bytes 99-199/" + answer.length, Arrays.copyOf(answer, 101));
                }
                assertEquals(429, second.status(), second.text());
                assertTrue(second.text().contains("Retry-After: 1") || second.text().contains("Retry-after: 1"), second.text());
            }
            server.timeStandsStill();
            RawClient.Response knock = now.client().send("GET", Wire.HELLO, Map.of(), new byte[0]);
            for (int i = 0; i < 30 && knock.status() == 200; i++) {
                knock = now.client().send("GET", Wire.HELLO, Map.of(), new byte[0]);
            }
            assertEquals(429, knock.status());
        }
    }

    @Test
    void fiveHundredSlowConnectionsKeepNobodyOut() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (TestServer server = new TestServer(folder); OpaqueDevice device = server.device(1)) {
            RawClient client = new RawClient(server);
            server.awaitDevices(1);
            for (int i = 0; i < 500; i++) {
                // Most do not even begin with TLS, the others never end their headers.
                Socket socket = i % 10 == 0 ? client.open() : new Socket(server.server().address().getAddress(), server.port());
                slow.add(socket);
                socket.getOutputStream().write(i % 10 == 0 ? "GET /v1/hello HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII)
                        : new byte[] {22, 3, 1});
            }
            for (int round = 0; round < 5; round++) {
                assertArrayEquals(OpaqueDevice.answer(round, 0, PAYLOAD, 1), server.exchange(0, round, PAYLOAD, 4000),
                        device.notes().toString());
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /**
     * Requests with a few of their bytes changed, from strangers and from a device: the server answers or hangs up, and goes on as before.
     */
    @Test
    void damagedRequestsAreAnsweredOrDropped() throws Exception {
        RandomStream random = RandomStream.of(3, "fuzz");
        try (TestServer server = new TestServer(folder)) {
            Turning now = turning(server);
            Map<String, String> bearer = Map.of("Authorization", "Bearer " + now.bearer());
            byte[] json = "{\"phase\":\"work\",\"reason\":\"x\",\"step\":1}".getBytes(StandardCharsets.UTF_8);
            byte[] introduction = RawClient.introduction(Map.of());
            List<byte[]> requests = new ArrayList<>(List.of(RawClient.request("GET", Wire.HELLO, Map.of(), new byte[0]),
                    RawClient.request("POST", Wire.ENROL, key.request("POST", Wire.ENROL, json).headers(), RawClient.enrolment(key,
                    server.token())),
                    RawClient.request("POST", Wire.SESSION, key.request("POST", Wire.SESSION, introduction).headers(), introduction),
                    RawClient.request("GET", Wire.TASK + "?wait=0", bearer, new byte[0]),
                    RawClient.request("GET", Wire.OBJECTS + now.task().string("object"), bearer, new byte[0]),
                    RawClient.request("POST", now.path(Wire.BEAT), bearer, json),
                    RawClient.request("PUT", now.path(Wire.ANSWER), Map.of("Authorization", "Bearer " + now.bearer(), "Content-Range",
                            "bytes 0-99/1022"), new byte[100]),
                    RawClient.request("GET", Wire.STATUS, Map.of("Authorization", "Basic eDp4"), new byte[0]),
                    RawClient.request("PUT", now.path(Wire.ANSWER), Map.of("Authorization", "Bearer " + now.bearer(), "Content-Range",
                            "bytes */1022"), new byte[0]),
                    RawClient.request("POST", now.path(Wire.FAILURE), bearer, json),
                    RawClient.request("GET", "/", Map.of("Authorization", "Basic eDp4"), new byte[0]),
                    RawClient.request("POST", Wire.REVOKE, bearer, json)));
            // A whole answer with damaged content is for others to judge: it was, already.
            now.turn().verdict().complete(Verdict.rejected("damaged"));
            // Whole answers of every kind, those of secure sums among them.
            for (MessageKind kind : MessageKind.values()) {
                if (kind.direction() == MessageKind.Direction.UP) {
                    byte[] frame = new FrameWriter(kind, 0, 0, 100).bytes(new byte[100]).finish();
                    requests.add(RawClient.request("PUT", now.path(Wire.ANSWER), Map.of("Authorization", "Bearer " + now.bearer(),
                            "Content-Range", "bytes 0-" + (frame.length - 1) + "/" + frame.length), frame));
                }
            }
            for (int i = 0; i < 12 * requests.size(); i++) {
                byte[] request = requests.get(i % requests.size()).clone();
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    request[random.nextInt(request.length)] = (byte) random.nextInt(256);
                }
                try (SSLSocket socket = now.client().open()) {
                    socket.getOutputStream().write(request);
                    socket.shutdownOutput();
                    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertFalse(answer.startsWith("HTTP/1.1 500"), () -> new String(request, StandardCharsets.ISO_8859_1) + "\n" + answer);
                } catch (SocketException e) {
                    // Hung up in the middle of what came after the damage.
                }
            }
            assertEquals(List.of(), server.server().status().failures().stream().filter(f -> f.number() < 0).toList());
            String fresh = now.client().bearer(key);
            byte[] answer = OpaqueDevice.answer(0, 0, PAYLOAD, 1);
            Turn turn = server.ask(0, 0, PAYLOAD, 4000);
            String id = now.client().as(fresh, "GET", Wire.TASK, Map.of(), new byte[0]).json().string("turn");
            Thread judge = Thread.ofVirtual().start(() -> judge(server, turn));
            assertEquals(200, now.client().as(fresh, "PUT", Wire.TURNS + id + Wire.ANSWER, Map.of("Content-Range", "bytes 0-"
                    + (answer.length - 1) + "/" + answer.length), answer).status());
            judge.join();
            assertArrayEquals(answer, turn.takeAnswer(false, new byte[0]));
        }
    }

    @Test
    void theOperatorSeesHowItGoesAndNobodyElse() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            RawClient client = new RawClient(server);
            String operator = Files.readString(server.server().operatorTokenFile()).strip();
            String basic = Base64.getEncoder().encodeToString(("me:" + operator).getBytes(StandardCharsets.UTF_8));
            try (OpaqueDevice device = server.device(server.uri(), key, Optional.of(server.token()), 1)) {
                server.awaitDevices(1);
                server.server().status().failed(0, "<script>alert(1)</script>");
                awaitPage(client, basic, "<td class=on>waits for work");
                assertEquals(401, client.send("GET", "/", Map.of(), new byte[0]).status());
                assertEquals(400, client.send("GET", Wire.STATUS, Map.of("Authorization", "Basic !"), new byte[0]).status());
                RawClient.Response page = client.send("GET", "/", Map.of("Authorization", "Basic " + basic), new byte[0]);
                assertEquals(200, page.status());
                assertTrue(page.text().contains(key.shown().id()) && page.text().contains("&lt;script&gt;"), page.text());
                assertFalse(page.text().contains("<script"), page.text());
                assertTrue(present(client, operator));
                while (device.made() == 0) {
                    Thread.sleep(5);
                }
                assertEquals(1, device.made());
            }
            assertTrue(present(client, operator), "nobody knows yet that it has left");
            // Its last question may not have been answered yet when it left.
            do {
                server.silencePasses();
            } while (present(client, operator));
            awaitPage(client, basic, "<td class=off>silent");
        }
    }

    private static void awaitPage(RawClient client, String password, String text) throws Exception {
        long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
        String page = "";
        while (!page.contains(text)) {
            assertTrue(System.nanoTime() < deadline, page);
            page = client.send("GET", "/", Map.of("Authorization", "Basic " + password), new byte[0]).text();
        }
    }

    /** What the operator is told of the only device. */
    private static boolean present(RawClient client, String operator) throws Exception {
        List<JsonValue> devices = client.as(operator, "GET", Wire.STATUS, Map.of(), new byte[0]).json().array("devices");
        assertEquals(1, devices.size());
        return ((JsonObject) devices.getFirst()).bool("present");
    }
}
