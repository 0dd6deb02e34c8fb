package dev.fedtiny.network.server;

import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.network.device.Trust;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A server on the loopback interface whose requests are bytes without a meaning. */
final class TestServer implements AutoCloseable {
    /** How long a test waits for what must come, on however busy a machine. */
    static final Duration PATIENCE = Duration.ofMinutes(2);
    /** No time runs out unless a test lets it pass. */
    static final Limits LIMITS = new Limits(64 << 10, PATIENCE, PATIENCE, PATIENCE, 16, Duration.ofSeconds(2), Duration.ofMillis(200),
            Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofMinutes(5), 1000);
    private static final byte[] TERMS = "terms".getBytes(StandardCharsets.US_ASCII);
    private static ServerTls tls;

    private final Path folder;
    private final FederationServer server;
    private final AtomicLong skippedNanos = new AtomicLong();
    private volatile OptionalLong still = OptionalLong.empty();
    private final BlockingQueue<Turn> ended = new LinkedBlockingQueue<>();

    TestServer(Path folder) throws IOException {
        this(folder, LIMITS, Clock.systemUTC(), 0);
    }

    TestServer(Path folder, Limits limits, Clock clock, int port) throws IOException {
        this.folder = folder;
        this.server = new FederationServer(new FederationServer.Rules(folder, folder.resolve("run"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                tls(), limits, "test", TERMS, (number, platform, samples, shape) -> shape.size() == 4 ? Optional.empty()
                : Optional.of("samples are " + shape)), clock, () -> still.orElseGet(System::nanoTime) + skippedNanos.get());
    }

    /** The same limits with other bounds on one request. */
    static Limits limits(int chunkBytes, Duration within, int uploads, int knocks) {
        return new Limits(chunkBytes, within, within, within, uploads, LIMITS.poll(), LIMITS.beat(), LIMITS.silence(), LIMITS.session(),
                LIMITS.clockSkew(), knocks);
    }

    /** One key for all tests of this virtual machine: to make one takes a second, to open its file half of one. */
    static synchronized ServerTls tls() throws IOException {
        if (tls == null) {
            Path keys = Files.createTempDirectory("fedtiny-test-keys");
            tls = SelfSigned.openOrCreate(keys, List.of("localhost", "127.0.0.1"));
            for (Path file : List.of(keys.resolve("server.p12"), keys.resolve("server.password"))) {
                file.toFile().deleteOnExit();
            }
            keys.toFile().deleteOnExit();
        }
        return tls;
    }

    /** Every device is silent for longer than it may be, until it says something again. */
    void silencePasses() {
        skippedNanos.addAndGet(LIMITS.silence().toNanos() + 1);
    }

    /** From now on no time passes by which silence and knocks are measured, but what a test lets pass. */
    void timeStandsStill() {
        still = OptionalLong.of(System.nanoTime());
    }

    FederationServer server() {
        return server;
    }

    int port() {
        return server.address().getPort();
    }

    URI uri() {
        return uri(port());
    }

    static URI uri(int port) {
        return URI.create("https://localhost:" + port);
    }

    static Trust trust() throws IOException {
        return new Trust.Pinned(tls().fingerprint());
    }

    DeviceToken token() throws IOException {
        return token(Duration.ofHours(1));
    }

    DeviceToken token(Duration valid) throws IOException {
        return TokenFile.read(EnrolmentTokens.make(folder, folder.resolve("tokens"), 1, valid).getFirst());
    }

    OpaqueDevice device(int times) throws IOException {
        return device(uri(), DeviceKey.generate(), Optional.of(token()), times);
    }

    OpaqueDevice device(URI uri, DeviceKey key, Optional<DeviceToken> token, int times) throws IOException {
        return new OpaqueDevice(uri, trust(), key, token, folder, times, PATIENCE, () -> { });
    }

    static byte[] payload(int bytes) {
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            payload[i] = (byte) (i * 31 + i / 251);
        }
        return payload;
    }

    static Errand errand(int round, int device, byte[] payload, int longest) {
        return new Errand(Request.ofFrame(new FrameWriter(MessageKind.TRAIN, round, device, payload.length).bytes(payload).finish()),
                longest);
    }

    /** Waits until devices have presented themselves. */
    void awaitDevices(int count) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (server.gate().all().size() < count) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(server.gate().all().size() + " of " + count + " devices came; "
                        + server.status().failures());
            }
            Thread.sleep(10);
        }
    }

    Turn ask(int device, int round, byte[] payload, int longest) {
        Turn turn = new Turn(server.roster().find(device).orElseThrow(), "test", () -> errand(round, device, payload, longest),
                server.answers(), System.currentTimeMillis() + PATIENCE.toMillis(), new Turn.Listener() {
                    @Override
                    public void taken(Turn turn, Errand errand) {
                        // Seen by the turn's own state.
                    }

                    @Override
                    public void ended(Turn turn) {
                        ended.add(turn);
                    }
                });
        server.places().offer(turn);
        return turn;
    }

    /** The next turn that ended. */
    Turn next() throws InterruptedException {
        Turn turn = ended.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (turn == null) {
            throw new IllegalStateException("no turn ended; " + server.status().failures());
        }
        return turn;
    }

    /** Asks a device and takes its answer. */
    byte[] exchange(int device, int round, byte[] payload, int longest) throws InterruptedException, IOException {
        ask(device, round, payload, longest);
        Turn turn = next();
        if (turn.lost().isPresent()) {
            throw new IllegalStateException(turn.lost().get());
        }
        byte[] answer = turn.takeAnswer(false, new byte[0]);
        turn.verdict().complete(Verdict.ACCEPTED);
        return answer;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
