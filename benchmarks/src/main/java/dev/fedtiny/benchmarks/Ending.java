package dev.fedtiny.benchmarks;

import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Failure;
import java.util.concurrent.Callable;

/** How a program of this module ends: whatever is thrown is one sentence on the error stream and one of the application's exit codes. */
public final class Ending {
    private Ending() {
    }

    /**
     * Runs a program.
     *
     * @param program gives its exit code
     * @return that, or the code of what it threw; that of a failure, too, when standard output could not be written
     */
    public static int of(Callable<Integer> program) {
        try {
            int code = program.call();
            if (System.out.checkError()) {
                System.err.println("benchmarks: cannot write standard output; its last lines are lost");
                return ExitCode.IO.number();
            }
            return code;
        } catch (Throwable e) {
            return Failure.report(e, System.err, "benchmarks: ");
        }
    }
}
