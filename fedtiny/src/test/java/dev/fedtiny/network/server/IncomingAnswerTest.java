package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.OpaqueDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers on their way: in memory while there is some, on the disk in any case, and the same bytes whatever happens between. */
class IncomingAnswerTest {
    private static final byte[] PAYLOAD = TestServer.payload(200_000);
    private static final byte[] ANSWER = OpaqueDevice.answer(0, 0, PAYLOAD, 1);

    @TempDir
    Path folder;

    private static void send(Turn.Upload line, int from, int to) throws IOException {
        byte[] window = new byte[10_000];
        for (int at = from; at < to;) {
            int count = Math.min(window.length, to - at);
            System.arraycopy(ANSWER, at, window, 0, count);
            line.take(window, count);
            Arrays.fill(window, (byte) 99);
            at += count;
        }
    }

    private static Turn.Upload line(Turn turn, int from) throws Exception {
        return turn.upload(from, ANSWER.length, turn.memory(from, ANSWER.length)).orElseThrow();
    }

    private static Optional<byte[]> take(AnswerMemory memory, int length) {
        try {
            return Optional.ofNullable(memory.take(length));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The turn of a device that has joined and does nothing. */
    private Turn turn(TestServer server) throws Exception {
        new RawClient(server).enrol(DeviceKey.generate(), server.token());
        Turn turn = server.ask(0, 0, PAYLOAD, ANSWER.length);
        turn.take();
        return turn;
    }

    private static void assertWhole(TestServer server, Turn turn, boolean inMemory) throws Exception {
        turn.complete(server.server().audit());
        assertEquals(Turn.State.WHOLE, turn.state());
        assertArrayEquals(ANSWER, Files.readAllBytes(turn.answer()));
        AnswerMemory memory = server.server().answers().memory();
        assertEquals(inMemory ? ANSWER.length : 0, memory.used());
        try (Turn.Taken answer = turn.takeAnswer(true, new byte[0])) {
            assertEquals(inMemory, answer.room().isPresent());
            assertArrayEquals(ANSWER, answer.bytes());
        }
        assertEquals(0, memory.used());
        byte[] spare = new byte[ANSWER.length];
        assertSame(spare, turn.takeAnswer(true, spare).bytes(), "from the disk");
        assertArrayEquals(ANSWER, spare);
    }

    @Test
    void aQuickAnswerIsInMemoryAndOnTheDisk() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            Turn.Upload line = line(turn, 0);
            send(line, 0, 150_000);
            Turn.Upload next = line(turn, 150_000);
            send(next, 150_000, ANSWER.length);
            assertWhole(server, turn, true);
        }
    }

