package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Samples;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.FreePort;
import dev.fedtiny.network.device.FederatedDevice;
import dev.fedtiny.network.device.TurnCost;
import dev.fedtiny.network.server.EnrolmentTokens;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.network.server.ServerTls;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Devices that join a run over HTTPS on this machine, each on a thread of this process, as applications do. */
final class JoiningDevices {
    private final Path folder;
    private final int count;
    private final ServerTls tls;
    private final int port;
    private final List<Thread> threads = new ArrayList<>();
    private final Map<Integer, Throwable> ends = new ConcurrentHashMap<>();
    private final List<TurnCost> costs = new CopyOnWriteArrayList<>();
    private final List<String> notes = new CopyOnWriteArrayList<>();

    /**
     * Nobody has joined yet.
     *
     * @param folder for keys and the federation, empty
     */
    JoiningDevices(Path folder, int count) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.count = count;
        this.tls = SelfSigned.openOrCreate(Files.createDirectory(folder.resolve("keys")), List.of("localhost"));
        this.port = FreePort.next();
    }

    /** Where they come to, and how many are waited for. */
    Hosting.Opener hosting() {
        return NetworkHosting.at(new NetworkHosting.Door(folder.resolve("federation"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), tls, Limits.USUAL, count));
    }

    /** All knock from now on, with data that are asked for at every turn. */
    JoiningDevices join(IntFunction<Supplier<? extends Samples>> data) throws IOException {
        List<Path> tokens = EnrolmentTokens.make(folder.resolve("federation"), folder.resolve("tokens"), count, Duration.ofHours(1));
        for (int device = 0; device < count; device++) {
            DeviceToken token = TokenFile.read(tokens.get(device));
            int number = device;
            Path key = folder.resolve("device-" + device + ".key");
            Supplier<? extends Samples> share = data.apply(device);
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                try (FederatedDevice joined = FederatedDevice.join(URI.create("https://localhost:" + port), Optional.of(token))
                        .pin(tls.fingerprint()).keys(key).data(share).folder(folder).patience(Duration.ofMinutes(1))
                        .onTurn(costs::add).notes(notes::add).open()) {
                    joined.run();
                } catch (IOException | RuntimeException e) {
                    ends.put(number, e);
                }
            }));
        }
        return this;
    }

    /** All have ended as devices do whose server says that it is over. */
    void awaitEnd() throws InterruptedException {
        awaitEnd(Set.of());
    }

    /** All but some have ended so; these may have missed it and wait for another server, which they are spared. */
    void awaitEnd(Set<Integer> others) throws InterruptedException {
        for (int device = 0; device < count; device++) {
            int number = device;
            if (!others.contains(device)) {
                assertTrue(threads.get(device).join(Duration.ofMinutes(2)), () -> "device " + number + " does not end: " + notes);
                assertNull(ends.get(device), () -> "device " + number + ": " + notes);
            }
        }
        for (int device : others) {
            threads.get(device).interrupt();
            assertTrue(threads.get(device).join(Duration.ofMinutes(2)), () -> "an interrupted device does not end: " + notes);
        }
    }

    /** Of all turns so far. */
    List<TurnCost> costs() {
        return costs;
    }

    /** What devices said. */
    List<String> notes() {
        return notes;
    }

    /** The server's. */
    Path auditLog() {
        return folder.resolve("federation/audit.jsonl");
    }
}
