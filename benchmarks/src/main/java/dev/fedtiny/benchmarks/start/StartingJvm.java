package dev.fedtiny.benchmarks.start;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to start a JVM whose first answers are timed.
 *
 * @param name in tables
 * @param java the program
 * @param options before the class path
 */
public record StartingJvm(String name, Path java, List<String> options) {
    private static final List<String> VECTORS = List.of("--add-modules", "jdk.incubator.vector");

    /** This JVM's program: with the warm start, without it, and on scalar kernels. */
    public static List<StartingJvm> usual(List<String> further) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return List.of(
                new StartingJvm("vectors, warm start", java, both(VECTORS, further)),
                new StartingJvm("vectors at once", java, both(VECTORS, both(List.of("-Ddev.fedtiny.warm-start=off"), further))),
                new StartingJvm("scalar", java, both(List.of("-Ddev.fedtiny.kernels=scalar"), further)));
    }

    /** The program of an image that {@code bin/make-image} made: with its AOT cache, and without. */
    public static List<StartingJvm> image(Path image, List<String> further) {
        Path java = image.resolve(Path.of("bin", "java"));
        String cache = "-XX:AOTCache=" + image.resolve(Path.of("lib", "fedtiny.aot"));
        return List.of(new StartingJvm("image", java, further), new StartingJvm("image, AOT cache", java, both(List.of(cache), further)));
    }

    private static List<String> both(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }

    /**
     * Runs a process to its end.
     *
     * @param arguments architecture, width, density
     * @throws IOException if it cannot be started, or fails
     */
    public AnswerTimes run(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.addAll(options);
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:ObjectAlignmentInBytes=64", "-Xlog:disable", "-cp",
                System.getProperty("java.class.path"), FirstAnswers.class.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("the process '" + String.join(" ", command) + "' failed:\n" + text);
            }
            return AnswerTimes.parse(text.lines().filter(line -> line.matches("[0-9. ]+")).findFirst().orElse(""));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a process answers", e);
        } finally {
            process.destroy();
        }
    }
}
