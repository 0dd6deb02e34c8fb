package dev.fedtiny.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * An application of {@code examples}, built with its own {@code pom.xml} against this project's jars in a local repository of the test. No
 * network: the plug-ins are those that have just built this project.
 */
final class ExampleApplication implements AutoCloseable {
    private static final Path ROOT = Path.of("..");
    private static final String VERSION = "0.1.0";

    private final Path folder;
    private final Path repository;
    private final Path project;

    /**
     * Copies an application.
     *
     * @param folder an empty one
     * @param name of the application's folder in {@code examples}
     */
    ExampleApplication(Path folder, String name) throws IOException {
        this.folder = folder;
        this.project = folder.resolve(name);
        this.repository = Files.createDirectory(folder.resolve("repository"));
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "./mvnw is for POSIX shells");
        Path usual = Path.of(System.getProperty("dev.fedtiny.localRepository", System.getProperty("user.home") + "/.m2/repository"));
        assumeTrue(Files.isDirectory(usual.resolve("org/apache/maven")), "there is no local repository of Maven at " + usual);
        copy(source(name), project);
        try (Stream<Path> groups = Files.list(usual)) {
            for (Path group : groups.filter(group -> !group.endsWith("dev") && Files.isDirectory(group)).toList()) {
                Files.createSymbolicLink(repository.resolve(group.getFileName()), group.toRealPath());
            }
        }
        Path parent = Files.createDirectories(repository.resolve("dev/fedtiny/fedtiny-parent/" + VERSION));
        Files.copy(ROOT.resolve("pom.xml"), parent.resolve("fedtiny-parent-" + VERSION + ".pom"));
    }

    /** The folder of an application in this project. */
    static Path source(String name) {
        return ROOT.resolve("examples").resolve(name);
    }

    /** The folder in which the application is built. */
    Path project() {
        return project;
    }

    /**
     * Puts a module of this project into the repository.
     *
     * @param module its name
     * @param member a class of it
     * @return its jar
     */
    Path install(String module, Class<?> member) throws IOException, URISyntaxException {
        Path jar = repository.resolve("dev/fedtiny/" + module + "/" + VERSION + "/" + module + "-" + VERSION + ".jar");
        Files.createDirectories(jar.getParent());
        Path built = Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(built)) { // Not packaged yet: only what a jar would hold.
            StringWriter messages = new StringWriter();
            PrintWriter printer = new PrintWriter(messages);
            int code = ToolProvider.findFirst("jar").orElseThrow().run(printer, printer, "--create", "--file", jar.toString(), "-C",
                    built.toString(), ".");
            assertEquals(0, code, messages.toString());
        } else {
            Files.copy(built, jar);
        }
        Files.copy(ROOT.resolve(module + "/pom.xml"), jar.resolveSibling(module + "-" + VERSION + ".pom"));
        return jar;
    }

    /** Builds it, as whoever has the application alone would. */
    void build() throws IOException, InterruptedException {
        output(List.of("/bin/sh", ROOT.resolve("mvnw").toRealPath().toString(), "-o", "-q", "-B", "-Dmaven.repo.local=" + repository,
                "-f", project.resolve("pom.xml").toString(), "package"));
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

    /** Runs a command that must succeed; returns what it wrote. */
    String output(List<String> command) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // So few classes are built before the better compiler would pay.
        builder.environment().put("MAVEN_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        int code = builder.start().waitFor();
        String text = Files.readString(log, StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        return text;
    }

    /** Whatever clears the folder must not even look behind the links. */
    @Override
    public void close() throws IOException {
        try (Stream<Path> groups = Files.list(repository)) {
            for (Path link : groups.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }
}