    @Test
    void aSlowOneLeavesTheMemoryToOthers() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            Turn.Upload line = line(turn, 0);
            send(line, 0, 70_001);
            turn.relieve(Long.MAX_VALUE);
            turn.relieve(-1);
            send(line, 70_001, ANSWER.length);
            assertWhole(server, turn, false);
        }
    }

    /** A line that fell silent may wake up: it adds nothing to what another line brings. */
    @Test
    void aLineThatTookOverIsNotDisturbedByTheOneBefore() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            Turn.Upload silent = line(turn, 0);
            send(silent, 0, 100_000);
            Turn.Upload line = line(turn, 100_000);
            assertThrows(IOException.class, () -> send(silent, 100_000, 100_001));
            send(line, 100_000, ANSWER.length);
            assertWhole(server, turn, true);
        }
    }

    /** Who announces another length and then goes on elsewhere is refused, and has ended the line that brought the first. */
    @Test
    void aLineOfAnAnswerThatWasDroppedAddsNothingToTheNext() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            Turn.Upload dropped = line(turn, 0);
            send(dropped, 0, 1000);
            assertThrows(Refusal.class, () -> turn.upload(1000, ANSWER.length - 1, null));
            assertThrows(IOException.class, () -> send(dropped, 1000, 1001));
            assertEquals(0, turn.next(ANSWER.length - 1));
            assertEquals(0, server.server().answers().memory().used());
            Turn.Upload line = line(turn, 0);
            send(line, 0, ANSWER.length);
            assertThrows(IOException.class, () -> line.take(new byte[1], 1), "more than was announced");
            turn.complete(server.server().audit());
            assertThrows(IOException.class, () -> line.take(new byte[1], 1), "it is whole");
            assertWhole(server, turn, true);
        }
    }

    @Test
    void bytesThatAreLookedAtStayWhenTheTurnIsOver() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            AnswerMemory memory = server.server().answers().memory();
            Turn turn = turn(server);
            send(line(turn, 0), 0, ANSWER.length);
            turn.complete(server.server().audit());
            try (Turn.Taken answer = turn.takeAnswer(true, new byte[0])) {
                turn.close();
                assertEquals(ANSWER.length, memory.used());
                assertNotSame(answer.bytes(), memory.take(ANSWER.length), "nobody else writes to it");
                assertArrayEquals(ANSWER, answer.bytes());
            }
            assertEquals(ANSWER.length, memory.used(), "the other array");
        }
    }

    @Test
    void anAnswerOfATurnThatIsOverHoldsNoMemory() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn coming = turn(server);
            send(line(coming, 0), 0, 1000);
            coming.close();
            assertEquals(0, server.server().answers().memory().used());
            Turn whole = server.ask(0, 1, PAYLOAD, ANSWER.length);
            whole.take();
            byte[] answer = OpaqueDevice.answer(1, 0, PAYLOAD, 1);
            whole.upload(0, answer.length, whole.memory(0, answer.length)).orElseThrow().take(answer, answer.length);
            whole.complete(server.server().audit());
            assertEquals(answer.length, server.server().answers().memory().used());
            whole.close();
            assertEquals(0, server.server().answers().memory().used());
        }
    }

    /** Whoever looks at answers may fail; what the answer was held in is free again. */
    @Test
    @Timeout(300)
    void memoryIsGivenBackWhereALookAtAnAnswerFails() throws Exception {
        TestServer server = new TestServer(folder);
        try (NetworkFleet fleet = new NetworkFleet(server.server(), new NetworkFleet.Rules(1, DevelopmentSplit.usual(1),
                TestServer.PATIENCE)); OpaqueDevice _ = server.device(1)) {
            fleet.await(1);
            Fleet.Requests requests = device -> TestServer.errand(0, device, PAYLOAD, 0).request();
            assertThrows(ArithmeticException.class, () -> fleet.exchange(List.of(0), requests, new Fleet.Answers() {
                @Override
                public Optional<String> answered(int device, byte[] frame) {
                    throw new ArithmeticException("of whoever looks");
                }

                @Override
                public void lost(int device, String reason) {
                    throw new IllegalStateException(reason);
                }
            }));
            assertEquals(0, server.server().answers().memory().used());
        }
    }

    @Test
    void aFullDiskIsNamedToWhoGoesOn() throws Exception {
        AnswerMemory room = new AnswerMemory(1000, 0);
        Path file = folder.resolve("part");
        FillingChannel disk = new FillingChannel(file);
        IncomingAnswer answer = new IncomingAnswer(file, disk, 1000, room, room.take(1000));
        answer.add(ANSWER, 500);
        disk.left = 100;
        answer.giveMemory();
        assertEquals(0, room.used());
        assertFalse(answer.usable());
        FileWriteException full = assertThrows(FileWriteException.class, () -> answer.add(ANSWER, 1));
        assertEquals("No space left on device", full.getCause().getMessage());
        answer.giveMemory();
        answer.close();
        assertEquals(0, room.used());
    }

    @Test
    void whatIsDroppedIsNotWritten() throws Exception {
        AnswerMemory room = new AnswerMemory(1000, 0);
        Path file = folder.resolve("part");
        IncomingAnswer answer = new IncomingAnswer(file, new FillingChannel(file), 1000, room, room.take(1000));
        answer.add(ANSWER, 500);
        answer.close();
        assertEquals(0, room.used());
        assertEquals(0, Files.size(file));
    }

    /** An interrupt closes the file that is written to: how much is there nobody knows. */
    @Test
    void whereAWriteWasInterruptedTheAnswerBeginsAnew() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            Turn.Upload line = line(turn, 0);
            Thread.currentThread().interrupt();
            assertThrows(IOException.class, () -> send(line, 0, ANSWER.length));
            assertTrue(Thread.interrupted());
            assertFalse(turn.arrived());
            assertEquals(0, turn.next(ANSWER.length));
            Turn.Upload next = line(turn, 0);
            send(next, 0, ANSWER.length);
            assertWhole(server, turn, true);
        }
    }

    @Test
    void memoryIsUsedOverAndOverAndNeverMoreThanThereIs() throws Exception {
        AnswerMemory memory = new AnswerMemory(3000, 50);
        assertNull(memory.take(3001));
        byte[] first = memory.take(2000);
        assertNull(memory.take(1001), "nobody gives anything back");
        memory.give(first);
        assertSame(first, memory.take(2000));
        memory.give(first);
        byte[] other = memory.take(1999);
        assertEquals(1999, other.length, "not the one of another length");
        assertEquals(1999, memory.used());
        AnswerMemory patient = new AnswerMemory(3000, TestServer.PATIENCE.toMillis());
        byte[] held = patient.take(3000);
        CompletableFuture<Optional<byte[]>> waiting = CompletableFuture.supplyAsync(() -> take(patient, 100));
        patient.give(held);
        assertEquals(100, waiting.get(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS).orElseThrow().length);
    }

    /** However often others give a little back. */
    @Test
    void patienceIsCountedOnce() throws Exception {
        AnswerMemory memory = new AnswerMemory(3000, 200);
        memory.take(2000);
        CompletableFuture<Optional<byte[]>> waiting = CompletableFuture.supplyAsync(() -> take(memory, 2000));
        long began = System.nanoTime();
        while (!waiting.isDone() && System.nanoTime() - began < TestServer.PATIENCE.toNanos()) {
            memory.give(memory.take(1));
            Thread.sleep(1);
        }
        assertTrue(waiting.getNow(null) != null, "waits although its patience is over");
        assertEquals(Optional.empty(), waiting.get());
    }
}
