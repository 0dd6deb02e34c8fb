package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipException;

/**
 * Why something could not be read or written, as far as a person cares: what is the matter, and what helps. Told from the exception's
 * class or, where the platform has no class for it, from the operating system's words.
 */
public enum IoProblem {
    /** Nothing of that name. */
    NOT_FOUND("there is no such file or folder", "check the name", List.of("no such file or directory", "cannot find the file",
            "cannot find the path"), List.of(NoSuchFileException.class)),
    /** Somebody else's, or protected. */
    NO_PERMISSION("no permission", "check who owns it and its mode, or give another place",
            List.of("permission denied", "operation not permitted", "access is denied"), List.of(AccessDeniedException.class)),
    /** A folder where a file is wanted. */
    IS_A_FOLDER("it is a folder, expected a file", "give the name of a file", List.of("is a directory")),
    /** A file where a folder is wanted. */
    NOT_A_FOLDER("a file stands where a folder is expected", "check the path", List.of("not a directory"),
            List.of(NotDirectoryException.class)),
    /** A device, a pipe or a socket. */
    NOT_A_FILE("it is a device, a pipe or a socket, expected a file", "give the name of a file", List.of()),
    /** Something of that name where nothing may be. */
    EXISTS("there is something of that name already", "give another name, or remove it", List.of("file exists"),
            List.of(FileAlreadyExistsException.class, DirectoryNotEmptyException.class)),
    /** No room on the disk, or in the user's share of it. */
    DISK_FULL("the disk or the quota is full", "free some space, or give a place on another disk", List.of("no space left",
            "not enough space", "disk quota exceeded")),
    /** More bytes than a file may have here. */
    FILE_TOO_LARGE("the file would be larger than allowed here", "raise the limit (ulimit -f), or give another disk",
            List.of("file too large")),
    /** Nothing can be written here. */
    READ_ONLY("the file system is read-only", "give a place that can be written", List.of("read-only file system")),
    /** The process has no room for another open file. */
    TOO_MANY_FILES("too many files are open", "raise the limit (ulimit -n), or use fewer devices at a time",
            List.of("too many open files")),
    /** A name that the file system cannot have. */
    NAME_TOO_LONG("the name is too long", "give a shorter one", List.of("file name too long", "filename too long")),
    /** Links that lead to each other, or one where none is followed. */
    LINK_LOOP("it is a symbolic link, which is not followed here or leads nowhere", "remove the link, or give what it points to",
            List.of("too many levels of symbolic links"), List.of(FileSystemLoopException.class)),
    /** The file is in use. */
    BUSY("it is in use", "wait, or end what uses it", List.of("resource busy", "text file busy", "being used by another process")),
    /** The disk fails. */
    DEVICE_ERROR("the disk or device reports an error", "look into the system's log", List.of("input/output error",
            "stale file handle", "stale nfs file handle", "no such device", "transport endpoint is not connected")),
    /** Bytes that are no text. */
    MALFORMED_TEXT("it is not valid UTF-8 text", "store it as UTF-8", List.of(), List.of(CharacterCodingException.class)),
    /** Packed or structured data that are not what they should be. */
    DAMAGED("its data are damaged", "fetch or make it again", List.of(), List.of(ZipException.class)),
    /** Fewer bytes than announced. */
    CUT_OFF("it ends too early", "fetch or make it again", List.of(), List.of(EOFException.class)),
    /** Whoever read has gone. */
    BROKEN_PIPE("whoever read the output has gone", "keep the reader going", List.of("broken pipe", "the pipe is being closed")),
    /** Somebody else listens there. */
    PORT_IN_USE("the port is in use", "end what listens there, or take another port", List.of("address already in use"),
            List.of(BindException.class)),
    /** Nobody listens there. */
    CONNECTION_REFUSED("nobody listens there", "check host and port, and that the server runs", List.of("connection refused"),
            List.of(ConnectException.class, NoRouteToHostException.class)),
    /** No such machine. */
    UNKNOWN_HOST("there is no host of that name", "check the name", List.of("name or service not known", "unresolved address"),
            List.of(UnknownHostException.class)),
    /** A connection that ended. */
    CONNECTION_LOST("the connection broke", "check the other side", List.of("connection reset", "connection timed out",
            "socket closed", "connection closed"), List.of(SocketTimeoutException.class)),
    /** The operating system has no memory left. */
    NO_MEMORY("the operating system has no memory left", "end other programs, or ask for less", List.of("cannot allocate memory",
            "not enough memory", "map failed")),
    /** Told to stop. */
    INTERRUPTED("it was interrupted", "start it again", List.of("interrupted system call"),
            List.of(ClosedByInterruptException.class, InterruptedIOException.class)),
    /** Anything else; the operating system's words say it. */
    OTHER("it cannot be read or written", "the words in brackets are the operating system's", List.of());

