package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lock keeps others out, in this process and in others, whatever this process does with its file's folder meanwhile. */
class ProcessLockTest {
    @TempDir
    Path folder;

    /** In another process: says whether it got the lock. */
    static final class Other {
        private Other() {
        }

        public static void main(String[] arguments) throws IOException {
            System.out.print(ProcessLock.take(Path.of(arguments[0]), "work").isPresent() ? "taken" : "busy");
        }
    }

    private String other() throws Exception {
        Process process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Other.class.getName(), folder.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    @Test
    void aSecondAttemptHereDoesNotLetOthersIn() throws Exception {
        ProcessLock lock = ProcessLock.of(folder, "work");
        assertEquals(Optional.empty(), ProcessLock.take(folder, "work"));
        Path link = Files.createSymbolicLink(folder.resolveSibling(folder.getFileName() + "-link"), folder);
        assertEquals(Optional.empty(), ProcessLock.take(link, "work"));
        Files.delete(link);
        String said = assertThrows(IllegalArgumentException.class, () -> ProcessLock.of(folder, "work")).getMessage();
        assertTrue(said.contains("another process works in '" + folder + "' (work)"), said);
        assertEquals("busy", other());
        assertTrue(lock.isHeld());
        lock.close();
        lock.close();
        assertFalse(lock.isHeld());
        assertEquals("taken", other());
        try (ProcessLock again = ProcessLock.of(folder, "work"); ProcessLock rest = ProcessLock.of(folder, "rest")) {
            assertTrue(again.isHeld() && rest.isHeld());
        }
    }

    @Test
    void noLinkIsLockedInTheFilesPlace() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "");
        Files.createSymbolicLink(folder.resolve(".work.lock"), precious);
        assertThrows(FileWriteException.class, () -> ProcessLock.take(folder, "work"));
        assertThrows(FileWriteException.class, () -> ProcessLock.take(folder.resolve("none"), "work"));
    }
}
