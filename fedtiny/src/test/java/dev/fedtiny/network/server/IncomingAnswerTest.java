package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.OpaqueDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers on their way: in memory while there is some, on the disk in any case, and the same bytes whatever happens between. */
class IncomingAnswerTest {
    private static final byte[] PAYLOAD = TestServer.payload(200_000);
    private static final byte[] ANSWER = OpaqueDevice.answer(0, 0, PAYLOAD, 1);

    @TempDir
    Path folder;

    private static void send(Turn.Upload line, int from, int to) throws IOException {
        for (int at = from; at < to;) {
            ByteBuffer room = line.room();
            int count = Math.min(room.remaining(), to - at);
            System.arraycopy(ANSWER, at, room.array(), room.position(), count);
            line.take(room.array(), room.position(), count);
            at += count;
        }
    }

    private static Turn.Upload line(Turn turn, int from) throws Exception {
        return turn.upload(from, ANSWER.length, turn.memory(from, ANSWER.length)).orElseThrow();
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
        assertEquals(inMemory, turn.inMemory());
        assertArrayEquals(ANSWER, Files.readAllBytes(turn.answer()));
        assertArrayEquals(ANSWER, turn.takeAnswer(true, new byte[0]));
        turn.release();
        assertArrayEquals(ANSWER, turn.takeAnswer(true, new byte[ANSWER.length]), "from the disk");
    }

    @Test
    void aQuickAnswerIsInMemoryAndOnTheDisk() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            try (Turn.Upload line = line(turn, 0)) {
                send(line, 0, 150_000);
            }
            try (Turn.Upload line = line(turn, 150_000)) {
                send(line, 150_000, ANSWER.length);
            }
            assertWhole(server, turn, true);
        }
    }

    @Test
    void aSlowOneLeavesTheMemoryToOthers() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            try (Turn.Upload line = line(turn, 0)) {
                send(line, 0, 70_001);
                turn.relieve(Long.MAX_VALUE);
                turn.relieve(-1);
                send(line, 70_001, ANSWER.length);
            }
            assertWhole(server, turn, false);
        }
    }

    /** A line that fell silent may wake up and write where it last had room: not into what another line brings. */
    @Test
    void aLineThatTookOverIsNotDisturbedByTheOneBefore() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            Turn.Upload silent = line(turn, 0);
            send(silent, 0, 100_000);
            ByteBuffer room = silent.room();
            try (Turn.Upload line = line(turn, 100_000)) {
                Arrays.fill(room.array(), room.position(), room.limit(), (byte) 99);
                assertThrows(IOException.class, () -> silent.take(room.array(), room.position(), room.remaining()));
                send(line, 100_000, ANSWER.length);
                silent.close();
            }
            assertWhole(server, turn, false);
        }
    }

    /** An interrupt closes the file that is written to: how much is there nobody knows. */
    @Test
    void whereAWriteWasInterruptedTheAnswerBeginsAnew() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            try (Turn.Upload line = line(turn, 0)) {
                Thread.currentThread().interrupt();
                assertThrows(IOException.class, () -> send(line, 0, ANSWER.length));
                assertTrue(Thread.interrupted());
            }
            assertFalse(turn.arrived());
            assertEquals(0, turn.next(ANSWER.length));
            try (Turn.Upload line = line(turn, 0)) {
                send(line, 0, ANSWER.length);
            }
            assertWhole(server, turn, true);
        }
    }

    @Test
    void memoryIsUsedOverAndOverAndNeverMoreThanThereIs() throws Exception {
        AnswerMemory memory = new AnswerMemory(3000, 50);
        assertNull(memory.take(3001));
        byte[] first = memory.take(2000);
        assertNull(memory.take(1001), "nobody gives anything back");
        memory.give(first, true);
        assertSame(first, memory.take(2000));
        memory.give(first, false);
        byte[] other = memory.take(2000);
        assertNotSame(first, other, "somebody may still write to it");
        AnswerMemory patient = new AnswerMemory(3000, TestServer.PATIENCE.toMillis());
        byte[] held = patient.take(3000);
        CompletableFuture<Optional<byte[]>> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return Optional.ofNullable(patient.take(100));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        patient.give(held, true);
        assertEquals(100, waiting.get(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS).orElseThrow().length);
    }
}
