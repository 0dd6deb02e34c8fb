package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.FreePort;
import dev.fedtiny.network.device.OpaqueDevice;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines that break, fall silent or are slow, and servers and devices that come back: every answer arrives whole, once. */
class FaultyLinesTest {
    private static final int PAYLOAD = 150_000;
    /** Several requests long. */
    private static final int TIMES = 2;

    @TempDir
    Path folder;

    @Test
    void answersOfManySizesArriveWhole() throws Exception {
        try (TestServer server = new TestServer(folder); OpaqueDevice device = server.device(TIMES)) {
            server.awaitDevices(1);
            int round = 0;
            for (int bytes : new int[] {0, 1, 1000, (64 << 10) / 2 - 11, (64 << 10) / 2 - 10, PAYLOAD}) {
                byte[] payload = TestServer.payload(bytes);
                assertArrayEquals(OpaqueDevice.answer(round, 0, payload, TIMES), server.exchange(0, round, payload, 1 << 20), bytes + "");
                round++;
            }
            assertEquals(1, device.made(), device.notes().toString());
        }
    }

    @Test
    void anUploadThatIsCutGoesOnWhereItWas() throws Exception {
        byte[] payload = TestServer.payload(PAYLOAD);
        try (TestServer server = new TestServer(folder); FaultyLine line = new FaultyLine(server.server().address());
                OpaqueDevice device = server.device(TestServer.uri(line.port()), DeviceKey.generate(), Optional.of(server.token()),
                        TIMES)) {
            server.awaitDevices(1);
            int round = 0;
            // At the start, around the ends of parts of 64 KiB, and in the middle.
            for (long after : new long[] {100, 5000, 64 << 10, (64 << 10) + 700, 128 << 10, 200_000, 299_000}) {
                line.cutUpAfter(after);
                assertArrayEquals(OpaqueDevice.answer(round, 0, payload, TIMES), server.exchange(0, round, payload, 1 << 20),
                        "cut after " + after + ": " + device.notes());
                round++;
            }
            assertEquals(1, device.made(), device.notes().toString());
            assertTrue(device.costs().stream().allMatch(cost -> cost.bytesUp() < 2L * TIMES * PAYLOAD),
                    "sent again from the start: " + device.costs());
        }
    }

    @Test
    void aDownloadThatIsCutGoesOnWhereItWas() throws Exception {
        byte[] payload = TestServer.payload(PAYLOAD);
        try (TestServer server = new TestServer(folder); FaultyLine line = new FaultyLine(server.server().address());
                OpaqueDevice device = server.device(TestServer.uri(line.port()), DeviceKey.generate(), Optional.of(server.token()), 1)) {
            server.awaitDevices(1);
            int round = 0;
            for (long after : new long[] {50, 3000, 70_000, 149_000}) {
                line.cutDownAfter(after);
                assertArrayEquals(OpaqueDevice.answer(round, 0, payload, 1), server.exchange(0, round, payload, 1 << 20),
                        "cut after " + after + ": " + device.notes());
                round++;
            }
            assertEquals(1, device.made(), device.notes().toString());
        }
    }

    /** As with over-selection, where the round closes while slow devices still read what they were asked. */
    @Test
    void aDeviceThatIsLetGoWhileItReadsItsRequestDoesTheNextOne() throws Exception {
        byte[] payload = TestServer.payload(PAYLOAD);
        try (TestServer server = new TestServer(folder); FaultyLine line = new FaultyLine(server.server().address());
                OpaqueDevice device = server.device(TestServer.uri(line.port()), DeviceKey.generate(), Optional.of(server.token()), 1)) {
            server.awaitDevices(1);
            server.server().places().takeRenewed(0);
            line.throttle(50_000);
            long before = line.carriedDown();
            Turn closing = server.ask(0, 0, payload, 1 << 20);
            long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
            // More than it is told of its turn: these are bytes of its request.
            while (line.carriedDown() < before + 8192) {
                assertTrue(System.nanoTime() < deadline, () -> closing.state() + ", " + device.notes());
                Thread.sleep(5);
            }
            closing.close();
            server.ask(0, 1, payload, 1 << 20);
            line.throttle(Integer.MAX_VALUE);
            line.cutDownAfter(50);
            Turn next = server.next();
            assertEquals(Optional.empty(), next.lost(), device.notes().toString());
            assertArrayEquals(OpaqueDevice.answer(1, 0, payload, 1), next.takeAnswer(false, new byte[0]));
            next.verdict().complete(Verdict.ACCEPTED);
            assertFalse(server.server().places().takeRenewed(0), "it holds what it held");
            assertEquals(1, device.made(), device.notes().toString());
        }
    }

