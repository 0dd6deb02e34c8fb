package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launchers have in common, with the program of this build in place of its jars. */
class LauncherTest {
    private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector";

    @TempDir
    Path folder;
    private String out;
    private String err;

    @BeforeEach
    void aShell() {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "the launchers are for POSIX shells");
    }

    /** Runs lines of a shell after those that the launchers share. */
    private int shell(Map<String, String> environment, String lines) throws IOException, InterruptedException {
        Path outFile = folder.resolve("out");
        Path errFile = folder.resolve("err");
        Path script = Files.writeString(folder.resolve("script"), "set -eu\n. '" + Path.of("../bin/launch.sh").toRealPath() + "'\n"
                + lines);
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", script.toString()).redirectOutput(outFile.toFile())
                .redirectError(errFile.toFile());
        builder.environment().put("TMPDIR", folder.toString());
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        out = Files.readString(outFile, StandardCharsets.UTF_8);
        err = Files.readString(errFile, StandardCharsets.UTF_8);
        return code;
    }

    /** Starts the program as the launcher does. */
    private static String program(String words) {
        List<String> command = new ArrayList<>(List.of("fedtiny_characters", ";", "fedtiny_opens=ALL-UNNAMED", ";", "fedtiny_exec",
                "'" + Path.of(System.getProperty("java.home"), "bin", "java") + "'", "--add-modules jdk.incubator.vector", "-cp",
                "'" + System.getProperty("java.class.path") + "'", "dev.fedtiny.cli.Main", words));
        return String.join(" ", command) + "\n";
    }

    @Test
    void nothingIsSaidOfIncubatorModules() throws Exception {
        assertEquals(CommandCall.USAGE, shell(Map.of(), program("rnu")));
        // All of it is there as soon as the program has ended, and nothing else.
        assertEquals("fedtiny: no command 'rnu'; did you mean 'run'? All are shown by: fedtiny help\n", err);
        assertEquals("", out);
        assertEquals(CommandCall.OK, shell(Map.of(), program("version")));
        assertEquals("", err);
        assertTrue(out.startsWith("fedtiny "), out);
        try (var left = Files.list(folder)) {
            assertEquals(3, left.count(), "the pipe's folder is removed");
        }
    }

    /** Whatever the virtual machine says for itself is passed on; it may come a moment after the end. */
    @Test
    void otherLinesOfTheVirtualMachineAreKept() throws Exception {
        String fake = "printf '%s\\n' 'echo before >&2' 'echo \"" + WARNING + "\" >&2' 'echo \"" + WARNING
                + "\" >&2' 'printf \"after, and no end\" >&2'"
                + " 'echo \"its own\" >&3' 'exit 7' >'" + folder.resolve("java") + "'; chmod +x '" + folder.resolve("java") + "'\n"
                + "fedtiny_opens=x\n(fedtiny_exec '" + folder.resolve("java") + "') || code=$?; exit $code\n";
        // Without an interpreter's line the shell itself runs the file.
        assertEquals(7, shell(Map.of(), fake.replace("printf '%s\\n' ", "printf '%s\\n' '#!/bin/sh' ")));
        while (!err.contains("no end")) {
            Thread.sleep(20);
            err = Files.readString(folder.resolve("err"), StandardCharsets.UTF_8);
        }
        assertEquals("before\n" + WARNING + "\nafter, and no end", err.replace("its own\n", ""));
        assertTrue(err.contains("its own\n"), err);
    }

    /** Within a terminal that {@code script} makes; where results go into a file, the one that messages are seen on. */
    @Test
    void theProgramIsToldHowWideTheTerminalIs() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")) && System.getProperty("os.name").equals("Linux"),
                "a terminal is made by Linux's script");
        Path inner = Files.writeString(folder.resolve("inner"), ". '" + Path.of("../bin/launch.sh").toRealPath() + "'\n"
                + "stty cols 57\nfedtiny_surroundings\necho \"$fedtiny_columns $fedtiny_terminal\"\n"
                + "fedtiny_surroundings >'" + folder.resolve("results") + "'\necho \"$fedtiny_columns $fedtiny_terminal\"\n"
                + "fedtiny_surroundings >/dev/null 2>&1\necho \"none:$fedtiny_columns $fedtiny_terminal\"\n");
        assertEquals(0, shell(Map.of("TERM", "xterm"), "script -qec \"/bin/sh '" + inner + "'\" /dev/null\n"), err);
        assertEquals(List.of("57 true", "57 true", "none: false"), out.lines().toList());
    }

    /** The launcher's process becomes Java's, so that signals reach it. */
    @Test
    void theProcessBecomesTheProgram() throws Exception {
        String fake = "printf '%s\\n' '#!/bin/sh' 'echo $$' 'kill -TERM $$' >'" + folder.resolve("java") + "'; chmod +x '"
                + folder.resolve("java") + "'\nfedtiny_opens=x\necho $$\nfedtiny_exec '" + folder.resolve("java") + "'\n";
        assertEquals(143, shell(Map.of(), fake));
        assertEquals(1, out.lines().distinct().count(), out);
        assertEquals(2, out.lines().count(), out);
    }

    @Test
    void withoutATemporaryFolderTheProgramStartsAllTheSame() throws Exception {
        assertEquals(CommandCall.OK, shell(Map.of("TMPDIR", folder.resolve("none").toString()), program("version")));
        assertEquals(WARNING + "\n", err);
        assertTrue(out.startsWith("fedtiny "), out);
    }

    @Test
    void namesAreUtf8AlsoWhereTheLocaleIsAscii() throws Exception {
        shell(Map.of("LC_ALL", "C.UTF-8"), "locale charmap || true");
        assumeTrue(out.strip().equals("UTF-8"), "a locale of UTF-8 is installed");
        Path umlaut = Path.of(folder + "/\u00e4 \u6570");
        for (String locale : new String[] {"C", "POSIX", "nonsense"}) {
            // The shell makes the folder: this JVM may be one without such names.
            assertEquals(CommandCall.OK, shell(Map.of("LC_ALL", locale), "mkdir -p '" + umlaut + "'; echo 'data = " + umlaut + "/data' >'"
                    + umlaut
                    + "/x'\n" + program("run '" + umlaut + "/x' --print-config")), err);
            assertTrue(out.contains("\ndata = " + umlaut + "/data\n"), out);
            assertEquals(CommandCall.DATA, shell(Map.of("LC_ALL", locale), program("run '" + umlaut + "/none'")));
            assertEquals("fedtiny: settings file '" + umlaut + "/none' does not exist\n", err);
        }
    }
}
