package dev.fedtiny.cluster.engine;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Java processes of a cluster on this machine, on the loopback interface; what they print goes to files. */
final class ClusterProcesses implements AutoCloseable {
    /** What Spark, and Hazelcast, look into. */
    static final List<String> OPENS = opens();

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();

    ClusterProcesses(Path folder) {
        this.folder = folder;
    }

    private static List<String> opens() {
        List<String> words = new ArrayList<>(List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
        for (String part : List.of("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util",
                "java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.util.calendar",
                "jdk.internal.ref")) {
            words.add("--add-opens=java.base/" + part + "=ALL-UNNAMED");
        }
        return words;
    }

    /** Everything that this test runs with. */
    static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** The same without jars of engines: what the nodes of an engine must be given. */
    static String ownClassPath() {
        String others = System.getProperty("dev.fedtiny.localRepository");
        return String.join(File.pathSeparator, Arrays.stream(classPath().split(File.pathSeparator))
                .filter(place -> !place.startsWith(others)).toList());
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Process java(String name, Map<String, String> environment, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=1"));
        command.addAll(OPENS);
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(name).toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /** A Hazelcast member of one slot. */
    Process node(String name, int port, int join, String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector", "-Xmx400m", "-cp", classPath(),
                "dev.fedtiny.cli.Main", "node", "--slots", "1", "--name", name, "--listen", "127.0.0.1:" + port));
        if (join != port) {
            all.addAll(List.of("--join", "127.0.0.1:" + join));
        }
        all.addAll(List.of(words));
        Process process = java(name, Map.of(), all);
        awaitLine(process, name, "node '" + name + "' listens");
        return process;
    }

    /** Waits until a process has printed something; as long as it lives. */
    void awaitLine(Process process, String name, String text) throws IOException, InterruptedException {
        while (!printed(name).contains(text)) {
            if (!process.isAlive()) {
                throw new IOException(name + " ended with " + process.exitValue() + ": " + printed(name));
            }
            Thread.sleep(50);
        }
    }

    String printed(String name) throws IOException {
        return Files.exists(log(name)) ? Files.readString(log(name)) : "";
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
