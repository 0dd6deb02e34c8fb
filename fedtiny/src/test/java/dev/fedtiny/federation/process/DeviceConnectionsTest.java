package dev.fedtiny.federation.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What connections may do to a server, said with real sockets. Limits are short where they must be met, and long where they must not. */
class DeviceConnectionsTest {
    private static final Duration SHORT = Duration.ofMillis(700);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final DeviceLauncher NOBODY = (_, _, _, _) -> {
        throw new IOException("none here");
    };

    private static ProcessFleet fleet(int devices, Duration answer, Duration other) throws IOException {
        return new ProcessFleet(new ProcessFleet.Rules(devices, devices, answer, LONG, other, new Restarts(1, 1), 1 << 20), NOBODY);
    }

    private static Fleet.Requests requests(MessageKind kind, int longestAnswer) {
        return new Fleet.Requests() {
            @Override
            public Request request(int device) {
                return Request.ofFrame(FakeDevice.frame(kind, 7, device, 8));
            }

            @Override
            public int longestAnswer(int device) {
                return longestAnswer;
            }
        };
    }

    private static RecordedAnswers ask(ProcessFleet fleet, List<Integer> devices, MessageKind kind) {
        RecordedAnswers answers = new RecordedAnswers();
        fleet.exchange(devices, requests(kind, 1000), answers);
        return answers;
    }

