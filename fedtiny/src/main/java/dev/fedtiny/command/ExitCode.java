package dev.fedtiny.command;

import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.experiment.Program;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the program ends: numbers for scripts. */
public enum ExitCode {
    /** It did what it was asked. */
    OK(0, "done", "the command did all it was asked"),
    /** Something went wrong that is none of the others. */
    FAILED(1, "failed", "a run or a check failed, the heap is too small, or the program has a fault"),
    /** The caller must ask for something else. */
    USAGE(2, "wrong usage or an impossible configuration", "a word, an option or a setting that cannot be obeyed"),
    /** What should be read is not there or not right. */
    DATA(3, "data missing or damaged", "a file or folder to be read is missing, damaged or of another kind"),
    /** The machine did not let it read or write. */
    IO(4, "could not read or write", "a full disk, no permission, a folder that has been removed, a failing disk, a broken connection, or "
            + "standard output that cannot be written"),
    /** Ctrl-C. */
    INTERRUPTED(130, "interrupted (Ctrl-C)", "a run that was stopped so can be resumed"),
    /** SIGPIPE's number, as other programs end. */
    BROKEN_PIPE(141, "whoever read the output has gone", "as in '" + Program.command("help") + " | head -1'; nothing is printed"),
    /** SIGTERM. */
    TERMINATED(143, "told to end (SIGTERM)", "as 130");

    private final int number;
    private final String summary;
    private final String meaning;

    ExitCode(int number, String summary, String meaning) {
        this.number = number;
        this.summary = summary;
        this.meaning = meaning;
    }

    /** {@return the number that the operating system gets} */
    public int number() {
        return number;
    }

    /** The code of what the platform reported while something was read, or written where the exception says so. */
    static ExitCode of(IOException exception) {
        IoProblem problem = IoProblem.of(exception);
        return exception instanceof FileWriteException ? ofWriting(problem) : ofReading(problem);
    }

    /** The code of a problem with what should be read. */
    static ExitCode ofReading(IoProblem problem) {
        return switch (problem) {
            case NOT_FOUND, IS_A_FOLDER, NOT_A_FOLDER, NOT_A_FILE, NAME_TOO_LONG, LINK_LOOP, MALFORMED_TEXT, DAMAGED, CUT_OFF -> DATA;
            case EXISTS -> USAGE;
            case INTERRUPTED -> INTERRUPTED;
            case NO_PERMISSION, DISK_FULL, FILE_TOO_LARGE, READ_ONLY, TOO_MANY_FILES, BUSY, DEVICE_ERROR, BROKEN_PIPE, PORT_IN_USE,
                    CONNECTION_REFUSED, UNKNOWN_HOST, CONNECTION_LOST, NO_MEMORY, OTHER -> IO;
        };
    }

    /**
     * The code of a problem with what should be written.
     *
     * @param problem why a file could not be written
     * @return usage where another name helps, else what it is
     */
    public static ExitCode ofWriting(IoProblem problem) {
        return switch (problem) {
            case EXISTS -> USAGE;
            case INTERRUPTED -> INTERRUPTED;
            default -> IO;
        };
    }

    /** All codes in one line, for the overview. */
    static String line() {
        return Arrays.stream(values()).filter(code -> code != INTERRUPTED && code != TERMINATED && code != BROKEN_PIPE)
                .map(code -> code.number + " " + code.summary).collect(Collectors.joining(", "));
    }

    /** The page 'help exit-codes': every code, and the code of every cause that the platform knows. */
    static String page(Help help) {
        StringBuilder text = new StringBuilder("Exit codes:\n");
        for (ExitCode code : values()) {
            text.append(help.wrap(String.format(Locale.ROOT, "%5d  ", code.number), code.summary, "       ")).append(help.wrap(code.meaning,
                    "         "));
        }
        text.append("\n").append(help.wrap("Causes of files, folders and connections, with the code when reading and when writing:"));
        for (IoProblem problem : IoProblem.values()) {
            text.append(help.wrap(String.format(Locale.ROOT, "%5d %5d  ", ofReading(problem).number, ofWriting(problem).number),
                    problem.sentence(), "             "));
        }
        return text.append('\n').append(help.wrap("Messages go to the error stream, one sentence each: what was read or written, what is "
                + "the matter, what helps. The last round of a run that ended with 4 is lost at most: 'run --resume DIR' goes on. A stack "
                + "trace is printed with FEDTINY_JAVA_OPTS=-D" + Failure.STACK_TRACE + "=true.", "")).toString();
    }
}
