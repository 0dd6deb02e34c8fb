package dev.fedtiny.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/edge-app}, built against the engine's jar, and run. */
class EdgeAppTest {
    private static final String NAME = "edge-app";
    /** Of {@code activity.onnx}: nine signals of 128 values, six activities. */
    private static final int SIGNALS = 9;
    private static final int LENGTH = 128;
    private static final int CLASSES = 6;

    @TempDir
    Path folder;

    @Test
    void aForeignNetworkIsPrunedAdaptedKeptAndLoadedAgain() throws Exception {
        try (ExampleApplication application = new ExampleApplication(folder, NAME)) {
            Path engine = application.install("engine", Session.class);
            application.build();
            Path project = application.project();
            Path data = Files.write(folder.resolve("device data.csv"), deviceData());
            Path kept = folder.resolve("kept.safetensors");
            String output = application.output(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                    "--add-modules", "jdk.incubator.vector", "-cp", project.resolve("target/edge-app.jar") + ":" + engine,
                    "app.EdgeApp", project.resolve("activity.onnx").toString(), data.toString(), kept.toString()));
            List<String> lines = output.lines().filter(line -> line.contains("accuracy")).toList();
            assertEquals(3, lines.size(), output);
            assertTrue(lines.getFirst().startsWith("imported  density 1.00"), output);
            assertTrue(lines.get(1).startsWith("pruned    density 0.2"), output);
            assertTrue(lines.getLast().startsWith("adapted   density 0.2"), output);
            assertTrue(accuracy(lines.getLast()) >= 0.9 && accuracy(lines.get(1)) < 0.5, output);
            assertTrue(Files.size(kept) < Files.size(project.resolve("activity.onnx")), "a quarter of the weights takes less room");
        }
    }

    /** What docs/embedding.md promises of its length. */
    @Test
    void itIsShort() throws IOException {
        assertTrue(Files.readAllLines(ExampleApplication.source(NAME).resolve("src/main/java/app/EdgeApp.java")).size() < 60);
    }

    private static double accuracy(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1).replace(',', '.'));
    }

    /** A sine of its own frequency for every activity, and noise. */
    private static List<String> deviceData() {
        RandomStream random = RandomStream.of(7, "device data");
        return Stream.iterate(0, i -> i + 1).limit(48).map(i -> {
            int label = i % CLASSES;
            double[] values = new double[SIGNALS * LENGTH];
            Arrays.setAll(values, at -> Math.sin((label + 1) * (at % LENGTH) * 0.1) + 0.3 * random.nextGaussian());
            StringBuilder line = new StringBuilder().append(label);
            Arrays.stream(values).forEach(value -> line.append(String.format(Locale.ROOT, ",%.4f", value)));
            return line.toString();
        }).toList();
    }
}