    @Test
    void everyDeviceHasASecretOfItsOwnThatOpensNothingElse() throws Exception {
        try (ProcessFleet fleet = fleet(3, LONG, LONG)) {
            assertTrue(fleet.address().getAddress().isLoopbackAddress());
            for (int device = 0; device < 3; device++) {
                assertEquals(2 * DeviceToken.BYTES, fleet.token(device).hex().length());
                assertTrue(fleet.token(device).matches(DeviceToken.parse(" " + fleet.token(device).hex() + "\n")));
                int holder = device;
                int other = (device + 1) % 3;
                assertNotEquals(fleet.token(device).hex(), fleet.token(other).hex());
                assertThrows(IOException.class, () -> DeviceProcess.join(fleet.address(), new Join(other, fleet.token(holder), 1, 1, 1)));
                String introduction = new Join(device, fleet.token(device), 1, 1, 1).toString();
                assertFalse(introduction.contains(fleet.token(device).hex()), introduction);
            }
            for (int device : new int[] {-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                assertThrows(IOException.class, () -> DeviceProcess.join(fleet.address(), new Join(device, fleet.token(0), 1, 1, 1)));
            }
            assertEquals(List.of(), fleet.renewed(List.of(0, 1, 2)), "somebody was let in");
        }
        for (String text : List.of("", "00", "g".repeat(64), "0".repeat(63), "0".repeat(65))) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> DeviceToken.parse(text));
            assertTrue(e.getMessage().contains("64 hexadecimal digits") && (text.length() < 3 || !e.getMessage().contains(text)));
        }
    }

    @Test
    void aCrowdOfSilentConnectionsKeepsNobodyOut() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (ProcessFleet fleet = fleet(2, LONG, LONG)) {
            for (int i = 0; i < 2 * Reception.PLACES; i++) {
                crowd.add(new Socket(fleet.address().getAddress(), fleet.address().getPort()));
                if (i % 3 == 0) {
                    crowd.getLast().getOutputStream().write(new Join(0, fleet.token(0), 1, 1, 1).frame(), 0, i % 40);
                }
            }
            try (FakeDevice device = new FakeDevice(fleet.address(), 1, fleet.token(1), 1)) {
                assertEquals(List.of(1), fleet.renewed(List.of(1)));
                CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answer(device, MessageKind.HELLO));
                assertEquals(1, ask(fleet, List.of(1), MessageKind.WELCOME).frames.size());
                answered.get();
            }
            // The oldest has had to go.
            assertEquals(-1, crowd.getFirst().getInputStream().read());
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    private static void answer(FakeDevice device, MessageKind kind) {
        try {
            device.answer(kind);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aStrangerHasALimitedTimeInAllHoweverItSpreadsItsBytes() throws Exception {
        ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor();
        AtomicInteger known = new AtomicInteger();
        try (Reception reception = new Reception(DeviceProcess.loopback(), 1, SHORT, 1 << 20, deadlines,
                (_, _) -> known.incrementAndGet() > 0);
                Socket silent = new Socket(reception.address().getAddress(), reception.address().getPort());
                Socket slow = new Socket(reception.address().getAddress(), reception.address().getPort())) {
            byte[] introduction = new Join(0, DeviceToken.random(), 1, 1, 1).frame();
            OutputStream out = slow.getOutputStream();
            assertThrows(IOException.class, () -> {
                // At this pace the introduction takes ten times the time, and every single wait is short.
                for (byte value : introduction) {
                    out.write(value);
                    Thread.sleep(10 * SHORT.toMillis() / introduction.length);
                }
                throw slow.getInputStream().read() < 0 ? new IOException("closed") : new AssertionError("the server spoke");
            });
            assertEquals(-1, silent.getInputStream().read());
            assertEquals(0, known.get());
            while (reception.strangers() > 0) {
                Thread.sleep(5);
            }
        } finally {
            deadlines.shutdownNow();
        }
    }

    @Test
    void anIntroductionOfAnotherLengthIsNotReadOn() throws Exception {
        try (ProcessFleet fleet = fleet(1, LONG, LONG)) {
            for (int payload : new int[] {0, Join.FRAME_BYTES - Frame.OVERHEAD_BYTES + 1, 1 << 20, 1 << 30, -1}) {
                byte[] header = Arrays.copyOf(new Join(0, fleet.token(0), 1, 1, 1).frame(), Frame.HEADER_BYTES);
                ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putInt(6, payload);
                try (Socket socket = new Socket(fleet.address().getAddress(), fleet.address().getPort())) {
                    socket.getOutputStream().write(header);
                    assertEquals(-1, socket.getInputStream().read(), "payload of " + payload);
                }
            }
        }
    }

    @Test
    void aDeviceThatComesBackTakesItsPlaceAtOnceAndItsTurnFailsQuickly() throws Exception {
        try (ProcessFleet fleet = fleet(1, LONG, LONG); FakeDevice old = new FakeDevice(fleet.address(), 0, fleet.token(0), 1)) {
            assertEquals(List.of(0), fleet.renewed(List.of(0)));
            CompletableFuture<RecordedAnswers> exchange = CompletableFuture.supplyAsync(() -> ask(fleet, List.of(0), MessageKind.TRAIN));
            assertEquals(MessageKind.TRAIN.code(), old.connection.receive()[FakeDevice.TYPE]);
            // A stranger, and a device that is another, do not get it.
            assertThrows(IOException.class, () -> new FakeDevice(fleet.address(), 0, DeviceToken.random(), 2));
            try (FakeDevice back = new FakeDevice(fleet.address(), 0, fleet.token(0), 3)) {
                String reason = exchange.get().lost.get(0);
                assertTrue(reason.contains("has connected anew meanwhile"), reason);
                assertTrue(old.isClosed());
                // It is not asked before it was greeted, whatever it says.
                String unseen = ask(fleet, List.of(0), MessageKind.TRAIN).lost.get(0);
                assertTrue(unseen.contains("greeted before its next request"), unseen);
                assertEquals(List.of(0), fleet.renewed(List.of(0)));
                CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answer(back, MessageKind.UPDATE));
                assertEquals(1, ask(fleet, List.of(0), MessageKind.TRAIN).frames.size());
                answered.get();
                assertEquals(List.of(), fleet.renewed(List.of(0)));
            }
        }
    }

    @Test
    void theAnswerOfATurnThatWasGivenToAnotherIsNeverHeard() throws Exception {
        try (ProcessFleet fleet = fleet(1, LONG, LONG); FakeDevice old = new FakeDevice(fleet.address(), 0, fleet.token(0), 1)) {
            fleet.renewed(List.of(0));
            CompletableFuture<RecordedAnswers> first = CompletableFuture.supplyAsync(() -> ask(fleet, List.of(0), MessageKind.TRAIN));
            old.connection.receive();
            try (FakeDevice back = new FakeDevice(fleet.address(), 0, fleet.token(0), 1)) {
                assertEquals(0, first.get().frames.size());
                fleet.renewed(List.of(0));
                CompletableFuture<RecordedAnswers> second = CompletableFuture.supplyAsync(() -> ask(fleet, List.of(0), MessageKind.TRAIN));
                back.connection.receive();
                // The one before wakes up and says what it was asked for.
                try {
                    old.connection.send(FakeDevice.frame(MessageKind.UPDATE, 7, 0, 100));
                } catch (IOException e) {
                    // The system has told it already that nobody listens.
                }
                back.connection.send(FakeDevice.frame(MessageKind.UPDATE, 7, 0, 4));
                assertEquals(Frame.OVERHEAD_BYTES + 4, second.get().frames.get(0).length);
            }
        }
    }

    @Test
    void whoDoesNotEvenSayWhoItIsDoesNotGetTheTimeOfATraining() throws Exception {
        for (MessageKind kind : List.of(MessageKind.WELCOME, MessageKind.RESTORE, MessageKind.FINISH)) {
            try (ProcessFleet fleet = fleet(1, LONG, SHORT); FakeDevice silent = new FakeDevice(fleet.address(), 0, fleet.token(0), 1)) {
                fleet.renewed(List.of(0));
                String reason = ask(fleet, List.of(0), kind).lost.get(0);
                assertTrue(reason.contains("no work to do"), reason);
                silent.awaitClosed();
            }
        }
    }

    @Test
    void silenceInTheMiddleOfAnAnswerEndsIt() throws Exception {
        for (int said : new int[] {1, Frame.HEADER_BYTES, Frame.HEADER_BYTES + 3}) {
            try (ProcessFleet fleet = fleet(1, LONG, SHORT); FakeDevice device = new FakeDevice(fleet.address(), 0, fleet.token(0), 1)) {
                fleet.renewed(List.of(0));
                CompletableFuture<RecordedAnswers> exchange =
                        CompletableFuture.supplyAsync(() -> ask(fleet, List.of(0), MessageKind.TRAIN));
                device.connection.receive();
                device.connection.send(Arrays.copyOf(FakeDevice.frame(MessageKind.UPDATE, 7, 0, 100), said));
                String reason = exchange.get().lost.get(0);
                assertTrue(reason.contains("said nothing for 0.7 s in the middle of a frame"), reason);
                assertTrue(device.isClosed());
            }
        }
    }

    @Test
    void anAnswerByteByByteHasTheTimeOfAnyAnswer() throws Exception {
        try (ProcessFleet fleet = fleet(1, SHORT, LONG); FakeDevice device = new FakeDevice(fleet.address(), 0, fleet.token(0), 1)) {
            fleet.renewed(List.of(0));
            CompletableFuture<RecordedAnswers> exchange = CompletableFuture.supplyAsync(() -> ask(fleet, List.of(0), MessageKind.TRAIN));
            byte[] answer = FakeDevice.frame(MessageKind.UPDATE, 7, 0, 900);
            CompletableFuture<Void> dripping = CompletableFuture.runAsync(() -> {
                try {
                    // On a machine at a standstill its time may be over before it is asked.
                    device.connection.receive();
                    for (byte value : answer) {
                        device.connection.send(new byte[] {value});
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException e) {
                    // As expected.
                }
            });
            String reason = exchange.get().lost.get(0);
            assertTrue(reason.contains("no answer within 0 s (device-timeout)"), reason);
            dripping.get();
        }
    }

    @Test
    void whatIsLongerThanTheAnswerCanBeIsNotRead() throws Exception {
        try (ProcessFleet fleet = fleet(1, LONG, LONG); FakeDevice device = new FakeDevice(fleet.address(), 0, fleet.token(0), 1)) {
            fleet.renewed(List.of(0));
            CompletableFuture<RecordedAnswers> exchange = CompletableFuture.supplyAsync(() -> ask(fleet, List.of(0), MessageKind.TRAIN));
            device.connection.receive();
            // The fleet's longest answer has a mebibyte, this request's 1000 bytes; of what it announces no more than the header comes.
            device.connection.send(Arrays.copyOf(FakeDevice.frame(MessageKind.UPDATE, 7, 0, 979), Frame.HEADER_BYTES));
            byte[] frame = exchange.get().frames.get(0);
            assertEquals(Frame.OVERHEAD_BYTES, frame.length);
            assertTrue(assertThrows(dev.fedtiny.protocol.ProtocolException.class, () -> Frame.decode(frame)).getMessage()
                    .contains("979"));
        }
    }

    @Test
    void aSingleStrayByteIsNotForgotten() throws Exception {
        try (ProcessFleet fleet = fleet(1, LONG, LONG); FakeDevice device = new FakeDevice(fleet.address(), 0, fleet.token(0), 1)) {
            fleet.renewed(List.of(0));
            device.connection.send(new byte[1]);
            TimeUnit.MILLISECONDS.sleep(50);
            fleet.renewed(List.of(0));
            String reason = ask(fleet, List.of(0), MessageKind.TRAIN).lost.get(0);
            assertTrue(reason.contains("nobody had asked for"), reason);
        }
    }

    /** Nobody counts the time of whoever comes while the fleet is being closed: it is not left waiting for ever. */
    @Test
    void whoComesWhileTheFleetIsBeingClosedIsSentAway() throws Exception {
        ScheduledExecutorService ended = Executors.newSingleThreadScheduledExecutor();
        ended.shutdownNow();
        try (Reception reception = new Reception(DeviceProcess.loopback(), 1, LONG, 1 << 20, ended, (_, _) -> true);
                Socket late = new Socket(reception.address().getAddress(), reception.address().getPort())) {
            late.setSoTimeout(30_000);
            assertEquals(-1, late.getInputStream().read());
        }
    }

    /** Each process dies right after its work, or before it: the first kind is there in every round of a long run. */
    @Test
    void aDeviceThatWorksIsStartedAsOftenAsItIsLost() throws Exception {
        int rounds = 40;
        AtomicInteger starts = new AtomicInteger();
        FakeProcess[] processes = new FakeProcess[2];
        DeviceLauncher launcher = (device, _, server, token) -> {
            long pid = 1000 + starts.incrementAndGet();
            FakeProcess process = new FakeProcess(pid);
            processes[device] = process;
            Thread.ofVirtual().start(() -> {
                try (FakeDevice fake = new FakeDevice(server, device, token, pid)) {
                    fake.answer(MessageKind.HELLO);
                    if (device == 0) {
                        fake.answer(MessageKind.UPDATE);
                    }
                } catch (IOException e) {
                    // The fleet was closed.
                } finally {
                    process.destroy();
                }
            });
            return process;
        };
        int[] worked = new int[2];
        try (ProcessFleet fleet = new ProcessFleet(new ProcessFleet.Rules(2, 2, LONG, LONG, LONG, Restarts.USUAL, 1 << 20), launcher)) {
            String last = "";
            for (int round = 0; round < rounds; round++) {
                List<Integer> renewed = fleet.renewed(List.of(0, 1));
                ask(fleet, renewed, MessageKind.WELCOME);
                RecordedAnswers answers = ask(fleet, List.of(0, 1), MessageKind.TRAIN);
                answers.frames.keySet().forEach(device -> worked[device]++);
                last = answers.lost.getOrDefault(1, last);
                processes[0].waitFor();
            }
            assertEquals(rounds, worked[0]);
            assertEquals(0, worked[1]);
            assertEquals(rounds, fleet.figures().get(0).starts());
            // In requests 0 to 3, 5, 8, 13, 22 and 39.
            assertEquals(9, fleet.figures().get(1).starts(), last);
        }
    }
}
