package dev.fedtiny.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code examples/edge-app}, built with its own {@code pom.xml} against the engine's jar in a local repository of this test, and run. No
 * network: the plug-ins are those that have just built this project.
 */
class EdgeAppTest {
    private static final Path ROOT = Path.of("..");
    private static final Path APPLICATION = ROOT.resolve("examples/edge-app");
    /** Of {@code activity.onnx}: nine signals of 128 values, six activities. */
    private static final int SIGNALS = 9;
    private static final int LENGTH = 128;
    private static final int CLASSES = 6;

    @TempDir
    Path folder;

    @BeforeEach
    void anEmptyRepository() throws IOException {
        Files.createDirectory(folder.resolve("repository"));
    }

    /** Whatever clears the folder must not even look behind the links. */
    @AfterEach
    void unlink() throws IOException {
        try (Stream<Path> groups = Files.list(folder.resolve("repository"))) {
            for (Path link : groups.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    @Test
    void aForeignNetworkIsPrunedAdaptedKeptAndLoadedAgain() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "./mvnw is for POSIX shells");
        Path project = folder.resolve("edge-app");
        copy(APPLICATION, project);
        Path repository = repository();
        output(List.of("/bin/sh", ROOT.resolve("mvnw").toRealPath().toString(), "-o", "-q", "-B", "-Dmaven.repo.local=" + repository,
                "-f", project.resolve("pom.xml").toString(), "package"));
        Path data = Files.write(folder.resolve("device data.csv"), deviceData());
        Path kept = folder.resolve("kept.safetensors");
        String output = output(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "--add-modules", "jdk.incubator.vector", "-cp", project.resolve("target/edge-app.jar") + ":" + jar(repository),
                "app.EdgeApp", project.resolve("activity.onnx").toString(), data.toString(), kept.toString()));
        List<String> lines = output.lines().filter(line -> line.contains("accuracy")).toList();
        assertEquals(3, lines.size(), output);
        assertTrue(lines.getFirst().startsWith("imported  density 1.00"), output);
        assertTrue(lines.get(1).startsWith("pruned    density 0.2"), output);
        assertTrue(lines.getLast().startsWith("adapted   density 0.2"), output);
        assertTrue(accuracy(lines.getLast()) >= 0.9 && accuracy(lines.get(1)) < 0.5, output);
        assertTrue(Files.size(kept) < Files.size(project.resolve("activity.onnx")), "a quarter of the weights takes less room");
    }

    /** What docs/embedding.md promises of its length. */
    @Test
    void itIsShort() throws IOException {
        assertTrue(Files.readAllLines(APPLICATION.resolve("src/main/java/app/EdgeApp.java")).size() < 60);
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

    private static Path jar(Path repository) {
        return repository.resolve("dev/fedtiny/engine/0.1.0/engine-0.1.0.jar");
    }

    /** A local repository in which the engine is installed beside all that Maven has already. */
    private Path repository() throws Exception {
        Path usual = Path.of(System.getProperty("dev.fedtiny.localRepository", System.getProperty("user.home") + "/.m2/repository"));
        assumeTrue(Files.isDirectory(usual.resolve("org/apache/maven")), "there is no local repository of Maven at " + usual);
        Path own = folder.resolve("repository");
        try (Stream<Path> groups = Files.list(usual)) {
            for (Path group : groups.filter(group -> !group.endsWith("dev") && Files.isDirectory(group)).toList()) {
                Files.createSymbolicLink(own.resolve(group.getFileName()), group.toRealPath());
            }
        }
        Path jar = jar(own);
        Files.createDirectories(jar.getParent());
        Path engine = Path.of(Session.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(engine)) { // Not packaged yet: only what a jar would hold.
            StringWriter messages = new StringWriter();
            PrintWriter printer = new PrintWriter(messages);
            int code = ToolProvider.findFirst("jar").orElseThrow().run(printer, printer, "--create", "--file", jar.toString(), "-C",
                    engine.toString(), ".");
            assertEquals(0, code, messages.toString());
        } else {
            Files.copy(engine, jar);
        }
        Files.copy(ROOT.resolve("engine/pom.xml"), jar.resolveSibling("engine-0.1.0.pom"));
        Path parent = Files.createDirectories(own.resolve("dev/fedtiny/fedtiny-parent/0.1.0"));
        Files.copy(ROOT.resolve("pom.xml"), parent.resolve("fedtiny-parent-0.1.0.pom"));
        return own;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(file -> !file.startsWith(from.resolve("target"))).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private String output(List<String> command) throws Exception {
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        int code = builder.start().waitFor();
        String text = Files.readString(log, StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        return text;
    }
}
