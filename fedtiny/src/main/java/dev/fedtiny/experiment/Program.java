package dev.fedtiny.experiment;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How this program was called, so that commands that messages suggest can be given as they are. */
public final class Program {
    private Program() {
    }

    /** {@return what the user called: the launcher's path as it was typed, or {@code fedtiny} where there was no launcher} */
    public static String name() {
        return quoted(System.getProperty("dev.fedtiny.program", "fedtiny"));
    }

    /**
     * A command line of this program for a POSIX shell, words quoted where they must be.
     *
     * @param words the command and what follows it
     * @return the line
     */
    public static String command(String... words) {
        return name() + Arrays.stream(words).map(word -> " " + quoted(word)).collect(Collectors.joining());
    }

    /**
     * A word as a POSIX shell takes it.
     *
     * @param word any
     * @return it, or it between apostrophes
     */
    public static String quoted(String word) {
        return word.matches("[\\p{L}\\p{N}@%_+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
