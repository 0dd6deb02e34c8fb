package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.DeviceKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
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
        assertEquals(List.of(line(1)), JsonLines.read(file));
        JsonLines.Opened opened = JsonLines.open(file, JsonLines.Durability.SYNCED);
        try (JsonLines lines = opened.lines()) {
            assertEquals(List.of(line(1)), opened.before());
            lines.append(line(3));
        }
        assertEquals("{\"n\":1}\n{\"n\":3}\n", Files.readString(file));
        Files.writeString(file, "hello\n", StandardOpenOption.APPEND);
        IllegalArgumentException foreign = assertThrows(IllegalArgumentException.class, () -> JsonLines.read(file));
        assertTrue(foreign.getMessage().contains("line 3"), foreign.getMessage());
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
            assertEquals(1, JsonLines.read(folder.resolve("audit")).size());
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
}