    private final String sentence;
    private final String advice;
    private final List<String> words;
    private final List<Class<? extends IOException>> types;

    IoProblem(String sentence, String advice, List<String> words) {
        this(sentence, advice, words, List.of());
    }

    IoProblem(String sentence, String advice, List<String> words, List<Class<? extends IOException>> types) {
        this.sentence = sentence;
        this.advice = advice;
        this.words = words;
        this.types = types;
    }

    /** {@return what is the matter, without a name: for example {@code no permission}} */
    public String sentence() {
        return sentence;
    }

    /** {@return what helps} */
    public String advice() {
        return advice;
    }

    /**
     * What an exception of the platform means.
     *
     * @param exception of the platform, or one of this package's
     * @return its kind; {@link #OTHER} where it is not known
     */
    public static IoProblem of(IOException exception) {
        Given.notNull(exception, "I/O problem: exception", "the exception to explain");
        if (exception instanceof FileWriteException write) {
            return write.problem();
        }
        if (isOwnSentence(exception) && exception.getCause() instanceof IOException cause && of(cause) != OTHER) {
            return of(cause);
        }
        String text = exception.getMessage() == null ? "" : exception.getMessage();
        String file = exception instanceof FileSystemException system && system.getFile() != null ? system.getFile() : "";
        // The operating system's words only: a file may be called "file exists".
        String said = (text.startsWith(file) ? text.substring(file.length()) : text).toLowerCase(Locale.ROOT);
        // A time-out of a socket is an interrupted one by class, and a connection that was lost by meaning: first come the narrow classes.
        IoProblem byType = OTHER;
        for (IoProblem problem : values()) {
            if (problem.types.contains(exception.getClass())) {
                return problem;
            }
            if (byType == OTHER && problem.types.stream().anyMatch(type -> type.isInstance(exception))) {
                byType = problem;
            }
        }
        for (IoProblem problem : values()) {
            if (problem.words.stream().anyMatch(said::contains)) {
                return problem;
            }
        }
        return exception instanceof FileNotFoundException ? NOT_FOUND : byType;
    }

    /** Whether somebody nearer to the matter has put it into words already. */
    private static boolean isOwnSentence(IOException exception) {
        return exception.getClass() == IOException.class && exception.getMessage() != null && exception.getCause() != null;
    }

    /**
     * One sentence on an exception of the platform, without its class: the file where it names one, what is the matter, and what helps.
     *
     * @param file what was read or written, for an exception that does not say; empty when that is not known
     * @param exception what was thrown
     * @return the sentence, without a full stop; the exception's own message where that is one already
     */
    public static String describe(String file, IOException exception) {
        Given.notNull(file, "I/O problem: file", "what messages call the file");
        Given.notNull(exception, "I/O problem: exception", "the exception to explain");
        boolean plain = !(exception instanceof FileSystemException) && of(exception) == OTHER && exception.getMessage() != null;
        if (exception instanceof FileWriteException || exception instanceof ModelFormatException || isOwnSentence(exception) || plain) {
            return exception.getMessage();
        }
        String named = exception instanceof FileSystemException system && system.getFile() != null ? system.getFile() : file;
        return named.isEmpty() ? explain(exception) : "'" + named + "': " + explain(exception);
    }

    /**
     * As {@link #describe}, for callers who have named the file.
     *
     * @param exception what was thrown
     * @return what is the matter and what helps, without the file
     */
    public static String explain(IOException exception) {
        Given.notNull(exception, "I/O problem: exception", "the exception to explain");
        IoProblem problem = of(exception);
        return problem.withWords(exception) + "; " + problem.advice;
    }

    /**
     * An exception of the platform that does not name the file it came from, as one that does; others are left as they are.
     *
     * @param file what was read or written
     * @param exception what was thrown
     * @return an exception whose message names the file, with the given one as its cause; or the given one
     */
    public static IOException named(Path file, IOException exception) {
        Given.notNull(file, "I/O problem: file", "the path of a file");
        Given.notNull(exception, "I/O problem: exception", "the exception to explain");
        if (exception.getClass() != IOException.class || exception.getCause() != null) {
            return exception;
        }
        FileSystemException named = new FileSystemException(file.toString(), null, exception.getMessage());
        named.initCause(exception);
        return named;
    }

    /** The sentence, with the operating system's words where they say more. */
    String withWords(IOException exception) {
        String said = exception instanceof FileSystemException system ? system.getReason() : exception.getMessage();
        if (said == null || said.isBlank()) {
            return this == OTHER ? sentence + " (" + exception.getClass().getSimpleName() + ")" : sentence;
        }
        return this == OTHER || types.isEmpty() ? sentence + " (" + said.strip() + ")" : sentence;
    }
}
