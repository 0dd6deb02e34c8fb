package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.OpaqueDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers on their way: the same bytes on the disk and in the hash, whatever happens between. */
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
        return turn.upload(from, ANSWER.length).orElseThrow();
    }

    /** The turn of a device that has joined and does nothing. */
    private Turn turn(TestServer server) throws Exception {
        new RawClient(server).enrol(DeviceKey.generate(), server.token());
        Turn turn = server.ask(0, 0, PAYLOAD, ANSWER.length);
        turn.take(server.server().audit());
        return turn;
    }

    private static void assertWhole(TestServer server, Turn turn) throws Exception {
        turn.complete(server.server().audit());
        assertEquals(Turn.State.WHOLE, turn.state());
        assertEquals(Sha256.of(ANSWER), turn.answerSha256());
        assertArrayEquals(ANSWER, Files.readAllBytes(turn.answer()));
        assertArrayEquals(ANSWER, turn.takeAnswer(true, new byte[1]));
        byte[] spare = new byte[ANSWER.length];
        assertSame(spare, turn.takeAnswer(true, spare));
        assertArrayEquals(ANSWER, spare);
        assertArrayEquals(ANSWER, turn.takeAnswer(false, new byte[0]));
        assertFalse(Files.exists(turn.answer()));
    }

    @Test
    void anAnswerComesOnTwoLines() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            send(line(turn, 0), 0, 150_001);
            send(line(turn, 150_001), 150_001, ANSWER.length);
            assertWhole(server, turn);
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
            assertWhole(server, turn);
        }
    }

    /** Who announces another length and then goes on elsewhere is refused, and has ended the line that brought the first. */
    @Test
    void aLineOfAnAnswerThatWasDroppedAddsNothingToTheNext() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Turn turn = turn(server);
            Turn.Upload dropped = line(turn, 0);
            send(dropped, 0, 1000);
            assertThrows(Refusal.class, () -> turn.upload(1000, ANSWER.length - 1));
            assertThrows(IOException.class, () -> send(dropped, 1000, 1001));
            assertEquals(0, turn.next(ANSWER.length - 1));
            Turn.Upload line = line(turn, 0);
            send(line, 0, ANSWER.length);
            assertThrows(IOException.class, () -> line.take(new byte[1], 1), "more than was announced");
            turn.complete(server.server().audit());
            assertThrows(IOException.class, () -> line.take(new byte[1], 1), "it is whole");
            assertWhole(server, turn);
        }
    }

    /** What is left of another answer behind the new one, or in it, is never read; and nothing is left behind the server. */
    @Test
    void filesAreWrittenOverByLongerAndShorterAnswers() throws Exception {
        Path answers;
        try (TestServer server = new TestServer(folder)) {
            Turn first = turn(server);
            send(line(first, 0), 0, ANSWER.length);
            assertWhole(server, first);
            answers = first.answer().getParent();
            assertEquals(1, files(answers));
            int round = 1;
            for (int length : new int[] {1000, ANSWER.length + 100_000, 22, 200_022}) {
                byte[] answer = OpaqueDevice.answer(round, 0, TestServer.payload(length - 22), 1);
                Turn turn = server.ask(0, round, PAYLOAD, answer.length);
                turn.take(server.server().audit());
                Turn.Upload line = turn.upload(0, answer.length).orElseThrow();
                line.take(answer, answer.length / 2);
                assertFalse(turn.arrived(), "the rest is another's");
                line.take(Arrays.copyOfRange(answer, answer.length / 2, answer.length), answer.length - answer.length / 2);
                turn.complete(server.server().audit());
                assertEquals(1, files(answers), "the same file");
                assertArrayEquals(answer, turn.takeAnswer(round % 2 == 0, new byte[0]));
                if (round % 2 == 0) {
                    server.server().answers().removeBefore(round + 1);
                }
                round++;
            }
            assertEquals(1, files(answers));
            assertTrue(server.server().answers().isEmpty());
        }
        assertEquals(0, files(answers));
    }

    private static long files(Path answers) throws IOException {
        try (Stream<Path> files = Files.list(answers)) {
            return files.count();
        }
    }

    /** Half of what did not fit is written again; it is in the hash once. */
    @Test
    void aFullDiskIsNamedAndTheAnswerGoesOnWhenThereIsRoom() throws Exception {
        Path file = folder.resolve("part");
        FillingChannel disk = new FillingChannel(file);
        IncomingAnswer answer = new IncomingAnswer(file, disk, 1000);
        answer.add(ANSWER, 500);
        disk.left = 100;
        byte[] rest = Arrays.copyOfRange(ANSWER, 500, 1000);
        FileWriteException full = assertThrows(FileWriteException.class, () -> answer.add(rest, 500));
        assertEquals("No space left on device", full.getCause().getMessage());
        assertEquals(500, answer.received());
        assertTrue(answer.usable());
        disk.left = Long.MAX_VALUE;
        answer.add(rest, 500);
        answer.close();
        byte[] whole = Arrays.copyOf(ANSWER, 1000);
        assertEquals(Sha256.of(whole), answer.sha256());
        assertArrayEquals(whole, Files.readAllBytes(file));
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
            send(line(turn, 0), 0, ANSWER.length);
            assertWhole(server, turn);
        }
    }
}
