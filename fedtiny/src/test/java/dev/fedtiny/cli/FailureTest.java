package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Failure;
import dev.fedtiny.command.StandardOutput;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.runtime.Workers;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Causes, sentences and exit codes, and standard output that cannot be written. */
class FailureTest extends CommandCall {
    private static FileSystemException said(String reason) {
        return new FileSystemException("out/p.json", null, reason);
    }

    static Stream<Arguments> platform() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("nofile"), ExitCode.DATA, "'nofile': there is no such file or folder"),
                Arguments.of(new FileNotFoundException("nofile (No such file or directory)"), ExitCode.DATA, "there is no such file"),
                Arguments.of(new AccessDeniedException("p.json"), ExitCode.IO, "'p.json': no permission"),
                Arguments.of(new FileNotFoundException("p.json (Permission denied)"), ExitCode.IO, "no permission"),
                Arguments.of(said("Is a directory"), ExitCode.DATA, "'out/p.json': it is a folder, expected a file"),
                Arguments.of(new IOException("Is a directory"), ExitCode.DATA, "it is a folder"),
                Arguments.of(new NotDirectoryException("a/b"), ExitCode.DATA, "'a/b': a file stands where a folder is expected"),
                Arguments.of(said("Not a directory"), ExitCode.DATA, "a file stands where a folder is expected"),
                Arguments.of(new FileAlreadyExistsException("x"), ExitCode.USAGE, "'x': there is something of that name already"),
                Arguments.of(new IOException("No space left on device"), ExitCode.IO, "the disk or the quota is full"),
                Arguments.of(said("Disk quota exceeded"), ExitCode.IO, "the disk or the quota is full (Disk quota exceeded)"),
                Arguments.of(said("File too large"), ExitCode.IO, "larger than allowed"),
                Arguments.of(said("Read-only file system"), ExitCode.IO, "read-only"),
                Arguments.of(said("Too many open files"), ExitCode.IO, "too many files are open"),
                Arguments.of(said("File name too long"), ExitCode.DATA, "name is too long"),
                Arguments.of(said("Too many levels of symbolic links"), ExitCode.DATA, "symbolic link"),
                Arguments.of(said("Input/output error"), ExitCode.IO, "reports an error"),
                Arguments.of(new MalformedInputException(1), ExitCode.DATA, "not valid UTF-8"),
                Arguments.of(new EOFException(), ExitCode.DATA, "ends too early"),
                Arguments.of(new IOException("Broken pipe"), ExitCode.IO, "has gone"),
                Arguments.of(new BindException("Address already in use"), ExitCode.IO, "port is in use"),
                Arguments.of(new ConnectException("Connection refused"), ExitCode.IO, "nobody listens"),
                Arguments.of(new SocketTimeoutException("Read timed out"), ExitCode.IO, "connection broke"),
                Arguments.of(new ClosedByInterruptException(), ExitCode.INTERRUPTED, "interrupted"),
                Arguments.of(new IOException("Cannot run program \"java\": error=12, Cannot allocate memory"), ExitCode.IO,
                        "no memory left"),
                Arguments.of(new IOException("the server sent bytes of no protocol"), ExitCode.IO, "the server sent bytes of no protocol"),
                Arguments.of(said("Kein Platz"), ExitCode.IO, "'out/p.json': it cannot be read or written (Kein Platz)"),
                Arguments.of(new FileSystemException("file exists", null, "Permission denied"), ExitCode.IO, "no permission"));
    }

    @ParameterizedTest
    @MethodSource("platform")
    void whatThePlatformReportsIsASentenceWithACode(IOException exception, ExitCode code, String part) {
        for (Throwable wrapped : List.of(exception, new UncheckedIOException(exception), new ExecutionException(exception),
                new CompletionException(new UncheckedIOException(exception)))) {
            Failure failure = Failure.of(wrapped);
            assertEquals(code, failure.code(), failure.sentence());
            assertTrue(failure.sentence().contains(part), failure.sentence());
            assertFalse(failure.sentence().contains("Exception"), failure.sentence());
        }
        Failure writing = Failure.of(new FileWriteException(Path.of("out", "p.json"), exception));
        assertEquals(ExitCode.ofWriting(IoProblem.of(exception)), writing.code());
        assertTrue(writing.sentence().startsWith("cannot write '" + Path.of("out", "p.json") + "': "), writing.sentence());
    }

    @Test
    void dataThatTheMachineKeepsBackAreNotCalledDamaged() {
        assertEquals(ExitCode.DATA, Failure.of(new DataException("x: cut off")).code());
        assertEquals(ExitCode.DATA, Failure.of(new DataException("x: none", new NoSuchFileException("x"))).code());
        assertEquals(ExitCode.IO, Failure.of(new DataException("x: cannot be read", new AccessDeniedException("x"))).code());
    }

    /** Recurses until the stack ends. */
    private static int deep(int depth) {
        return depth < 0 ? 0 : 1 + deep(depth + 1);
    }

    @Test
    void anyThrowableIsOneSentence() {
        List<Throwable> all = List.of(new StackOverflowError(), new OutOfMemoryError("Java heap space"), new AssertionError("bad\nstate"),
                new NoClassDefFoundError("jdk/incubator/vector/FloatVector"), new ExceptionInInitializerError(new StackOverflowError()),
                new NullPointerException(), new ArrayIndexOutOfBoundsException("Index 7 out of bounds for length 7"),
                new ArithmeticException("/ by zero"), new IllegalStateException(), new RuntimeException("x"), new InternalError(),
                new NegativeArraySizeException("-5"), new NoSuchElementException("No value present"),
                new UnsupportedOperationException(), new ClassCastException("x"));
        for (Throwable error : all) {
            Failure failure = Failure.of(error);
            assertTrue(failure.code() == ExitCode.FAILED, error + ": " + failure);
            assertFalse(failure.sentence().isBlank() || failure.sentence().contains("\n"), failure.sentence());
        }
        assertTrue(Failure.of(all.get(1)).sentence().contains("-Xmx"), Failure.of(all.get(1)).sentence());
        assertTrue(Failure.of(all.get(3)).sentence().contains("jdk.incubator.vector"), Failure.of(all.get(3)).sentence());
        for (int fault : new int[] {2, 5, 6, 7, 8, 10, 11, 12, 13, 14}) {
            assertTrue(Failure.of(all.get(fault)).sentence().contains("fault of this program"), Failure.of(all.get(fault)).sentence());
        }
        // Our own sentences stay as they are, also where the class is the platform's.
        String sentence = "pretraining gave values that are not finite; use a smaller learning rate";
        for (RuntimeException error : List.of(new ArithmeticException(sentence), new IllegalStateException(sentence))) {
            assertEquals(new Failure(ExitCode.FAILED, sentence), Failure.of(error));
        }
        assertEquals(new Failure(ExitCode.USAGE, sentence), Failure.of(new IllegalArgumentException(sentence)));
        assertEquals(ExitCode.USAGE, Failure.of(new ArithmeticException("integer overflow")).code());
    }

    @Test
    void aWorkersErrorComesThroughAsItsOwn() {
        Throwable seen = null;
        try (Workers workers = Workers.of(2)) {
            workers.run((worker, _) -> {
                if (worker == 1) {
                    deep(0);
                }
            });
        } catch (IllegalStateException e) {
            seen = e;
        }
        assertEquals(Failure.of(new StackOverflowError()), Failure.of(seen));
    }

    @Test
    void theTableIsInTheHelp() {
        assertEquals(0, run("help", "exit-codes"), err);
        for (ExitCode code : ExitCode.values()) {
            assertTrue(out.contains(code.number() + "  "), code + " in " + out);
        }
        for (IoProblem problem : IoProblem.values()) {
            assertTrue(out.contains(problem.sentence()), problem + " in " + out);
        }
        assertEquals(0, run("help"), err);
        assertTrue(out.contains("Exit codes: 0 done, 1 failed, 2 ") && out.contains("4 could not read or write")
                && out.contains("help exit-codes"), out);
    }

    private static OutputStream failing(String reason) {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException(reason);
            }
        };
    }

    private int runInto(OutputStream target, String... words) {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int code = Main.PROGRAM.run(words, new Terminal(StandardOutput.over(target, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8), false));
        err = errors.toString(StandardCharsets.UTF_8);
        return code;
    }

    @ParameterizedTest
    @MethodSource("printing")
    void outputThatCannotBeWrittenIsAFailure(List<String> words) throws IOException {
        String[] command = words.toArray(String[]::new);
        assertEquals(4, runInto(failing("No space left on device"), command), err);
        assertTrue(err.contains("standard output") && err.contains("full"), err);
        assertEquals(141, runInto(failing("Broken pipe"), command), err);
        assertEquals("", err, "a closed pipe ends quietly");
        assertEquals(0, runInto(OutputStream.nullOutputStream(), command), err);
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full));
        try (FileOutputStream out = new FileOutputStream(full.toFile())) {
            assertEquals(4, runInto(out, command), err);
            // Also through a stream that only remembers.
            int code = Main.PROGRAM.run(command, new Terminal(new PrintStream(out), new PrintStream(OutputStream.nullOutputStream()),
                    false));
            assertEquals(4, code);
        }
    }

    static Stream<List<String>> printing() {
        return Stream.of(List.of("help"), List.of("help", "run"), List.of("version"), List.of("estimate", "--set", "width=8", "--json"),
                List.of("info"), List.of("run", "--print-config"), List.of("data", "svhn"));
    }
}
