package dev.fedtiny.network.server;

import com.sun.net.httpserver.Headers;
import dev.fedtiny.data.Sha256;
import dev.fedtiny.federation.Capacity;
import dev.fedtiny.network.DevicePublicKey;
import dev.fedtiny.network.SignedRequest;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.Platform;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who a request comes from. A device proves it with a signature once an hour and shows a bearer in between; the newest session of a device
 * ends the one before. Thread-safe.
 */
final class Gate {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BEARER_BYTES = 32;
    private static final String BEARER = "Bearer ";
    private static final int LONGEST_HEADER = 512;

    private final Roster roster;
    private final Clock clock;
    private final Limits limits;
    private final Nonces nonces;
    private final Map<String, Presence> byBearer = new HashMap<>();
    private final Map<Integer, Presence> byNumber = new HashMap<>();

    Gate(Roster roster, Clock clock, Limits limits) {
        this.roster = roster;
        this.clock = clock;
        this.limits = limits;
        this.nonces = new Nonces(clock, limits.clockSkew());
    }

    /** The one value of a header that a signature consists of. */
    private static String header(Headers headers, String name) throws Refusal {
        List<String> values = headers.get(name);
        if (values == null || values.size() != 1 || values.getFirst().length() > LONGEST_HEADER) {
            throw new Refusal(Refusal.UNAUTHENTICATED, "the request is not signed: expected one header " + name);
        }
        return values.getFirst();
    }

    /** The id of the device that says it signed the request. */
    static String signer(Headers headers) throws Refusal {
        return header(headers, Wire.DEVICE);
    }

    /**
     * Checks a signature of a device that is known.
     *
     * @param key of the device that says it signed
     * @throws Refusal if it is not that device's, is too old or from the future, or came before
     */
    void check(DevicePublicKey key, String method, String path, Headers headers, byte[] body) throws Refusal {
        verify(key, method, path, headers, body);
        useUp(key, headers);
    }

    /**
     * Checks a signature but for whether the request came before: anybody can make a key, and numbers of requests are remembered of known
     * devices only.
     *
     * @param key of whoever says it signed
     * @throws Refusal if it is not theirs, or is too old or from the future
     */
    void verify(DevicePublicKey key, String method, String path, Headers headers, byte[] body) throws Refusal {
        String nonce = header(headers, Wire.NONCE);
        String signature = header(headers, Wire.SIGNATURE);
        long time;
        try {
            time = Long.parseLong(header(headers, Wire.TIME));
        } catch (NumberFormatException e) {
            throw new Refusal(Refusal.UNAUTHENTICATED, "the header " + Wire.TIME + " is no number");
        }
        if (nonce.length() != SignedRequest.NONCE_DIGITS || !nonce.chars().allMatch(HexFormat::isHexDigit)
                || !key.id().equals(signer(headers))
                || !key.signed(new SignedRequest(method, path, key.id(), time, nonce, Sha256.of(body)), signature)) {
            throw new Refusal(Refusal.UNAUTHENTICATED, "the signature is not this device's");
        }
        long off = time - clock.millis();
        if (off > limits.clockSkew().toMillis() || off < -limits.clockSkew().toMillis()) {
            throw new Refusal(Refusal.UNAUTHENTICATED, "the request was signed " + Duration.ofMillis(Math.abs(off)).toSeconds()
                    + " s " + (off < 0 ? "ago" : "ahead of this server's time") + ", at most " + limits.clockSkew().toSeconds()
                    + " s are believed; sign with the server's time, which " + Wire.HELLO + " tells");
        }
    }

    /**
     * Uses up the number of a request whose signature was checked.
     *
     * @param key of a known device
     * @throws Refusal if it came before
     */
    void useUp(DevicePublicKey key, Headers headers) throws Refusal {
        if (!nonces.use(key.id(), header(headers, Wire.NONCE))) {
            throw new Refusal(Refusal.UNAUTHENTICATED, "this request came before; each is good once");
        }
    }

    /**
     * Begins a session, which ends any other of the device.
     *
     * @return what the device shows from now on
     */
    synchronized String open(Member member, String instance, Platform platform, int samples, Capacity capacity) {
        byte[] secret = new byte[BEARER_BYTES];
        RANDOM.nextBytes(secret);
        String bearer = HexFormat.of().formatHex(secret);
        Presence presence = new Presence(member, hash(bearer), instance, clock.instant().plus(limits.session()), platform, samples,
                capacity);
        Presence before = byNumber.put(member.number(), presence);
        if (before != null) {
            byBearer.remove(before.bearer());
        }
        byBearer.put(presence.bearer(), presence);
        return bearer;
    }

    private static String hash(String bearer) {
        return Sha256.of(bearer.getBytes(StandardCharsets.US_ASCII));
    }

    /** Who shows a bearer. */
    Presence bearer(Headers headers) throws Refusal {
        String shown = headers.getFirst("Authorization");
        if (shown == null || !shown.startsWith(BEARER) || shown.length() > LONGEST_HEADER) {
            throw new Refusal(Refusal.UNAUTHENTICATED, "no session: expected the header Authorization with a bearer of " + Wire.SESSION);
        }
        Presence presence;
        synchronized (this) {
            presence = byBearer.get(hash(shown.substring(BEARER.length())));
        }
        if (presence == null || !clock.instant().isBefore(presence.expires())) {
            throw new Refusal(Refusal.UNAUTHENTICATED, "this session is over, or was never one of this server's; open another");
        }
        if (roster.find(presence.member().number()).isEmpty()) {
            throw new Refusal(Refusal.FORBIDDEN, "the operator has taken this device's place away");
        }
        return presence;
    }

    /** The last session of a device. */
    synchronized Optional<Presence> presence(int number) {
        return Optional.ofNullable(byNumber.get(number));
    }

    /** The last sessions of all devices. */
    synchronized List<Presence> all() {
        return new ArrayList<>(byNumber.values());
    }
}
