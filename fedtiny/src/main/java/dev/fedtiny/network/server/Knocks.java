package dev.fedtiny.network.server;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How often an address may ask before anybody knows who it is: a bucket an address that fills steadily. Of the sixth version of IP a
 * network of 64 bits counts as one address, as many as whoever has one of them has. Remembers the addresses that came last, and no more
 * than {@link #ADDRESSES}. Thread-safe.
 */
final class Knocks {
    /** Addresses that are remembered, 100 bytes each. */
    static final int ADDRESSES = 10_000;
    private static final int NETWORK_BYTES = 8;
    private static final int BURST_SECONDS = 10;
    private static final double NANOS = 1e9;

    private final double perSecond;
    private final LongSupplier nanos;
    private final Map<ByteBuffer, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Bucket> eldest) {
            return size() > ADDRESSES;
        }
    };

    /** What is left for an address. */
    private static final class Bucket {
        private double left;
        private long at;
    }

    Knocks(int perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
    }

    private static ByteBuffer whose(InetAddress address) {
        byte[] bytes = address.getAddress();
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, NETWORK_BYTES));
    }

    /** Whether an address may be heard now. */
    synchronized boolean allows(InetAddress address) {
        long now = nanos.getAsLong();
        Bucket bucket = buckets.computeIfAbsent(whose(address), _ -> {
            Bucket full = new Bucket();
            full.left = BURST_SECONDS * perSecond;
            full.at = now;
            return full;
        });
        bucket.left = Math.min(BURST_SECONDS * perSecond, bucket.left + (now - bucket.at) / NANOS * perSecond);
        bucket.at = now;
        if (bucket.left < 1) {
            return false;
        }
        bucket.left--;
        return true;
    }
}
