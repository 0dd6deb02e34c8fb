package dev.fedtiny.network;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A federation in which the server and every device is a process of its own, started with the commands that users type. What each of them
 * writes goes to a file in the folder, as do keys, tokens, images and the run.
 */
public final class FederationProcesses implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("listening at (https://localhost:(\\d+)), certificate (\\S+)");

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private URI address;
    private Fingerprint fingerprint;

    /**
     * Makes tokens and the devices' images.
     *
     * @param folder an empty one
     * @param settings lines of the experiment's file
     */
    public FederationProcesses(Path folder, List<String> settings) throws IOException, InterruptedException {
        this.folder = folder;
        Files.write(experiment(), settings);
        succeed("partition", experiment().toString(), "--out", folder.resolve("split.json").toString(), "--shares",
                folder.resolve("shares").toString());
        succeed("enrol", "--federation", federation(), "--count", Long.toString(shares()), "--tokens", folder.resolve("tokens").toString());
    }

    private long shares() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("shares"))) {
            return files.count();
        }
    }

    private Path experiment() {
        return folder.resolve("experiment.properties");
    }

    private String federation() {
        return folder.resolve("federation").toString();
    }

    /** The images of a device, as {@code join} takes them. */
    public Path share(int device) {
        return folder.resolve("shares/device-" + device + ".images");
    }

    /** The token of a device, which was not used yet. */
    public Path token(int device) {
        return folder.resolve("tokens/device-" + device + ".token");
    }

    /** The folder of the run. */
    public Path served() {
        return folder.resolve("served");
    }

    /** Where the server listens, once it was started. */
    public URI address() {
        return address;
    }

    /** What devices pin. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /** Starts the server and waits until it listens. */
    public Process serve() throws IOException, InterruptedException {
        return listening("server.log", "serve", experiment().toString(), "--listen", "localhost:0", "--out", served().toString());
    }

    /** Starts a server that goes on where another was killed, at the same address. */
    public Process resume() throws IOException, InterruptedException {
        return listening("resumed.log", "serve", "--resume", served().toString(), "--listen", "localhost:" + address.getPort());
    }

    private Process listening(String log, String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--self-signed", "localhost", "--federation", federation()));
        Process server = start(log, program(all));
        await("a server listens", () -> log(log).contains("waiting for") || !server.isAlive());
        Matcher said = ADDRESS.matcher(log(log));
        if (!said.find()) {
            throw new IllegalStateException(log(log));
        }
        address = URI.create("https://localhost:" + said.group(2));
        fingerprint = new Fingerprint(said.group(3));
        return server;
    }

    /**
     * Starts a device: with its token for the first time, and as who it is by its key from then on.
     *
     * @param options of its virtual machine
     */
    public Process join(int device, String... options) throws IOException {
        Path key = folder.resolve("device-" + device + ".key");
        List<String> words = new ArrayList<>(List.of("join", address.toString(), "--data", share(device).toString(), "--key",
                key.toString(), "--fingerprint", fingerprint.toString(), "--patience", "60"));
        if (Files.notExists(key)) {
            words.addAll(List.of("--token-file", token(device).toString()));
        }
        List<String> command = new ArrayList<>(List.of(options));
        command.addAll(program(words));
        return start("device-" + device + ".log", command);
    }

    /** The same experiment in one process; returns the folder of its run. */
    public Path simulate() throws IOException, InterruptedException {
        Path simulated = folder.resolve("simulated");
        succeed("run", experiment().toString(), "--set", "baseline=false", "--quiet", "--out", simulated.toString());
        return simulated;
    }

    /** What the server has written down so far of what happened. */
    List<JsonObject> audit() {
        String lines = log("federation/audit.jsonl");
        // The last one may be under way.
        return lines.substring(0, lines.lastIndexOf('\n') + 1).lines().map(line -> (JsonObject) JsonReader.parse(line)).toList();
    }

    /** What a process wrote, or the server; empty before. */
    public String log(String file) {
        try {
            return Files.exists(folder.resolve(file)) ? Files.readString(folder.resolve(file), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that processes wrote. */
    public String logs() {
        try (Stream<Path> files = Files.list(folder)) {
            StringBuilder text = new StringBuilder();
            files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".log")).sorted()
                    .forEach(name -> text.append(name).append(":\n").append(log(name)));
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until something is so. */
    public void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("waited two minutes until " + what + "\n" + logs());
            }
            Thread.sleep(5);
        }
    }

    /** Waits until a process ends as it should. */
    public void awaitSuccess(String what, Process process) throws InterruptedException {
        await(what + " ends", () -> !process.isAlive());
        if (process.exitValue() != 0) {
            throw new IllegalStateException(what + " ended with " + process.exitValue() + "\n" + logs());
        }
    }

    private void succeed(String... words) throws IOException, InterruptedException {
        awaitSuccess(words[0], start(words[0] + ".log", program(List.of(words))));
    }

    private static List<String> program(List<String> words) {
        List<String> command = new ArrayList<>(List.of("-cp", System.getProperty("java.class.path"),
                "dev.fedtiny.cli.Main"));
        command.addAll(words);
        return command;
    }

    /** Starts another program of Java beside them, as whatever follows {@code java}; what it writes is added to a log. */
    public Process start(String log, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(words);
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(log).toFile())).start();
        processes.add(process);
        return process;
    }

    /** Ends all that still run, and waits until they have. */
    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }
}
