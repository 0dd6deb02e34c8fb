package dev.fedtiny.federation.process;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A program that prints a great deal, says why it gives up, and ends. */
final class NoisyProcess {
    static final String LAST_WORDS = "no such device here";
    static final int EXIT = 3;

    private NoisyProcess() {
    }

    /** Arguments: how many MiB to print. */
    public static void main(String[] words) {
        byte[] line = "noise ".repeat(1 << 14).concat("\n").getBytes(StandardCharsets.UTF_8);
        PrintStream err = System.err;
        for (long printed = 0; printed < Long.parseLong(words[0]) << 20; printed += line.length) {
            err.write(line, 0, line.length);
        }
        err.println(LAST_WORDS);
        err.flush();
        System.exit(EXIT);
    }
}
