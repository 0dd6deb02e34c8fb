package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What tests of commands share: calling one in this process, and what it wrote. */
abstract class CommandCall {
    static final int OK = ExitCode.OK.number();
    static final int FAILED = ExitCode.FAILED.number();
    static final int USAGE = ExitCode.USAGE.number();
    static final int DATA = ExitCode.DATA.number();

    /** Standard output and error of the last call. */
    String out;
    String err;

    /** Runs a command as from a terminal that is none; returns its exit code. */
    final int run(String... words) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = Main.PROGRAM.run(words, new Terminal(new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8), false));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
