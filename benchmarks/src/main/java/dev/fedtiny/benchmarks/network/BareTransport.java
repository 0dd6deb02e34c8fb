package dev.fedtiny.benchmarks.network;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.fedtiny.data.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import javax.net.ssl.SSLContext;

/**
 * The JDK's HTTPS server and nothing else: whoever asks gets the bytes, and what is sent is read and forgotten. The same transport as a
 * federation's, without turns, checks, hashes and files, unless the path names duties ({@link Duty#path}).
 */
final class BareTransport implements AutoCloseable {
    private static final int WINDOW = 64 << 10;
    private static final byte[] NOTED = {'{', '}'};

    private final HttpsServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Path folder;
    private final byte[] down;
    /** Files that are written over, one after the other: as many as requests of a round bring bytes. */
    private final int kept;
    private final AtomicInteger files = new AtomicInteger();
    /** One answer is looked at at a time. Guarded by itself. */
    private final byte[] frame;

    /**
     * Listens.
     *
     * @param down what is handed out
     * @param frameBytes of the longest answer
     * @param folder for files
     * @param kept how many of them are kept, as a server keeps answers until a run is saved
     */
    BareTransport(SSLContext tls, byte[] down, int frameBytes, Path folder, int kept) throws IOException {
        this.folder = folder;
        this.kept = kept;
        this.down = down;
        this.frame = new byte[frameBytes];
        this.http = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        http.setHttpsConfigurator(new HttpsConfigurator(tls));
        http.setExecutor(threads);
        http.createContext("/", this::answer);
        http.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean upload = exchange.getRequestMethod().equals("PUT");
            if (upload) {
                take(exchange, Duty.of(exchange.getRequestURI().getPath()));
            }
            byte[] answer = upload || exchange.getRequestMethod().equals("POST") ? NOTED : down;
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private void take(HttpExchange exchange, Set<Duty> duties) throws IOException {
        Path file = folder.resolve("bare-" + Math.floorMod(files.incrementAndGet(), kept));
        MessageDigest digest = Sha256.begin();
        byte[] window = new byte[WINDOW];
        try (FileChannel out = duties.contains(Duty.FILE) ? FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE) : null) {
            InputStream in = exchange.getRequestBody();
            for (int count = in.readNBytes(window, 0, WINDOW); count > 0; count = in.readNBytes(window, 0, WINDOW)) {
                if (duties.contains(Duty.HASH)) {
                    digest.update(window, 0, count);
                }
                if (out != null) {
                    out.write(ByteBuffer.wrap(window, 0, count));
                }
            }
            digest.digest();
            if (duties.contains(Duty.CHECK) && out != null) {
                check(out, (int) out.position());
            }
        }
    }

    private void check(FileChannel file, int length) throws IOException {
        synchronized (frame) {
            CRC32C crc = new CRC32C();
            for (int at = 0; at < length;) {
                at += file.read(ByteBuffer.wrap(frame, at, Math.min(WINDOW, length - at)), at);
            }
            crc.update(frame, 0, length);
            crc.getValue();
        }
    }

    int port() {
        return http.getAddress().getPort();
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
