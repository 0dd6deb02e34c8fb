package dev.fedtiny.command;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.io.ModelFormatException;
import dev.fedtiny.experiment.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * Why a command did not succeed: whatever was thrown, as one sentence and an exit code. The only place that decides either.
 *
 * @param code how the program ends
 * @param sentence for the error stream; empty when there is nothing to say
 */
public record Failure(ExitCode code, String sentence) {
    /** The property that has the stack trace printed too. */
    static final String STACK_TRACE = "dev.fedtiny.stacktrace";

    private static final Set<String> OVERFLOWS = Set.of("integer overflow", "long overflow");

    /**
     * Prints the sentence, and the stack trace where the property {@code dev.fedtiny.stacktrace} asks for it.
     *
     * @param start of the line: who says it
     * @param error what was thrown
     * @param err the error stream
     * @return how the program ends
     */
    public static int report(Throwable error, PrintStream err, String start) {
        Failure failure = of(error);
        if (Boolean.getBoolean(STACK_TRACE)) {
            error.printStackTrace(err);
        }
        if (!failure.sentence.isEmpty()) {
            err.println(start + failure.sentence);
        }
        return failure.code.number();
    }

    /**
     * What a throwable means.
     *
     * @param error what was thrown
     * @return its sentence and exit code
     */
    public static Failure of(Throwable error) {
        return switch (error) {
            case StandardOutput.Failed e -> output(e.getCause());
            case UncheckedIOException e -> of(e.getCause());
            case ExecutionException e when e.getCause() != null -> of(e.getCause());
            case CompletionException e when e.getCause() != null -> of(e.getCause());
            // A worker thread's.
            case IllegalStateException e when e.getCause() instanceof Error -> of(e.getCause());
            case DataException e -> new Failure(e.getCause() instanceof IOException io ? worse(of(io).code) : ExitCode.DATA, text(e));
            case ModelFormatException e -> new Failure(ExitCode.DATA, text(e));
            case CheckpointException e -> new Failure(ExitCode.DATA, text(e));
            case IOException e -> new Failure(ExitCode.of(e), oneLine(IoProblem.describe("", e)));
            case InterruptedException _ -> new Failure(ExitCode.INTERRUPTED, "interrupted");
            case OutOfMemoryError e -> new Failure(ExitCode.FAILED, memory(e));
            case StackOverflowError _ -> new Failure(ExitCode.FAILED, "the input nests too deeply for this program, which should have said "
                    + "so earlier: please report it" + hint());
            case ExceptionInInitializerError e when e.getCause() != null -> of(e.getCause());
            case LinkageError e -> new Failure(ExitCode.FAILED, "a part of Java or of this program is missing or does not fit ("
                    + named(e) + "); start it with the launcher bin/fedtiny, which adds the module jdk.incubator.vector, on JDK 25");
            case InvalidPathException e -> new Failure(ExitCode.USAGE, "'" + e.getInput().replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?")
                    + "' cannot be the name of a file here (" + e.getReason()
                    + "); for names beyond ASCII the locale must be one of UTF-8: LC_ALL=C.UTF-8");
            case UsageException e -> new Failure(ExitCode.USAGE, text(e));
            case IllegalArgumentException e when e.getMessage() != null -> new Failure(ExitCode.USAGE, text(e));
            case ArithmeticException e when OVERFLOWS.contains(String.valueOf(e.getMessage())) -> new Failure(ExitCode.USAGE,
                    "a number that follows from the sizes asked for is too large to count with (" + e.getMessage()
                            + "): ask for less (batch, width, images, rounds)");
            case Error e -> fault(e);
            default -> ours(error) ? new Failure(ExitCode.FAILED, text(error)) : fault(error);
        };
    }

    /** Whether the message is a sentence for whoever called, as far as the class tells: the platform's own checks have none. */
    private static boolean ours(Throwable error) {
        return error.getMessage() != null && (!error.getClass().getPackageName().startsWith("java.")
                || error instanceof IllegalStateException || error.getClass() == RuntimeException.class
                || error instanceof ArithmeticException && !error.getMessage().equals("/ by zero"));
    }

    /** Data that could not be read for reasons of the machine are not damaged. */
    private static ExitCode worse(ExitCode code) {
        return code == ExitCode.IO || code == ExitCode.INTERRUPTED ? code : ExitCode.DATA;
    }

    private static Failure output(IOException e) {
        return IoProblem.of(e) == IoProblem.BROKEN_PIPE ? new Failure(ExitCode.BROKEN_PIPE, "")
                : new Failure(ExitCode.IO, "cannot write standard output: " + IoProblem.describe("", e));
    }

    private static String memory(OutOfMemoryError e) {
        return "out of memory (" + named(e) + "); the heap is limited to " + (Runtime.getRuntime().maxMemory() >> 20)
                + " MiB: raise that, for example with FEDTINY_JAVA_OPTS=-Xmx8g, or ask for less (batch, width, images)";
    }

    private static Failure fault(Throwable e) {
        return new Failure(ExitCode.FAILED, "a fault of this program: " + e.getClass().getSimpleName() + " (" + named(e)
                + "); please report it" + hint());
    }

    private static String hint() {
        return " with the stack trace that FEDTINY_JAVA_OPTS=-D" + STACK_TRACE + "=true prints";
    }

    private static String named(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : text(e);
    }

    /** On one line, whatever a name or a message holds. */
    private static String text(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : oneLine(e.getMessage());
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("[\\r\\n]+", " ");
    }
}
