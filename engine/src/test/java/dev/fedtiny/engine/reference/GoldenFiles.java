package dev.fedtiny.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Results of PyTorch: the small ones among the test resources, and all of a folder that the environment variable FEDTINY_GOLDEN names. */
public final class GoldenFiles {
    public static final String VARIABLE = "FEDTINY_GOLDEN";

    private GoldenFiles() {
    }

    /** Files whose name begins with one of the prefixes. */
    public static List<Path> find(String... prefixes) throws IOException, URISyntaxException {
        Path resources = Path.of(GoldenFiles.class.getResource("/golden").toURI());
        String folder = System.getenv(VARIABLE);
        List<Path> files = list(resources, prefixes);
        return folder == null ? files : Stream.concat(files.stream(), list(Path.of(folder), prefixes).stream()).toList();
    }

    /** Files of single operators, losses and optimisers, which lie in a folder of their own, whose name begins with one of the prefixes. */
    public static List<Path> operators(String... prefixes) throws IOException, URISyntaxException {
        Path resources = Path.of(GoldenFiles.class.getResource("/golden/operators").toURI());
        String folder = System.getenv(VARIABLE);
        List<Path> files = list(resources, prefixes);
        return folder == null ? files : Stream.concat(files.stream(), list(Path.of(folder, "operators"), prefixes).stream()).toList();
    }

    private static List<Path> list(Path folder, String... prefixes) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".safetensors"))
                    .filter(f -> Stream.of(prefixes).anyMatch(prefix -> f.getFileName().toString().startsWith(prefix)))
                    .sorted().toList();
        }
    }

    static double[] doubles(SafetensorsFile file, String name) throws IOException {
        return ReferenceNetwork.toDouble(file.readNumbers(name));
    }

    static int[] labels(SafetensorsFile file, String name) throws IOException {
        long[] labels = file.readLongs(name);
        int[] result = new int[labels.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = Math.toIntExact(labels[i]);
        }
        return result;
    }

    static int extent(SafetensorsFile file, String name, int dimension) throws IOException {
        return Math.toIntExact(file.get(name).shape().get(dimension));
    }

    /** Compares a whole tensor relative to its largest magnitude. */
    static void assertClose(SafetensorsFile file, String name, double[] actual, double tolerance) throws IOException {
        assertClose(file.name() + " '" + name + "'", doubles(file, name), actual, tolerance);
    }

    /** The same of values that are no tensor of a file. */
    static void assertClose(String what, double[] expected, double[] actual, double tolerance) {
        assertEquals(expected.length, actual.length, what + ": elements");
        double largest = Double.MIN_NORMAL;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(actual[i] - expected[i]));
        }
        double relative = error / largest;
        assertTrue(relative <= tolerance, () -> what + ": error " + relative + " of the largest magnitude, allowed " + tolerance);
    }
}