    /** Whoever stands behind a half-open line is not waited for: the device that comes back has its place at once. */
    @Test
    void aDeviceWhoseLineFellSilentComesBackOnAnother() throws Exception {
        byte[] payload = TestServer.payload(1000);
        DeviceKey key = DeviceKey.generate();
        try (TestServer server = new TestServer(folder); FaultyLine line = new FaultyLine(server.server().address())) {
            try (OpaqueDevice first = server.device(TestServer.uri(line.port()), key, Optional.of(server.token()), 1)) {
                server.awaitDevices(1);
                assertArrayEquals(OpaqueDevice.answer(0, 0, payload, 1), server.exchange(0, 0, payload, 1 << 20));
                line.swallowOpenLines();
                assertEquals(1, first.made(), first.notes().toString());
            }
            server.server().places().takeRenewed(0);
            try (OpaqueDevice second = server.device(server.uri(), key, Optional.empty(), 1)) {
                long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
                while (!server.server().places().takeRenewed(0)) {
                    assertTrue(System.nanoTime() < deadline, () -> "the server must know that it holds nothing: " + second.notes());
                    Thread.sleep(5);
                }
                assertArrayEquals(OpaqueDevice.answer(1, 0, payload, 1), server.exchange(0, 1, payload, 1 << 20),
                        second.notes().toString());
            }
        }
    }

    @Test
    void aSlowLineIsNoLostLine() throws Exception {
        byte[] payload = TestServer.payload(60_000);
        try (TestServer server = new TestServer(folder); FaultyLine line = new FaultyLine(server.server().address());
                OpaqueDevice device = server.device(TestServer.uri(line.port()), DeviceKey.generate(), Optional.of(server.token()), 1)) {
            server.awaitDevices(1);
            line.throttle(100_000);
            assertArrayEquals(OpaqueDevice.answer(0, 0, payload, 1), server.exchange(0, 0, payload, 1 << 20), device.notes().toString());
        }
    }

    @Test
    void aServerThatIsStartedAgainGoesOnWithItsDevices() throws Exception {
        byte[] payload = TestServer.payload(PAYLOAD);
        DeviceKey key = DeviceKey.generate();
        int port;
        OpaqueDevice device;
        try (TestServer server = new TestServer(folder, TestServer.LIMITS, Clock.systemUTC(), FreePort.next())) {
            port = server.port();
            device = server.device(server.uri(), key, Optional.of(server.token()), TIMES);
            server.awaitDevices(1);
            server.exchange(0, 0, payload, 1 << 20);
        }
        try (device; TestServer server = new TestServer(folder, TestServer.LIMITS, Clock.systemUTC(), port)) {
            server.awaitDevices(1);
            assertTrue(server.server().places().takeRenewed(0), "the server must know that it holds nothing");
            assertArrayEquals(OpaqueDevice.answer(1, 0, payload, TIMES), server.exchange(0, 1, payload, 1 << 20));
            assertEquals(2, device.made(), device.notes().toString());
        }
    }

    @Test
    void aDeviceThatIsStartedAnewLosesItsTurnAndHasItsPlace() throws Exception {
        byte[] payload = TestServer.payload(1000);
        DeviceKey key = DeviceKey.generate();
        try (TestServer server = new TestServer(folder)) {
            try (OpaqueDevice first = new OpaqueDevice(server.uri(), TestServer.trust(), key, Optional.of(server.token()), folder, 1,
                    TestServer.PATIENCE, () -> sleep(600_000))) {
                server.awaitDevices(1);
                server.server().places().takeRenewed(0);
                Turn turn = server.ask(0, 0, payload, 1 << 20);
                long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
                while (!turn.taken()) {
                    assertTrue(System.nanoTime() < deadline, () -> turn.state() + ", " + turn.lost() + ", " + first.notes());
                    Thread.sleep(5);
                }
            }
            try (OpaqueDevice second = server.device(server.uri(), key, Optional.empty(), 1)) {
                assertTrue(server.next().lost().orElseThrow().contains("started anew"));
                assertTrue(server.server().places().takeRenewed(0));
                assertArrayEquals(OpaqueDevice.answer(1, 0, payload, 1), server.exchange(0, 1, payload, 1 << 20),
                        second.notes().toString());
            }
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
