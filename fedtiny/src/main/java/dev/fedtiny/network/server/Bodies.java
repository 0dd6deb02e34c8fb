package dev.fedtiny.network.server;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Reads the bodies of requests: never more than it was told, never for longer than allowed. Whoever sends more slowly loses the line.
 * Thread-safe.
 */
final class Bodies {
    /** Passed on at once, four records of TLS: files take it in whole pages, and it is hashed before it has left the cache. */
    private static final int WINDOW = 64 << 10;

    private final RequestThreads threads;
    private final Duration within;

    /** Takes bytes of a body. */
    interface Taker {
        /** The next ones came: the first {@code count} of an array that the following ones overwrite. */
        void take(byte[] bytes, int count) throws IOException;

        /** Some came, which are passed on with those that follow. */
        default void heard() {
        }
    }

    Bodies(RequestThreads threads, Duration within) {
        this.threads = threads;
        this.within = within;
    }

    /** The length that a body has, by its header. */
    static long length(HttpExchange exchange, long most) throws Refusal {
        String header = exchange.getRequestHeaders().getFirst("Content-Length");
        if (header == null) {
            if (exchange.getRequestHeaders().containsKey("Transfer-Encoding")) {
                throw new Refusal(Refusal.LENGTH_REQUIRED, "a body needs the header Content-Length");
            }
            return 0;
        }
        long length = Long.parseLong(header);
        if (length > most) {
            throw new Refusal(Refusal.TOO_LARGE, "the body has " + length + " bytes, at most " + most + " are read here");
        }
        return length;
    }

    /** The whole of a short body. */
    byte[] small(HttpExchange exchange, int most) throws Refusal, IOException {
        int length = (int) length(exchange, most);
        ByteBuffer body = ByteBuffer.allocate(length);
        stream(exchange, length, (bytes, count) -> body.put(bytes, 0, count));
        return body.array();
    }

    /**
     * Passes a body on as it comes, also what came of one that ends early.
     *
     * @throws IOException if it ends early, or does not end in time
     */
    void stream(HttpExchange exchange, long length, Taker taker) throws IOException {
        if (length == 0) {
            return;
        }
        threads.within(within, () -> {
            InputStream in = exchange.getRequestBody();
            byte[] window = new byte[(int) Math.min(WINDOW, length)];
            for (long left = length; left > 0;) {
                int wanted = (int) Math.min(window.length, left);
                int filled = 0;
                try {
                    while (filled < wanted) {
                        int count = in.read(window, filled, wanted - filled);
                        if (count < 0) {
                            throw new IOException("the body ended " + (left - filled) + " bytes early");
                        }
                        filled += count;
                        taker.heard();
                    }
                } catch (IOException e) {
                    rescue(window, filled, taker);
                    throw e;
                }
                taker.take(window, filled);
                left -= filled;
            }
        });
    }

    /** Passes on what came before the line broke. Whose time is up was interrupted, and must not close the file that takes the bytes. */
    private static void rescue(byte[] window, int filled, Taker taker) throws IOException {
        if (filled == 0) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            taker.take(window, filled);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
