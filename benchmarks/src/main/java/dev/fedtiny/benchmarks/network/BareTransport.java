package dev.fedtiny.benchmarks.network;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.fedtiny.network.SignedRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * The JDK's HTTPS server and nothing else: whoever asks gets the bytes, and what is sent is read and forgotten. The same transport as a
 * federation's, without turns, checks, hashes and files. At {@link #KEEPING}, what is sent is kept as a server must that survives its end:
 * hashed with SHA-256, written to a file, read once more.
 */
final class BareTransport implements AutoCloseable {
    static final String FORGETTING = "/";
    static final String KEEPING = "/keep";

    private final HttpsServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    BareTransport(SSLContext tls, byte[] down, Path folder) throws IOException {
        this.http = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        http.setHttpsConfigurator(new HttpsConfigurator(tls));
        http.setExecutor(threads);
        http.createContext(FORGETTING, exchange -> answer(exchange, down, OutputStream.nullOutputStream()));
        http.createContext(KEEPING, exchange -> {
            Path file = Files.createTempFile(folder, "kept", null);
            MessageDigest digest = SignedRequest.digest();
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
                answer(exchange, down, out);
            }
            Files.readAllBytes(file);
            digest.digest();
            Files.delete(file);
        });
        http.start();
    }

    private static void answer(HttpExchange exchange, byte[] down, OutputStream taker) throws IOException {
        try (exchange) {
            byte[] window = new byte[16 << 10];
            InputStream in = exchange.getRequestBody();
            long count = 0;
            for (int read = in.read(window); read >= 0; read = in.read(window)) {
                taker.write(window, 0, read);
                count += read;
            }
            byte[] answer = count == 0 ? down : new byte[] {'{', '}'};
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
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
