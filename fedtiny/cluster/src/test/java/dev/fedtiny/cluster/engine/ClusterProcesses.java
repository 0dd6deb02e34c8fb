package dev.fedtiny.cluster.engine;

import dev.fedtiny.device.Device;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Java processes of a cluster on this machine, on the loopback interface; what they print goes to files. */
final class ClusterProcesses implements AutoCloseable {
    /** What Spark, and Hazelcast, look into. */
    static final List<String> OPENS = opens();

    private static final int FIRST_PORT = 10_000;
    private static final int PORTS = 20_000;
    private static final AtomicInteger NEXT_PORT = new AtomicInteger((int) (ProcessHandle.current().pid() * 101 % PORTS));

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

    /**
     * A port at which nobody listens, and none that the system gives to connections: whoever knocks where nobody listens yet might be given
     * that very port for itself. None twice in this virtual machine.
     */
    static int freePort() {
        while (true) {
            int port = FIRST_PORT + NEXT_PORT.getAndIncrement() % PORTS;
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Somebody does.
            }
        }
    }

    Process java(String name, Map<String, String> environment, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=1"));
        command.addAll(OPENS);
        command.addAll(words);
        return start(name, environment, command);
    }

    /** A process whose output goes to a file. */
    Process start(String name, Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(name).toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        synchronized (processes) {
            processes.add(process);
        }
        return process;
    }

    /** A Hazelcast member of one slot, which is ready. */
    Process node(String name, int port, int join, String... words) throws IOException, InterruptedException {
        return node(name, port, join, List.of(), classPath(), words);
    }

    /** A Hazelcast member of a virtual machine and classes of its own. */
    Process node(String name, int port, int join, List<String> options, String classPath, String... words) throws IOException,
            InterruptedException {
        List<String> all = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector", "-Xmx400m"));
        all.addAll(options);
        all.addAll(List.of("-cp", classPath, "dev.fedtiny.cli.Main", "node", "--slots", "1", "--name", name, "--listen",
                "127.0.0.1:" + port));
        if (join != port) {
            all.addAll(List.of("--join", "127.0.0.1:" + join));
        }
        all.addAll(List.of(words));
        Process process = java(name, Map.of(), all);
        awaitLine(process, name, "node '" + name + "' listens");
        return process;
    }

    /** The class path with one more class beside those of devices, as another build of this program would have it. */
    String otherClasses() throws IOException {
        String theirs = place(Device.class);
        Path copy = folder.resolve("other.jar");
        try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(copy))) {
            copy(Path.of(theirs), jar);
            jar.putNextEntry(new ZipEntry("dev/fedtiny/device/Newer.class"));
            jar.write(1);
        }
        return Arrays.stream(classPath().split(File.pathSeparator)).map(place -> Path.of(place).toAbsolutePath().toString().equals(theirs)
                ? copy.toString() : place).collect(Collectors.joining(File.pathSeparator));
    }

    /** This project's own classes as jars, that of a class last. */
    List<String> ownJars(Class<?> last) throws IOException {
        List<String> jars = new ArrayList<>();
        List<String> places = new ArrayList<>(List.of(ownClassPath().split(File.pathSeparator)));
        places.removeIf(place -> Files.notExists(Path.of(place)));
        places.sort(Comparator.comparing(place -> Path.of(place).toAbsolutePath().toString().equals(place(last))));
        for (String place : places) {
            Path jar = Path.of(place);
            if (Files.isDirectory(jar)) {
                jar = folder.resolve("own-" + jars.size() + ".jar");
                try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
                    copy(Path.of(place), out);
                }
            }
            jars.add(jar.toString());
        }
        return jars;
    }

    /** What a folder or a jar holds, into a jar. */
    private static void copy(Path place, ZipOutputStream out) throws IOException {
        try (FileSystem jar = Files.isDirectory(place) ? null : FileSystems.newFileSystem(place);
                Stream<Path> files = Files.walk(jar == null ? place : jar.getPath("/"))) {
            Path root = jar == null ? place : jar.getPath("/");
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(root.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, out);
            }
        }
    }

    private static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A signal to a process, as {@code kill} sends it. */
    static void signal(String name, Process process) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + " " + process.pid() + " ended with " + kill.exitValue());
        }
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
        synchronized (processes) {
            processes.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
            processes.forEach(Process::destroyForcibly);
        }
    }
}
