package dev.fedtiny.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A JVM in which vectors would be slow falls back to scalar kernels, and says so once, with the reason and what to do. */
@Tag("once")
class KernelFallbackTest {
    /** What a child prints: the kernels and why. */
    static final class Report {
        private Report() {
        }

        /** Prints it. */
        public static void main(String[] arguments) {
            System.out.println("kernels " + Kernels.current().name() + " because " + Kernels.current().reason());
        }
    }

    private static String run(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", home(Kernels.class) + File.pathSeparator + home(Report.class), Report.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=3", "-XX:CompilationMode=quick-only",
        "-XX:MaxVectorSize=8", "-XX:-EnableVectorSupport"})
    void theFallbackIsSaidOnce(String option) throws Exception {
        String output = run("--add-modules", "jdk.incubator.vector", "-XX:+UnlockExperimentalVMOptions", option);
        assertTrue(output.contains("kernels scalar because "), output);
        String reason = output.substring(output.indexOf("because ") + "because ".length()).strip();
        assertTrue(reason.contains(option.replaceFirst("=.*", "")), reason);
        assertTrue(reason.contains("start "), reason);
        String warning = "scalar kernels, several times slower: " + reason;
        assertTrue(output.contains(warning), output);
        assertEquals(output.indexOf(warning), output.lastIndexOf(warning), output);
    }

    @Test
    void withoutTheModuleToo() throws Exception {
        String output = run();
        assertTrue(output.contains("scalar kernels, several times slower: the JVM runs without the Vector API; start it with "
                + "--add-modules jdk.incubator.vector"), output);
    }

    @Test
    void whoAsksForScalarKernelsIsNotWarned() throws Exception {
        String output = run("-Xint", "-D" + Kernels.PROPERTY + "=scalar");
        assertTrue(output.contains("kernels scalar because asked for"), output);
        assertFalse(output.contains("slower"), output);
    }
}
