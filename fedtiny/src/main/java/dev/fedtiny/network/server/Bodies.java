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
    /** TLS gives no more at once. */
    static final int WINDOW = 16 << 10;

    private final RequestThreads threads;
    private final Duration within;

    /** Takes bytes of a body. */
    interface Taker {
        /** Where the next bytes go: between position and limit of a buffer over an array, at least one. */
        ByteBuffer room();

        /** Some came, where there was room. */
        void take(byte[] bytes, int from, int count) throws IOException;
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
        stream(exchange, length, new Taker() {
            @Override
            public ByteBuffer room() {
                return body;
            }

            @Override
            public void take(byte[] bytes, int from, int count) {
                body.position(from + count);
            }
        });
        return body.array();
    }

    /**
     * Passes a body on as it comes.
     *
     * @throws IOException if it ends early, or does not end in time
     */
    void stream(HttpExchange exchange, long length, Taker taker) throws IOException {
        if (length == 0) {
            return;
        }
        threads.within(within, () -> {
            InputStream in = exchange.getRequestBody();
            for (long left = length; left > 0;) {
                ByteBuffer room = taker.room();
                int from = room.arrayOffset() + room.position();
                int count = in.read(room.array(), from, (int) Math.min(room.remaining(), left));
                if (count < 0) {
                    throw new IOException("the body ended " + left + " bytes early");
                }
                taker.take(room.array(), from, count);
                left -= count;
            }
        });
    }
}
