package dev.fedtiny.benchmarks.network;

import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.device.Trust;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** A server in a process of its own with a given heap, and devices that ask it from this one, a virtual thread and a connection each. */
public final class NetworkLoad implements AutoCloseable {
    private final Setup setup;
    private final Path folder;
    private final Process process;
    private final BufferedReader said;
    private final Writer told;
    private final SSLContext tls;
    private final int barePort;
    private final byte[] payload;
    private final List<Thread> devices = new ArrayList<>();
    private final List<Throwable> ends = new CopyOnWriteArrayList<>();
    private int rounds;

    /**
     * What is measured.
     *
     * @param devices that join and poll
     * @param asked of them a round, the first ones
     * @param bytes of a request, and of an answer
     * @param heapMiB of the server
     * @param rounds of the federation, at most
     */
    public record Setup(int devices, int asked, int bytes, int heapMiB, int rounds) {
        /** Checks the ranges. */
        public Setup {
            if (devices < 1 || asked < 1 || asked > devices || bytes < 1 || heapMiB < 1 || rounds < 1) {
                throw new IllegalArgumentException(devices + " devices, " + asked + " asked, " + bytes + " bytes, " + heapMiB
                        + " MiB and " + rounds + " rounds must be at least 1, and no more asked than there are");
            }
        }
    }

    /**
     * What it took that all devices asked have their request and have sent their answer.
     *
     * @param millis until all had answered
     * @param cpuMillis of the server's processor
     */
    public record Round(double millis, double cpuMillis) {
    }

    /**
     * Starts the server and lets all devices join.
     *
     * @param setup what is measured
     * @throws IOException if the process or a device fails
     */
    public NetworkLoad(Setup setup) throws IOException {
        this.setup = setup;
        this.folder = PrivateFolder.temporary("fedtiny-load");
        this.payload = new byte[setup.bytes()];
        // With the options of bin/fedtiny.
        this.process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + setup.heapMiB() + "m", "-XX:+UseSerialGC", "-XX:ObjectAlignmentInBytes=64", "-Xlog:disable", "-cp",
                System.getProperty("java.class.path"), LoadServer.class.getName(),
                folder.toString(), Integer.toString(setup.devices()), Integer.toString(setup.bytes()))
                .redirectError(folder.resolve("errors").toFile()).start();
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        this.told = process.outputWriter(StandardCharsets.US_ASCII);
        String[] ports = answer("ready");
        this.barePort = Integer.parseInt(ports[2]);
        this.tls = new Trust.Pinned(SelfSigned.openOrCreate(folder, List.of()).fingerprint()).context();
        List<Path> tokens;
        try (Stream<Path> files = Files.list(folder.resolve("tokens"))) {
            tokens = files.sorted().toList();
        }
        for (Path token : tokens) {
            DeviceToken secret = TokenFile.read(token);
            devices.add(Thread.ofVirtual().start(() -> {
                try {
                    new LoadDevice(tls, Integer.parseInt(ports[1]), secret, payload, setup.asked(), setup.rounds()).run();
                } catch (IOException | RuntimeException e) {
                    ends.add(e);
                }
            }));
        }
        answer("joined");
    }

    private String[] answer(String expected) throws IOException {
        String line = said.readLine();
        if (line == null || !line.startsWith(expected)) {
            throw new IOException("the server said '" + line + "' in place of '" + expected + "': "
                    + Files.readString(folder.resolve("errors"))
                    + (ends.isEmpty() ? "" : "; a device: " + ends.getFirst()));
        }
        return line.split(" ");
    }

    private String[] tell(String command) throws IOException {
        told.write(command + "\n");
        told.flush();
        return answer(command.substring(0, command.indexOf(' ') < 0 ? command.length() : command.indexOf(' ')));
    }

    /**
     * A round of the federation: every device asked downloads the request and uploads an answer.
     *
     * @return what it took
     * @throws IOException if a device is lost
     */
    public Round round() throws IOException {
        String[] values = tell("round " + rounds++ + " " + setup.asked());
        return new Round(Double.parseDouble(values[1]), Double.parseDouble(values[2]));
    }

    /**
     * The same bytes for as many clients over the bare transport, on connections that are open already.
     *
     * @param duties what the server does with an answer
     * @return what it took
     * @throws IOException if a line breaks
     */
    public Round bare(Set<Duty> duties) throws IOException {
        List<HttpLine> lines = new ArrayList<>();
        List<Throwable> failed = new CopyOnWriteArrayList<>();
        try {
            for (int i = 0; i < setup.asked(); i++) {
                HttpLine line = new HttpLine(tls, barePort);
                lines.add(line);
                line.call("POST", "/", Map.of()).expecting(200);
            }
            CountDownLatch done = new CountDownLatch(lines.size());
            Upload upload = new Upload(new byte[Frame.HEADER_BYTES], payload, new byte[Frame.OVERHEAD_BYTES - Frame.HEADER_BYTES]);
            long cpu = cpuMillis();
            long start = System.nanoTime();
            for (HttpLine line : lines) {
                Thread.ofVirtual().start(() -> {
                    try {
                        transfer(line, duties, upload);
                    } catch (IOException e) {
                        failed.add(e);
                    } finally {
                        done.countDown();
                    }
                });
            }
            done.await();
            double millis = (System.nanoTime() - start) / 1e6;
            if (!failed.isEmpty()) {
                throw new IOException("a line of the bare transport failed", failed.getFirst());
            }
            return new Round(millis, cpuMillis() - cpu);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while bytes were on their way", e);
        } finally {
            for (HttpLine line : lines) {
                line.close();
            }
        }
    }

    private static void transfer(HttpLine line, Set<Duty> duties, Upload upload) throws IOException {
        boolean turns = duties.contains(Duty.TURNS);
        if (turns) {
            line.call("POST", "/", Map.of()).expecting(200);
        }
        line.call("GET", "/", Map.of(), new Upload(), 0, 0, 0).expecting(200);
        int part = turns ? Limits.USUAL.chunkBytes() : upload.length();
        for (int from = 0; from < upload.length(); from += part) {
            line.call("PUT", Duty.path(duties), Map.of(), upload, from, Math.min(part, upload.length() - from), 0).expecting(200);
        }
    }

    /** Of the server so far. */
    private long cpuMillis() throws IOException {
        return Long.parseLong(tell("cpu")[1]);
    }

    /**
     * What the server uses while all devices wait for work.
     *
     * @param seconds to wait
     * @return share of one processor
     * @throws IOException if the server has ended
     */
    public double idleShare(int seconds) throws IOException {
        long before = cpuMillis();
        long start = System.nanoTime();
        try {
            Thread.sleep(1000L * seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the devices wait", e);
        }
        long used = cpuMillis() - before;
        return used / ((System.nanoTime() - start) / 1e6);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Thread device : devices) {
            device.interrupt();
        }
        PrivateFolder.remove(folder);
    }
}
