package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.protocol.MessageKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept on the disk when the disk is full, the process is killed in the middle of a line, or something else wrote there. */
class StorageFaultsTest {
    @TempDir
    Path folder;

    private static JsonObject line(int number) {
        return JsonObject.builder().put("n", number).build();
    }

    @Test
    void aLineThatWasBegunIsCutOffAndAForeignOneIsNamed() throws Exception {
        Path file = folder.resolve("lines");
        try (JsonLines lines = JsonLines.open(file, JsonLines.Durability.SYNCED).lines()) {
            lines.append(line(1));
        }
        Files.writeString(file, "{\"n\":2", StandardOpenOption.APPEND);
        assertEquals(List.of(line(1)), new JsonLines.Reader(file).more());
        JsonLines.Opened opened = JsonLines.open(file, JsonLines.Durability.SYNCED);
        try (JsonLines lines = opened.lines()) {
            assertEquals(List.of(line(1)), opened.before());
            lines.append(line(3));
        }
        assertEquals("{\"n\":1}\n{\"n\":3}\n", Files.readString(file));
        Files.writeString(file, "hello\n", StandardOpenOption.APPEND);
        IllegalArgumentException foreign = assertThrows(IllegalArgumentException.class, () -> new JsonLines.Reader(file).more());
        assertTrue(foreign.getMessage().contains("line 3"), foreign.getMessage());
    }

