package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.FederatedDevice;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.network.device.RefusedException;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, and who is not: every state of a token, every fault of a signature, every introduction that does not fit. */
class AdmissionTest {
    @TempDir
    Path folder;

    @Test
    void aTokenIsGoodOnceAndForItsPlace() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            RawClient client = new RawClient(server);
            DeviceKey key = DeviceKey.generate();
            DeviceToken token = server.token();
            RawClient.Response unknown = client.enrol(key, DeviceToken.random());
            assertEquals(403, unknown.status());
            assertEquals("no such token was made for this federation", unknown.reason());
            assertEquals(key.shown().id(), client.enrol(key, token).json().string("device"));
            assertEquals(0, client.enrol(key, token).json().integer("number"), "the same key with its own token has its place");
            RawClient.Response used = client.enrol(DeviceKey.generate(), token);
            assertEquals(403, used.status());
            assertTrue(used.reason().contains("used by another device"), used.reason());
            RawClient.Response second = client.enrol(key, server.token());
            assertEquals(403, second.status());
            assertTrue(second.reason().contains("has place 0 already, and the token is for place 1"), second.reason());
            RawClient.Response late = client.enrol(DeviceKey.generate(), server.token(Duration.ofNanos(1)));
            assertEquals(403, late.status());
            assertTrue(late.reason().contains("could be used until"), late.reason());
        }
        try (TestServer again = new TestServer(folder)) {
            assertEquals(1, again.server().roster().members().size(), "enrolments stay");
        }
        String kept = Files.readString(folder.resolve("tokens.jsonl")) + Files.readString(folder.resolve("roster.jsonl"))
                + Files.readString(folder.resolve("audit.jsonl"));
        for (Path file : Files.list(folder.resolve("tokens")).toList()) {
            assertFalse(kept.contains(Files.readString(file).strip()), "the server keeps a token's hash alone");
        }
    }

    @Test
    void aSignatureIsOfOneRequestOfOneKeyAtOneTime() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            RawClient client = new RawClient(server);
            DeviceKey key = DeviceKey.generate();
            byte[] body = RawClient.introduction(Map.of());
            assertEquals(403, client.signed(key, Wire.SESSION, body).status(), "not enrolled");
            client.enrol(key, server.token());
            Map<String, String> good = key.request("POST", Wire.SESSION, body).headers();
            assertEquals(200, client.send("POST", Wire.SESSION, good, body).status());
            RawClient.Response replayed = client.send("POST", Wire.SESSION, good, body);
            assertEquals(401, replayed.status());
            assertTrue(replayed.reason().contains("came before"), replayed.reason());
            refused(client, key.request("POST", Wire.ENROL, body).headers(), body, "not this device's");
            refused(client, key.request("PUT", Wire.SESSION, body).headers(), body, "not this device's");
            refused(client, key.request("POST", Wire.SESSION, RawClient.introduction(Map.of("samples", "11"))).headers(), body,
                    "not this device's");
            long now = System.currentTimeMillis();
            refused(client, key.request("POST", Wire.SESSION, body, now - 600_000).headers(), body, "ago");
            refused(client, key.request("POST", Wire.SESSION, body, now + 600_000).headers(), body, "ahead");
            Map<String, String> impostor = new HashMap<>(DeviceKey.generate().request("POST", Wire.SESSION, body).headers());
            impostor.put(Wire.DEVICE, key.shown().id());
            refused(client, impostor, body, "not this device's");
            for (String missing : good.keySet()) {
                Map<String, String> less = new HashMap<>(key.request("POST", Wire.SESSION, body).headers());
                less.remove(missing);
                assertEquals(401, client.send("POST", Wire.SESSION, less, body).status(), missing);
            }
        }
    }

    private static void refused(RawClient client, Map<String, String> headers, byte[] body, String reason) throws IOException {
        RawClient.Response response = client.send("POST", Wire.SESSION, headers, body);
        assertEquals(401, response.status(), response.text());
        assertTrue(response.reason().contains(reason), response.reason());
    }

    @Test
    void introductionsThatDoNotFitAreRefusedWithTheReason() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            RawClient client = new RawClient(server);
            DeviceKey key = DeviceKey.generate();
            client.enrol(key, server.token());
            assertEquals(403, client.signed(key, Wire.SESSION, RawClient.introduction(Map.of("least", "2", "most", "9"))).status());
            assertEquals(403, client.signed(key, Wire.SESSION, RawClient.introduction(Map.of("frames", "99"))).status());
            RawClient.Response shape = client.signed(key, Wire.SESSION, RawClient.introduction(Map.of("shape", "[3,2,2]")));
            assertEquals(403, shape.status());
            assertTrue(shape.reason().contains("samples are"), shape.reason());
            for (Map<String, String> bad : List.of(Map.of("samples", "0"), Map.of("samples", "-1"), Map.of("samples", "1e9"),
                    Map.of("samples", "99999999999"), Map.of("shape", "[1,2]"), Map.of("shape", "[0,2,2]"), Map.of("shape", "\"1\""),
                    Map.of("instance", "\"\""), Map.of("release", "1"), Map.of("fusedMultiplyAdd", "0"))) {
                assertEquals(400, client.signed(key, Wire.SESSION, RawClient.introduction(bad)).status(), bad.toString());
            }
            assertEquals(List.of(), server.server().gate().all(), "nobody is in");
        }
    }

    @Test
    void aNewSessionEndsTheOneBeforeAndAnHourEndsIt() throws Exception {
        MovableClock clock = new MovableClock();
        try (TestServer server = new TestServer(folder, TestServer.LIMITS, clock, 0)) {
            RawClient client = new RawClient(server);
            DeviceKey key = DeviceKey.generate();
            client.enrol(key, server.token());
            String first = client.bearer(key);
            assertEquals(204, client.as(first, "GET", Wire.TASK, Map.of(), new byte[0]).status());
            String second = client.bearer(key);
            assertEquals(401, client.as(first, "GET", Wire.TASK, Map.of(), new byte[0]).status());
            assertEquals(204, client.as(second, "GET", Wire.TASK, Map.of(), new byte[0]).status());
            assertEquals(401, client.as("0".repeat(64), "GET", Wire.TASK, Map.of(), new byte[0]).status());
            clock.move(Duration.ofMinutes(61));
            assertEquals(401, client.as(second, "GET", Wire.TASK, Map.of(), new byte[0]).status());
        }
    }

    @Test
    void aDeviceWhoseClockIsTenMinutesOffJoinsAllTheSame() throws Exception {
        MovableClock clock = new MovableClock();
        clock.move(Duration.ofMinutes(10));
        try (TestServer server = new TestServer(folder, TestServer.LIMITS, clock, 0); OpaqueDevice device = server.device(1)) {
            server.awaitDevices(1);
            assertEquals(22, server.exchange(0, 0, new byte[0], 1000).length, device.notes().toString());
        }
    }

    @Test
    void whoIsRefusedForGoodStopsAndSaysWhy() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            try (OpaqueDevice stranger = server.device(server.uri(), DeviceKey.generate(), Optional.of(DeviceToken.random()), 1)) {
                Throwable end = stranger.await(TestServer.PATIENCE);
                assertTrue(end instanceof RefusedException && end.getMessage().contains("no such token"), String.valueOf(end));
            }
            try (OpaqueDevice late = server.device(server.uri(), DeviceKey.generate(), Optional.of(server.token(Duration.ofNanos(1))), 1)) {
                Throwable end = late.await(TestServer.PATIENCE);
                assertTrue(end instanceof RefusedException && end.getMessage().contains("could be used until"), String.valueOf(end));
            }
        }
    }

    /** A device whose data are empty does not even ask; one with samples of another shape is told which are expected. */
    @Test
    void aDeviceWithNothingToLearnFromOrWithOtherThingsIsNotTakenIn() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Map<Samples, String> reasons = Map.of(new NoSamples(), "has no sample", Samples.of(new float[3][5], new int[3]), "samples are");
            for (Map.Entry<Samples, String> wrong : reasons.entrySet()) {
                try (FederatedDevice device = FederatedDevice.join(server.uri(), Optional.of(server.token()))
                        .pin(TestServer.tls().fingerprint()).data(wrong::getKey).folder(folder).keys(folder.resolve(wrong.getValue()))
                        .open()) {
                    String reason = assertThrows(RefusedException.class, device::run).getMessage();
                    assertTrue(reason.contains(wrong.getValue()), reason);
                }
            }
            assertEquals(List.of(), server.server().gate().all());
        }
    }

    /** Numbers of requests are remembered of devices alone: strangers, who can make as many keys as they like, leave nothing behind. */
    @Test
    void anEnrolmentUsesItsNumberUpWhenTheDeviceIsIn() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            RawClient client = new RawClient(server);
            DeviceKey key = DeviceKey.generate();
            byte[] stranger = RawClient.enrolment(key, DeviceToken.random());
            Map<String, String> headers = key.request("POST", Wire.ENROL, stranger).headers();
            for (int i = 0; i < 3; i++) {
                RawClient.Response refused = client.send("POST", Wire.ENROL, headers, stranger);
                assertEquals("no such token was made for this federation", refused.reason());
            }
            byte[] device = RawClient.enrolment(key, server.token());
            Map<String, String> signed = key.request("POST", Wire.ENROL, device).headers();
            assertEquals(200, client.send("POST", Wire.ENROL, signed, device).status());
            RawClient.Response again = client.send("POST", Wire.ENROL, signed, device);
            assertEquals(401, again.status());
            assertTrue(again.reason().contains("came before"), again.reason());
        }
    }

    /** A browser sends the operator's password along whoever wrote the page. */
    @Test
    void pagesOfOthersTakeNoPlaceAway() throws Exception {
        DeviceKey key = DeviceKey.generate();
        try (TestServer server = new TestServer(folder)) {
            RawClient client = new RawClient(server);
            client.enrol(key, server.token());
            byte[] body = Wire.bytes(JsonObject.builder().put("device", key.shown().id()).build());
            String operator = Files.readString(server.server().operatorTokenFile()).strip();
            for (String origin : List.of("https://elsewhere.example", "null", "http://localhost")) {
                assertEquals(403, client.as(operator, "POST", Wire.REVOKE, Map.of("Origin", origin), body).status(), origin);
            }
            assertEquals(200, client.as(operator, "POST", Wire.REVOKE, Map.of("Origin", "https://localhost"), body).status());
        }
    }

    @Test
    void theOperatorTakesAPlaceAway() throws Exception {
        DeviceKey key = DeviceKey.generate();
        try (TestServer server = new TestServer(folder); OpaqueDevice device = server.device(server.uri(), key,
                Optional.of(server.token()), 1)) {
            RawClient client = new RawClient(server);
            server.awaitDevices(1);
            byte[] body = Wire.bytes(JsonObject.builder().put("device", key.shown().id()).build());
            String operator = Files.readString(server.server().operatorTokenFile()).strip();
            assertEquals(401, client.send("POST", Wire.REVOKE, Map.of(), body).status());
            assertEquals(401, client.as("wrong", "POST", Wire.REVOKE, Map.of(), body).status());
            assertEquals(200, client.as(operator, "POST", Wire.REVOKE, Map.of(), body).status());
            assertEquals(404, client.as(operator, "POST", Wire.REVOKE, Map.of(), body).status(), "it has no place any more");
            Throwable end = device.await(TestServer.PATIENCE);
            assertTrue(end instanceof RefusedException, String.valueOf(end));
            assertEquals(403, client.enrol(key, server.token()).status(), "not with another token either");
        }
        try (TestServer again = new TestServer(folder)) {
            assertEquals(Optional.empty(), again.server().roster().find(key.shown().id()));
        }
    }

    /** Of a device that has not seen anything yet. */
    private static final class NoSamples implements Samples {
        @Override
        public int count() {
            return 0;
        }

        @Override
        public Shape shape() {
            return new Shape(1, 2, 2);
        }

        @Override
        public int label(int i) {
            throw new IndexOutOfBoundsException(i);
        }

        @Override
        public void write(int i, float[] into, int offset, int stride) {
            throw new IndexOutOfBoundsException(i);
        }
    }

    /** A clock that a test sets. */
    private static final class MovableClock extends Clock {
        private Duration offset = Duration.ZERO;

        synchronized void move(Duration by) {
            offset = offset.plus(by);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public synchronized Instant instant() {
            return Clock.systemUTC().instant().plus(offset);
        }
    }
}
