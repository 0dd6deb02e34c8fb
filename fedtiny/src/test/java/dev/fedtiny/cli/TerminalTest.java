package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.command.Terminal;
import dev.fedtiny.experiment.Program;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person sees: bars, lines that fit, commands that can be given as they are printed. */
@Isolated("sets a system property")
class TerminalTest extends CommandCall {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Terminal terminal(boolean interactive, int width) {
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        return new Terminal(stream, stream, interactive, width);
    }

    /** What a terminal shows in the end: a return goes to the start of the line, erasing empties it. */
    private List<String> seen() {
        StringBuilder text = new StringBuilder();
        for (String line : bytes.toString(StandardCharsets.UTF_8).split("\n", -1)) {
            int erased = line.lastIndexOf("\r\u001b[K");
            String rest = erased < 0 ? line : line.substring(erased + 4);
            assertFalse(rest.contains("\r"), rest);
            text.append(rest).append('\n');
        }
        return text.toString().strip().lines().toList();
    }

    @Test
    void everyMessageTakesTheBarsPlace() {
        Terminal terminal = terminal(true, 80);
        terminal.err().println("round 1");
        terminal.bar(1, 4, 40, "");
        assertEquals(List.of("round 1", "[##########" + ".".repeat(30) + "]"), seen());
        terminal.err().println("fedtiny: device 3 dropped out");
        terminal.bar(2, 4, 40, "");
        terminal.bar(3, 4, 40, "");
        terminal.err().printf("round %d%n", 3);
        assertEquals(List.of("round 1", "fedtiny: device 3 dropped out", "round 3"), seen());
    }

    @Test
    void aBarFitsAndIsForPeopleAlone() {
        terminal(true, 40).bar(40, 40, 40, "");
        assertEquals(List.of("[" + "#".repeat(37) + "]"), seen());
        bytes.reset();
        terminal(true, 40).bar(1, 2, 40, "about 3 min left");
        assertEquals(List.of("[" + "#".repeat(10) + ".".repeat(10) + "] about 3 min left"), seen());
        bytes.reset();
        terminal(true, 30).bar(1, 2, 40, "about 3 min left");
        assertEquals(List.of("[" + "#".repeat(13) + ".".repeat(14) + "]"), seen(), "where there is no room the bar has all of it");
        bytes.reset();
        terminal(false, 80).bar(1, 2, 40, "");
        assertEquals(0, bytes.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {30, 40, 60, 80, 100, 300})
    void helpIsAsWideAsTheTerminal(int columns) {
        for (String words : List.of("help", "help help", "help version", "help exit-codes", "help run", "run --help", "help inspect",
                "help sweep", "--help")) {
            bytes.reset();
            assertEquals(OK, Main.PROGRAM.run(words.split(" "), terminal(false, columns)), words);
            String text = bytes.toString(StandardCharsets.UTF_8);
            assertTrue(text.lines().count() > 2, text);
            // A word that is longer than a line stands on its own.
            text.lines().forEach(line -> assertTrue(line.length() <= Math.min(columns, 100) || !line.strip().contains(" "), line));
        }
    }

    /** A paragraph of a help is one line of its text, whatever its width: lines end at the edge, or with what they say. */
    @Test
    void paragraphsOfHelpFillTheirLines() {
        run("help");
        List<String> commands = out.lines().filter(line -> line.matches("  [a-z]+ +.*")).map(line -> line.strip().split(" ")[0]).toList();
        assertTrue(commands.size() > 15, out);
        for (String command : commands) {
            run("help", command);
            List<String> lines = out.lines().toList();
            for (int i = 0; i + 1 < lines.size(); i++) {
                String line = lines.get(i);
                String next = lines.get(i + 1).strip();
                boolean room = line.length() + 1 + next.split(" ")[0].length() <= 100;
                assertFalse(room && line.length() > 70 && !next.isEmpty() && Character.isLetter(line.charAt(line.length() - 1))
                        && lines.get(i + 1).startsWith(line.substring(0, line.length() - line.stripLeading().length()))
                        && Character.isLowerCase(next.charAt(0)) && !next.matches("[a-zA-Z, -]+(\\(.*|: .*)"), command + ": " + line);
            }
        }
        run("help", "run");
        assertTrue(out.contains("\n  model (resnet18): resnet18, ") && out.contains("\n      mobilenetv1, "), "terms stand out: " + out);
    }

    @Test
    void suggestedCommandsNameTheProgramAsItWasCalled() {
        assertEquals("fedtiny run --resume 'my runs/a'", Program.command("run", "--resume", "my runs/a"));
        assertEquals("'it'\\''s'", Program.quoted("it's"));
        assertEquals("''", Program.quoted(""));
        assertEquals("runs/ä-1", Program.quoted("runs/ä-1"));
        System.setProperty("dev.fedtiny.program", "./my tools/fedtiny");
        try {
            assertEquals("'./my tools/fedtiny' help", Program.command("help"));
            run("RUN");
            assertEquals("fedtiny: no command 'RUN'; did you mean 'run'? All are shown by: './my tools/fedtiny' help", err.strip());
            run("zzzzzzzz");
            assertEquals("fedtiny: no command 'zzzzzzzz'; all are shown by: './my tools/fedtiny' help", err.strip());
        } finally {
            System.clearProperty("dev.fedtiny.program");
        }
    }

    @Test
    void wordsThatACommandDoesNotTakeAreRefused() {
        for (String words : List.of("info extra", "version extra", "help run sweep", "inspect a b", "evaluate a b", "run a b",
                "sweep a b --out c", "data cifar10 a b", "partition a b --out c", "estimate a b",
                "device a b", "info -x", "run -q", "report -o x")) {
            assertEquals(USAGE, run(words.split(" ")), words);
            assertEquals(1, err.lines().count(), err);
            assertEquals("", out, words);
        }
        run("info", "extra");
        assertTrue(err.contains("'info' takes options only, got 'extra'; usage: fedtiny info [--formats FORM]"), err);
    }

    @Test
    void whatTheLaboratoryMeasuresIsFoundThere() {
        for (String words : List.of("profile|profile --steps 2", "min-heap|floor", "compare|compare --quick", "check|check x",
                "step|bench step --json", "adjust|bench adjust", "step|infer|kernels|adjust|bench",
                "step|infer|kernels|adjust|bench setp")) {
            int end = words.lastIndexOf('|');
            assertEquals(USAGE, run(words.substring(end + 1).split(" ")), words);
            assertTrue(err.strip().endsWith(": use bin/benchmarks " + words.substring(0, end)), err);
            assertEquals(1, err.lines().count(), err);
        }
    }
}
