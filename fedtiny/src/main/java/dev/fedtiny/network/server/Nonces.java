package dev.fedtiny.network.server;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Numbers of signed requests, each good once. One is forgotten when its signature is too old to be believed anyway. Only what known devices
 * signed comes here, so that strangers cannot fill it. Thread-safe.
 */
final class Nonces {
    /** The most that are remembered, 200 bytes each. */
    static final int MOST = 200_000;

    private final Clock clock;
    private final Duration skew;
    /** When each was used, the oldest first. */
    private final Map<String, Long> used = new LinkedHashMap<>();

    Nonces(Clock clock, Duration skew) {
        this.clock = clock;
        this.skew = skew;
    }

    /** Uses a number: whether it was not used before. */
    synchronized boolean use(String device, String nonce) throws Refusal {
        long now = clock.millis();
        long oldest = now - 2 * skew.toMillis();
        var entries = used.values().iterator();
        while (entries.hasNext() && entries.next() < oldest) {
            entries.remove();
        }
        if (used.size() >= MOST) {
            throw Refusal.later(Refusal.TOO_MANY, "too many sessions are being opened", 10);
        }
        return used.putIfAbsent(device + nonce, now) == null;
    }
}