    /** A device that is interrupted for being slow must not close what all the others are written down in. */
    @Test
    void interruptsCloseNothing() throws Exception {
        Path file = folder.resolve("lines");
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        try (JsonLines lines = JsonLines.append(file, JsonLines.Durability.WRITTEN)) {
            Thread.currentThread().interrupt();
            lines.append(line(0));
            assertTrue(Thread.interrupted(), "it is still there for whoever waits next");
            Thread writer = Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> failures.add(e)).start(() -> {
                for (int i = 1; i < 5000; i++) {
                    assertDoesNotThrow(() -> lines.append(line(1)));
                }
            });
            while (!writer.join(Duration.ofMillis(1))) {
                writer.interrupt();
            }
        }
        assertEquals(List.of(), failures);
        assertEquals(5000, new JsonLines.Reader(file).more().size());
    }

    /** A server that cannot begin holds nothing any more, and listens no more. */
    @Test
    void whatCouldNotBeginIsClosed() throws Exception {
        Path open = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(open));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThrows(IOException.class, () -> new TestServer(folder, TestServer.LIMITS, Clock.systemUTC(), taken.getLocalPort()));
        }
        try (Stream<Path> files = Files.list(open)) {
            assertEquals(List.of(), files.map(StorageFaultsTest::target).filter(target -> target.startsWith(folder)).toList());
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return link;
        }
    }

    /** However many devices there are: a server that could not read who it had heard could not go on. */
    @Test
    void reportersOfAnyNumberAreReadAgain() throws Exception {
        Path file = folder.resolve("reporters.jsonl");
        List<Integer> many = IntStream.range(0, 50_000).boxed().toList();
        RoundLog.Key key = new RoundLog.Key(MessageKind.TRAIN, 3, 1);
        try (ReportersLog log = ReportersLog.open(file)) {
            log.closed(key, many);
        }
        try (ReportersLog log = ReportersLog.open(file)) {
            assertEquals(Optional.of(many), log.reporters(key));
        }
    }

    /** What only grows is not read, whatever and however much it holds. */
    @Test
    void aFileThatIsOnlyAddedToIsNotRead() throws Exception {
        Path file = folder.resolve("audit.jsonl");
        String before = "no object\n" + "x".repeat(200_000) + "\n";
        Files.writeString(file, before + "y".repeat(100_000));
        try (AuditLog audit = AuditLog.open(file)) {
            audit.write(JsonObject.builder().put("n", 3));
        }
        assertEquals(before + "{\"n\":3}\n", Files.readString(file));
        Files.writeString(file, "no end".repeat(30_000));
        try (JsonLines lines = JsonLines.append(file, JsonLines.Durability.WRITTEN)) {
            lines.append(line(1));
        }
        assertEquals("{\"n\":1}\n", Files.readString(file));
    }

    @Test
    void linesAreReadOnceHoweverOftenTheyAreAskedFor() throws Exception {
        Path file = folder.resolve("lines");
        JsonLines.Reader reader = new JsonLines.Reader(file);
        assertEquals(List.of(), reader.more(), "no file");
        Files.writeString(file, "{\"n\":1}\n{\"n\":");
        assertEquals(List.of(line(1)), reader.more());
        assertEquals(List.of(), reader.more());
        // What was read may be anything now: nobody looks at it again.
        Files.writeString(file, "-------\n{\"n\":2}\n");
        assertEquals(List.of(line(2)), reader.more());
        Files.writeString(file, "{\"n\":3}\nhello\n", StandardOpenOption.APPEND);
        IllegalArgumentException foreign = assertThrows(IllegalArgumentException.class, reader::more);
        assertTrue(foreign.getMessage().contains("line 4"), foreign.getMessage());
    }

    @Test
    void linesAreWrittenTogetherOrNotAtAll() throws Exception {
        Path file = folder.resolve("lines");
        FillingChannel channel = new FillingChannel(file);
        try (JsonLines lines = new JsonLines(file, channel, 0, JsonLines.Durability.SYNCED)) {
            lines.append(line(1));
            channel.left = 20;
            assertThrows(FileWriteException.class, () -> lines.append(List.of(line(2), line(3), line(4))));
            assertEquals(1, channel.forced);
            channel.left = Long.MAX_VALUE;
            lines.append(List.of(line(5), line(6)));
            assertEquals(2, channel.forced, "one turn of the disk for both");
        }
        assertEquals(List.of(line(1), line(5), line(6)), new JsonLines.Reader(file).more());
    }

    /** Whole lines of those that were taken back may have been read already by the server, which must find the next ones all the same. */
    @Test
    void linesThatWereTakenBackDoNotHideLaterOnes() throws Exception {
        Path file = folder.resolve("lines");
        Files.writeString(file, line(1) + "\n" + line(2) + "\n");
        JsonLines.Reader reader = new JsonLines.Reader(file);
        assertEquals(2, reader.more().size());
        Files.writeString(file, line(1) + "\n");
        assertEquals(List.of(line(1)), reader.more());
        Files.writeString(file, line(3) + "\n", StandardOpenOption.APPEND);
        assertEquals(List.of(line(3)), reader.more());
    }

    /** A server that has a fleet that cannot begin listens no more. */
    @Test
    void aFleetThatCannotReadWhoWasHeardClosesItsServer() throws Exception {
        TestServer test = new TestServer(folder);
        Files.writeString(folder.resolve("run/reporters.jsonl"), "no object\n");
        assertThrows(IllegalArgumentException.class, () -> new NetworkFleet(test.server(), new NetworkFleet.Rules(1,
                DevelopmentSplit.usual(1), Duration.ofSeconds(1))));
        try (TestServer _ = new TestServer(folder)) {
            assertThrows(IllegalArgumentException.class, () -> new TestServer(folder));
        }
    }

    /** Of a thousand devices that come at the same time each would wait for all the others' turns of the disk. */
    @Test
    void devicesThatEnrolWhileTheDiskIsAtWorkShareItsNextTurn() throws Exception {
        int devices = 40;
        List<Path> tokens = EnrolmentTokens.make(folder, folder, devices, Duration.ofHours(1));
        FillingChannel channel = new FillingChannel(folder.resolve("roster"));
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        channel.forcing = () -> {
            atWork.countDown();
            try {
                done.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        List<Throwable> failed = new CopyOnWriteArrayList<>();
        try (JsonLines lines = new JsonLines(folder.resolve("roster"), channel, 0, JsonLines.Durability.SYNCED);
                AuditLog audit = AuditLog.open(folder.resolve("audit"));
                Roster roster = new Roster(lines, new EnrolmentTokens(folder), Clock.systemUTC())) {
            List<Thread> enrolling = new ArrayList<>();
            for (Path token : tokens) {
                enrolling.add(Thread.ofPlatform().start(() -> {
                    try {
                        roster.enrol(TokenFile.read(token), DeviceKey.generate().shown(), audit);
                    } catch (Exception e) {
                        failed.add(e);
                    }
                }));
                atWork.await();
            }
            while (roster.waiting() < devices - 1) {
                Thread.sleep(1);
            }
            assertEquals(1, channel.forced);
            done.countDown();
            for (Thread thread : enrolling) {
                thread.join();
            }
            assertEquals(List.of(), failed);
            assertEquals(devices, roster.members().size());
            assertEquals(2, channel.forced);
            // A device that asks again has its place, and a disk that is full takes nobody in.
            channel.left = 0;
            Path late = EnrolmentTokens.make(folder, folder, 1, Duration.ofHours(1)).getFirst();
            DeviceKey key = DeviceKey.generate();
            assertThrows(FileWriteException.class, () -> roster.enrol(TokenFile.read(late), key.shown(), audit));
            assertEquals(devices, roster.members().size());
            channel.left = Long.MAX_VALUE;
            assertEquals(devices, roster.enrol(TokenFile.read(late), key.shown(), audit).number());
            assertEquals(devices, roster.enrol(TokenFile.read(late), key.shown(), audit).number());
            assertEquals(3, channel.forced);
        }
        assertEquals(devices + 1, new JsonLines.Reader(folder.resolve("roster")).more().size());
    }

    @Test
    void whatTheAuditLogCannotHoldDoesNotHappen() throws Exception {
        FillingChannel channel = new FillingChannel(folder.resolve("audit"));
        try (JsonLines lines = new JsonLines(folder.resolve("audit"), channel, 0, JsonLines.Durability.WRITTEN);
                AuditLog audit = new AuditLog(lines); Roster roster = Roster.open(folder, Clock.systemUTC())) {
            Path token = EnrolmentTokens.make(folder, folder, 1, Duration.ofHours(1)).getFirst();
            DeviceKey key = DeviceKey.generate();
            channel.left = 20;
            assertThrows(FileWriteException.class, () -> roster.enrol(TokenFile.read(token), key.shown(), audit));
            assertEquals(List.of(), roster.members());
            assertEquals(0, Files.size(folder.resolve("audit")), "half a line was taken back");
            channel.left = Long.MAX_VALUE;
            assertEquals(0, roster.enrol(TokenFile.read(token), key.shown(), audit).number());
            assertEquals(1, new JsonLines.Reader(folder.resolve("audit")).more().size());
        }
    }

    @Test
    void oneServerAtATime() throws Exception {
        try (TestServer _ = new TestServer(folder)) {
            IllegalArgumentException busy = assertThrows(IllegalArgumentException.class, () -> new TestServer(folder));
            assertTrue(busy.getMessage().contains("another process works in"), busy.getMessage());
        }
        new TestServer(folder).close();
    }

    @Test
    void aKeyFileIsItsOwnersAndWhole() throws Exception {
        Path file = folder.resolve("device.key");
        DeviceKey key = DeviceKey.openOrCreate(file);
        assertEquals(key.shown(), DeviceKey.openOrCreate(file).shown());
        assertTrue(!key.toString().contains("PRIVATE") && Files.getPosixFilePermissions(file).size() == 2);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> DeviceKey.openOrCreate(file)).getMessage().contains("chmod 600"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        DeviceKey.openOrCreate(folder.resolve("other"));
        String other = Files.readString(folder.resolve("other"));
        String mixed = Files.readString(file).lines().limit(3).reduce("", (a, b) -> a + b + "\n") + other.lines().skip(3).reduce("", (a,
                b) -> a
                + b + "\n");
        Files.writeString(file, mixed);
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> DeviceKey.openOrCreate(file)).getMessage().contains("no matching pair"));
    }

    /** Whoever finds the file finds a whole key: also a second start of the application, and one after a kill. */
    @Test
    void aKeyIsNeverFoundHalfWritten() throws Exception {
        for (int round = 0; round < 20; round++) {
            Path file = folder.resolve("device-" + round + ".key");
            List<Callable<String>> starts = Collections.nCopies(4, () -> DeviceKey.openOrCreate(file).shown().id());
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                Set<String> ids = new HashSet<>();
                for (Future<String> id : threads.invokeAll(starts)) {
                    ids.add(id.get());
                }
                assertEquals(1, ids.size());
            }
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(20, left.count(), "nothing is left beside the keys");
        }
    }
}
