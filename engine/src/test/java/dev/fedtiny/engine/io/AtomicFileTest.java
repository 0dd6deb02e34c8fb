package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are written whole or not at all, files that grow, and folders of our own: links, modes, failures. */
class AtomicFileTest {
    @TempDir
    private Path folder;
    private Path victim;
    private Path target;

    @BeforeEach
    void name() throws IOException {
        victim = Files.writeString(Files.createDirectory(folder.resolve("elsewhere")).resolve("victim"), "precious");
        target = folder.resolve("p.json");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> !name.equals("elsewhere")).sorted().toList();
        }
    }

    private static Path link(Path link, Path to) throws IOException {
        try {
            return Files.createSymbolicLink(link, to);
        } catch (UnsupportedOperationException | FileSystemException e) {
            assumeTrue(false, "no symbolic links here: " + e);
            return link;
        }
    }

    private void assertUntouched() throws IOException {
        assertEquals("precious", Files.readString(victim));
    }

    @Test
    void theContentReplacesAFileInOneStep() throws IOException {
        AtomicFile.write(target, "one");
        assertEquals("one", Files.readString(target));
        AtomicFile.write(target, channel -> {
            assertEquals("one", Files.readString(target), "the old content stays until the new one is whole");
            assertEquals(2, names().size());
            channel.write(ByteBuffer.wrap("tüo".getBytes(StandardCharsets.UTF_8)));
        });
        assertEquals("tüo", Files.readString(target));
        assertEquals(List.of("p.json"), names());
    }

    @Test
    void whateverFailsLeavesTheOldFileAndNothingElse() throws IOException {
        AtomicFile.write(target, "old");
        List<Throwable> failures = List.of(new IOException("No space left on device"), new IllegalStateException("x"),
                new StackOverflowError(), new OutOfMemoryError("x"));
        for (Throwable failure : failures) {
            Throwable seen = assertThrows(Throwable.class, () -> AtomicFile.write(target, channel -> {
                channel.write(ByteBuffer.wrap(new byte[100]));
                switch (failure) {
                    case IOException e -> throw e;
                    case RuntimeException e -> throw e;
                    default -> throw (Error) failure;
                }
            }));
            assertEquals(List.of("p.json"), names());
            assertEquals("old", Files.readString(target));
            assertTrue(failure instanceof IOException ? seen instanceof FileWriteException : seen == failure, seen.toString());
        }
        FileWriteException full = assertThrows(FileWriteException.class, () -> AtomicFile.create(folder.resolve("new"), channel -> {
            throw new IOException("No space left on device");
        }));
        assertEquals(IoProblem.DISK_FULL, full.problem());
        assertTrue(full.getMessage().contains(folder.resolve("new").toString()) && !full.getMessage().contains(".tmp"), full.getMessage());
        assertEquals(List.of("p.json"), names());
    }

    @Test
    void aFolderThatIsGoneIsNamed() {
        FileWriteException e = assertThrows(FileWriteException.class, () -> AtomicFile.write(folder.resolve("gone/p.json"), "x"));
        assertEquals(IoProblem.NOT_FOUND, e.problem());
        assertTrue(e.getMessage().contains("gone") && e.getMessage().contains("removed") && !e.getMessage().contains(".tmp"),
                e.getMessage());
    }

    @Test
    void aLinkIsReplacedAndWhatItPointsToIsNot() throws IOException {
        link(target, victim);
        AtomicFile.write(target, "new");
        assertUntouched();
        assertFalse(Files.isSymbolicLink(target));
        assertEquals("new", Files.readString(target));
        Path dangling = link(folder.resolve("dangling"), folder.resolve("nowhere"));
        AtomicFile.write(dangling, "new");
        assertFalse(Files.exists(folder.resolve("nowhere")) || Files.isSymbolicLink(dangling));
        // A hard link is another name of somebody's file: this name gets a file of its own.
        Path hard = Files.createLink(folder.resolve("hard"), victim);
        AtomicFile.write(hard, "new");
        assertUntouched();
    }

    @Test
    void guessedTemporaryNamesAreNeverUsed() throws IOException {
        for (String guess : new String[] {"p.json.tmp", ".p.json.tmp", "p.json~"}) {
            link(folder.resolve(guess), victim);
        }
        AtomicFile.write(target, "x");
        AtomicFile.create(folder.resolve("q.json"), "x");
        assertUntouched();
        List<String> used = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            AtomicFile.write(target, _ -> used.add(names().stream().filter(n -> n.endsWith(".tmp") && n.length() > 40).findFirst()
                    .orElseThrow()));
        }
        assertEquals(2, used.stream().distinct().count(), used.toString());
    }

    @Test
    void createNeverReplacesAnything() throws IOException {
        AtomicFile.create(target, "first");
        assertThrows(FileAlreadyExistsException.class, () -> AtomicFile.create(target, "second"));
        assertEquals("first", Files.readString(target));
        Path dangling = link(folder.resolve("dangling"), folder.resolve("nowhere"));
        assertThrows(FileAlreadyExistsException.class, () -> AtomicFile.create(dangling, "x"));
        assertFalse(Files.exists(folder.resolve("nowhere")));
        // Somebody takes the name while the content is written.
        Path raced = folder.resolve("raced");
        assertThrows(FileAlreadyExistsException.class, () -> AtomicFile.create(raced, _ -> Files.writeString(raced, "theirs")));
        assertEquals("theirs", Files.readString(raced));
        assertEquals(List.of("dangling", "p.json", "raced"), names());
    }

    @Test
    void foldersDevicesAndLinksToThemAreRefused() throws IOException {
        assertEquals(IoProblem.IS_A_FOLDER, assertThrows(FileWriteException.class, () -> AtomicFile.write(folder, "x")).problem());
        assertThrows(FileWriteException.class, () -> AtomicFile.write(Path.of("/"), "x"));
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device) && !Files.isRegularFile(device));
        assertEquals(IoProblem.NOT_A_FILE, assertThrows(FileWriteException.class, () -> AtomicFile.write(device, "x")).problem());
        Path link = link(folder.resolve("null"), device);
        assertThrows(FileWriteException.class, () -> AtomicFile.write(link, "x"));
        assertTrue(Files.isSymbolicLink(link));
        Files.delete(link);
        assertThrows(FileWriteException.class, () -> AppendedFile.open(device));
    }

    @Test
    void aPrivateFileStaysPrivate() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
        AtomicFile.write(target, "x");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r-----"));
        AtomicFile.write(target, "y");
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
    }

    @Test
    void aFileThatIsMadePrivateIsSoFromItsFirstByteOn() throws IOException {
        Path target = folder.resolve("secret");
        AtomicFile.createPrivate(target, _ -> {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".secret.*.tmp")) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(files.iterator().next())));
            }
        });
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
        assertThrows(FileAlreadyExistsException.class, () -> AtomicFile.createPrivate(target, _ -> { }));
    }

    @Test
    void leftoversAreRemovedAndNothingElse() throws IOException {
        Files.writeString(folder.resolve(".p.json." + UUID.randomUUID() + ".tmp"), "x");
        List<String> others = List.of(".mine.tmp", ".p.json.tmp", "p.json.tmp");
        for (String other : others) {
            Files.writeString(folder.resolve(other), "x");
        }
        AtomicFile.removeLeftovers(folder);
        assertEquals(others, names());
    }

    @Test
    void filesThatGrowAreOpenedThroughNoLink() throws IOException {
        try (FileChannel channel = AppendedFile.open(target)) {
            channel.write(ByteBuffer.wrap(new byte[3]));
        }
        try (FileChannel channel = AppendedFile.open(target)) {
            assertEquals(3, channel.size(), "what is there stays");
        }
        Path link = link(folder.resolve("link"), victim);
        FileWriteException e = assertThrows(FileWriteException.class, () -> AppendedFile.open(link));
        assertTrue(e.problem() == IoProblem.LINK_LOOP && e.getMessage().contains("symbolic link"), e.getMessage());
        Path dangling = link(folder.resolve("dangling"), folder.resolve("nowhere"));
        assertThrows(FileWriteException.class, () -> AppendedFile.open(dangling));
        assertFalse(Files.exists(folder.resolve("nowhere")));
        assertEquals(IoProblem.IS_A_FOLDER, assertThrows(FileWriteException.class, () -> AppendedFile.open(folder)).problem());
        assertEquals(IoProblem.NOT_FOUND, assertThrows(FileWriteException.class, () -> AppendedFile.open(folder.resolve("a/b"))).problem());
        assertUntouched();
    }

    @Test
    void foldersAreTheirOwnersAlone() throws IOException {
        Path made = PrivateFolder.createAll(folder.resolve("runs/one"));
        PrivateFolder.create(made.resolve("two"));
        PrivateFolder.createInside(made.resolve("three"));
        PrivateFolder.createInside(made.resolve("three"));
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            for (Path path : List.of(made.getParent(), made, made.resolve("two"), made.resolve("three"))) {
                assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)), path.toString());
            }
        }
        assertThrows(FileAlreadyExistsException.class, () -> PrivateFolder.create(made));
        Files.writeString(made.resolve("file"), "x");
        assertEquals(IoProblem.NOT_A_FOLDER,
                assertThrows(FileWriteException.class, () -> PrivateFolder.createInside(made.resolve("file"))).problem());
        assertThrows(FileWriteException.class, () -> PrivateFolder.createAll(made.resolve("file/below")));
        Path link = link(made.resolve("link"), victim.getParent());
        assertThrows(FileWriteException.class, () -> PrivateFolder.createInside(link));
        PrivateFolder.remove(made);
        assertFalse(Files.exists(made));
        assertUntouched();
    }

    /** A full disk for real, where the machine has a device that plays one. */
    @Test
    void aFullDiskIsCalledFull() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full));
        FileWriteException e = assertThrows(FileWriteException.class, () -> AtomicFile.write(target, _ -> Files.writeString(full, "x")));
        assertEquals(IoProblem.DISK_FULL, e.problem());
        assertEquals(List.of(), names());
    }
}
