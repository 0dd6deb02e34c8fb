package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Writing a file so that under its name there is always either the old content or the whole new one: the content goes to a temporary
 * file beside it, whose name nobody can guess and which must not exist, to the disk, and then takes the name in one step. Whatever fails,
 * the temporary file is removed and the old file stays. No link is followed: one that has the name is replaced itself, and what it points
 * to is not touched; where it points to a device, a pipe or a folder, writing is refused, as it is where the name itself is one of these.
 * A file that is replaced leaves its mode to the new one.
 */
public final class AtomicFile {
    private static final Pattern TEMPORARY =
            Pattern.compile("\\..+\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.tmp", Pattern.DOTALL);

    private static final int SHORT = 40;
    private static final FileAttribute<?> OWNERS = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private AtomicFile() {
    }

    /** What writes a file's content. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes the content to the channel, from position 0 on.
         *
         * @param channel the temporary file, empty and open for writing; closed by the caller
         * @throws IOException if writing fails: then the temporary file is removed
         */
        void writeTo(FileChannel channel) throws IOException;
    }

    /** How the finished file takes its name. */
    private interface Naming {
        void take(Path temporary, Path target) throws IOException;
    }

    /**
     * Writes a file, replacing one of that name.
     *
     * @param target the file; its folder must exist
     * @param content writes the bytes; called once
     * @throws FileWriteException if writing fails, the temporary file cannot be created or the target is a folder, a device or a pipe
     */
    public static void write(Path target, Content content) throws IOException {
        Given.notNull(target, "file: target", "the path of a file in a folder that exists");
        Given.notNull(content, "file: content", "what writes its bytes");
        write(target, content, (temporary, name) -> Files.move(temporary, name, StandardCopyOption.ATOMIC_MOVE));
    }

    /**
     * As {@link #write(Path, Content)}: a text, in UTF-8.
     *
     * @param target the file; its folder must exist
     * @param text all of the file
     * @throws IOException as {@link #write(Path, Content)} does
     */
    public static void write(Path target, String text) throws IOException {
        write(target, content(text));
    }

    /**
     * Writes a file of which there must be none, not even a link of its name.
     *
     * @param target the file; its folder must exist
     * @param content writes the bytes; called once
     * @throws FileAlreadyExistsException if there is something of that name, also when it appears while this writes
     * @throws FileWriteException if writing fails or the temporary file cannot be created
     */
    public static void create(Path target, Content content) throws IOException {
        Given.notNull(target, "file: target", "the path of a file in a folder that exists");
        Given.notNull(content, "file: content", "what writes its bytes");
        refuseExisting(target);
        write(target, content, AtomicFile::takeFree);
    }

    /**
     * As {@link #create(Path, Content)}: a file that its owner alone may read, from its first byte on, where the file system has modes.
     *
     * @param target the file; its folder must exist
     * @param content writes the bytes; called once
     * @throws IOException as {@link #create(Path, Content)} does
     */
    public static void createPrivate(Path target, Content content) throws IOException {
        Given.notNull(target, "file: target", "the path of a file in a folder that exists");
        Given.notNull(content, "file: content", "what writes its bytes");
        refuseExisting(target);
        boolean posix = target.getFileSystem().supportedFileAttributeViews().contains("posix");
        write(target, content, AtomicFile::takeFree, posix ? new FileAttribute<?>[] {OWNERS} : new FileAttribute<?>[0]);
    }

    private static void takeFree(Path temporary, Path name) throws IOException {
        try {
            Files.createLink(name, temporary);
            Files.delete(temporary);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // A file system without hard links: there is a moment between the look and the move.
            refuseExisting(name);
            Files.move(temporary, name, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * As {@link #create(Path, Content)}: a text, in UTF-8.
     *
     * @param target the file; its folder must exist
     * @param text all of the file
     * @throws IOException as {@link #create(Path, Content)} does
     */
    public static void create(Path target, String text) throws IOException {
        create(target, content(text));
    }

    private static Content content(String text) {
        Given.notNull(text, "file: text", "all of the file");
        return channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        };
    }

    private static void refuseExisting(Path target) throws FileAlreadyExistsException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
        }
    }

    private static void write(Path target, Content content, Naming naming, FileAttribute<?>... mode) throws IOException {
        if (target.getFileName() == null || Files.isDirectory(target)) {
            throw new FileWriteException(target, IoProblem.IS_A_FOLDER, null);
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new FileWriteException(target, IoProblem.NOT_A_FILE, null);
        }
        Path temporary = target.resolveSibling("." + shortened(target.getFileName().toString()) + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW,
                    LinkOption.NOFOLLOW_LINKS), mode)) {
                keepMode(target, temporary);
                content.writeTo(channel);
                channel.force(true);
            }
            naming.take(temporary, target);
        } catch (FileAlreadyExistsException | FileWriteException | RuntimeException | Error e) {
            remove(temporary, e);
            throw e;
        } catch (IOException e) {
            remove(temporary, e);
            throw new FileWriteException(target, e);
        }
        syncFolder(target.toAbsolutePath().getParent());
    }

    /** The start of a name: with what is put around it, it must not become longer than names may be. */
    private static String shortened(String name) {
        return name.substring(0, name.offsetByCodePoints(0, Math.min(SHORT, name.codePointCount(0, name.length()))));
    }

    private static void remove(Path temporary, Throwable failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** A file that only its owner may read stays one. */
    private static void keepMode(Path target, Path temporary) throws IOException {
        PosixFileAttributeView old = Files.getFileAttributeView(target, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (old != null && Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            Set<PosixFilePermission> mode = old.readAttributes().permissions();
            // Some file systems have one mode for all files and refuse to be told another.
            if (!mode.equals(Files.getPosixFilePermissions(temporary, LinkOption.NOFOLLOW_LINKS))) {
                Files.setPosixFilePermissions(temporary, mode);
            }
        }
    }

    /**
     * Brings a folder's entries to the disk, so that a name that was given survives a loss of power; where the platform can do that.
     *
     * @param folder a folder in which a name has just appeared, changed or gone
     */
    public static void syncFolder(Path folder) {
        Given.notNull(folder, "atomic file: folder", "the path of a folder");
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        } catch (IOException e) {
            // Windows and some network file systems cannot; the file itself is whole, and is there for everyone who looks.
        }
    }

    /**
     * Removes temporary files of this class from a folder: those of a process that was killed while it wrote. Other files stay, whatever
     * they are called; only for whom no other process writes there.
     *
     * @param folder the folder whose files are looked at, not those below it
     * @throws IOException if it cannot be listed or a file not be removed
     */
    public static void removeLeftovers(Path folder) throws IOException {
        Given.notNull(folder, "atomic file: folder", "the path of a folder");
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder,
                path -> TEMPORARY.matcher(path.getFileName().toString()).matches())) {
            for (Path leftover : leftovers) {
                if (Files.isRegularFile(leftover, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(leftover);
                }
            }
        }
    }
}
