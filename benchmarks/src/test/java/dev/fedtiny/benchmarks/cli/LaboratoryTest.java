package dev.fedtiny.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.command.Command;
import dev.fedtiny.command.Command.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands of {@code bin/benchmarks} have in common: help, numbers, files, and wrong words. */
class LaboratoryTest extends CommandCall {
    /** No option and no setting takes one of these as a number. */
    private static final List<String> NEVER = List.of("NaN", "nan", "Infinity", "-Infinity", "inf", "1e400", "-1e400", "1e-400", "0x1p3",
            "0x10",
            "1f", "1d", "1L", "1_000", "1,5", "\uff11\uff12", "\u0661\u0662", "1 2", "--1", "1e", "e1", ".", "+", "", " ", "1\n",
            "1\u00002", "1e99999999999",
            "9".repeat(40), "1".repeat(500), "\u2212" + "1", "one");
    @TempDir
    Path folder;

    /** Every numeric option of every command, in words that would do nothing but parse. */
    static Stream<Arguments> options() {
        List<Arguments> all = new ArrayList<>();
        for (Command command : Main.commands()) {
            for (Option option : command.options()) {
                // A letter stands for a number; capital words and lists for others.
                if (option.value() != null && List.of("N", "S", "D", "K", "MIB").contains(option.value())) {
                    all.add(Arguments.of(command, option));
                }
            }
        }
        assertTrue(all.size() > 20, all.toString());
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyNumericOptionHasARange(Command command, Option option) {
        assertTrue(option.range().isPresent(), command.name() + " --" + option.name());
        List<String> wrong = new ArrayList<>(NEVER);
        wrong.remove("1\n");
        if (!option.name().equals("seed")) {
            wrong.addAll(List.of("-1", "-0.5", "9223372036854775807", "1e38", "2147483648", "4294967297"));
        }
        for (String text : wrong) {
            assertFalse(option.range().get().holds(text), option.name() + " " + text);
            assertEquals(USAGE, run(command.name(), "--" + option.name(), text), text);
            assertTrue(err.startsWith("benchmarks: option --" + option.name() + " is '") && err.contains("', expected a "), err);
            assertEquals(1, err.lines().count(), err);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"step", "infer", "adjust", "kernels", "profile"})
    void batchesBeyondTheHeapAreForeseen(String command) {
        for (String batch : List.of("1000000", "10000000", "100000000", "1000000000")) {
            List<String> words = new ArrayList<>(List.of(command.split(" ")));
            words.addAll(List.of("--width", "8", "--batch", batch, "--threads", "1"));
            assertEquals(USAGE, run(words.toArray(String[]::new)), err);
            assertTrue(err.contains("batch = " + batch + " needs") && err.contains(" would fit"), err);
            assertEquals("", out);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"step", "profile"})
    void networksBeyondTheHeapAreForeseen(String command) {
        // Two times 700 million weights of 4 bytes are more than a test may hold.
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of("--width", "1024"));
        if (Runtime.getRuntime().maxMemory() < 5L << 30) {
            assertEquals(USAGE, run(words.toArray(String[]::new)), err);
            assertTrue(err.contains("--width = 1024 needs") && err.contains(" would fit"), err);
        }
    }

    /** What is said to fit does. */
    @Test
    void theBatchThatIsNamedFits() {
        assertEquals(USAGE, run("infer", "--model", "cnn-8-8-8", "--batch", "1000000000", "--threads", "1"), err);
        String fits = err.replaceAll("(?s).*--batch = (\\d+) would fit.*", "$1");
        assertEquals(OK, run("infer", "--model", "cnn-8-8-8", "--batch", fits, "--threads", "1", "--seconds", "0.01"), err);
    }

    @Test
    void wordsThatACommandDoesNotTakeAreRefused() {
        for (String words : List.of("check a b", "min-heap extra", "compare extra", "profile a b", "step infer", "probe extra",
                "step -x")) {
            assertEquals(USAGE, run(words.split(" ")), words);
            assertEquals(1, err.lines().count(), err);
            assertEquals("", out, words);
        }
    }

    @Test
    void everyCommandHasHelp() {
        assertEquals(OK, run("--help"), err);
        int longest = Main.commands().stream().mapToInt(command -> command.name().length()).max().orElseThrow();
        for (Command command : Main.commands()) {
            String column = " ".repeat(longest - command.name().length() + 2) + command.summary().split(" ")[0];
            assertTrue(out.contains("\n  " + command.name() + column), command.name() + " is not, or not in the columns, in " + out);
        }
        for (Command command : Main.commands()) {
            assertEquals(OK, run(command.name(), "--help"), err);
            // Lines are as wide as the terminal.
            String usage = command.usage().replaceAll("\\s+", " ");
            String words = out.replaceAll("\\s+", " ");
            assertTrue(words.contains(usage) && out.lines().count() > 2, out);
            assertFalse(words.matches(".*\\(default [^()]*\\) \\(default.*"), "an option with two defaults: " + out);
        }
    }

    /** Options alone, or a filter that leaves benchmarks, are JMH's. */
    @Test
    void whatNamesNoCommandIsJmhs() {
        assertEquals(USAGE, run("--nothing"), err);
        assertTrue(err.contains("'jmh' has no option --nothing"), err);
        assertEquals(USAGE, run("ConvolutionBenchmark.forward", "--nothing"), err);
        assertTrue(err.contains("'jmh' has no option --nothing"), err);
        assertEquals(USAGE, run("setp"), err);
        assertTrue(err.contains("did you mean 'step'"), err);
    }

    @Test
    void storesFollowNoLink() throws IOException {
        Path victim = Files.writeString(folder.resolve("elsewhere"), "precious");
        Path store = Files.createSymbolicLink(folder.resolve("store"), victim);
        assertEquals(4, run("min-heap", "--width", "1", "--store", store.toString()));
        assertTrue(err.contains("symbolic link") && err.contains(store.toString()), err);
        assertEquals(3, run("compare", "--seconds", "0", "--store", victim.toString()));
        assertTrue(err.contains("precious") && err.contains(victim.toString()), err);
        assertEquals("precious", Files.readString(victim));
    }
}
