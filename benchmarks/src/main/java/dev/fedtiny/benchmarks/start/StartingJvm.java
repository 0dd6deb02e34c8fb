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

    /**
     * The program of an image that {@code bin/make-image} made: without an AOT cache, and with one.
     *
     * @param cache a file that {@link #train} has written
     */
    public static List<StartingJvm> image(Path image, Path cache, List<String> further) {
        StartingJvm plain = new StartingJvm("image", image.resolve(Path.of("bin", "java")), further);
        return List.of(plain, new StartingJvm("image, AOT cache", plain.java, both(List.of("-XX:AOTCache=" + cache), further)));
    }

    private static List<String> both(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }

    /** Runs a process that leaves what its JVM has loaded and linked in a cache for later ones. */
    public void train(Path cache, List<String> arguments) throws IOException {
        new StartingJvm(name, java, both(List.of("-XX:AOTCacheOutput=" + cache), options)).run(arguments);
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
