package dev.fedtiny.benchmarks.network;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * The JDK's HTTPS server and nothing else: whoever asks gets the bytes, and what is sent is read and forgotten. The same transport as a
 * federation's, without turns, checks, hashes and files.
 */
final class BareTransport implements AutoCloseable {
    private final HttpsServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    BareTransport(SSLContext tls, byte[] down) throws IOException {
        this.http = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        http.setHttpsConfigurator(new HttpsConfigurator(tls));
        http.setExecutor(threads);
        http.createContext("/", exchange -> {
            try (exchange) {
                byte[] window = new byte[16 << 10];
                InputStream in = exchange.getRequestBody();
                long count = 0;
                for (int read = in.read(window); read >= 0; read = in.read(window)) {
                    count += read;
                }
                byte[] answer = count == 0 ? down : new byte[] {'{', '}'};
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        http.start();
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
