package dev.fedtiny.protocol;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The secret by which one device of one run is known: 256 bits that cannot be guessed. Who knows it is taken for this device and for no
 * other. It has no printed form, so that it comes into no log, message or file by accident.
 */
public final class DeviceToken {
    /** Bytes of a token. */
    public static final int BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] secret;

    private DeviceToken(byte[] secret) {
        this.secret = secret;
    }

    /** {@return a token that nobody knows, from the platform's secure random numbers} */
    public static DeviceToken random() {
        byte[] secret = new byte[BYTES];
        RANDOM.nextBytes(secret);
        return new DeviceToken(secret);
    }

    /**
     * Reads what {@link #hex} wrote; white space around it does not matter.
     *
     * @param text 64 hexadecimal digits
     * @return the token
     * @throws IllegalArgumentException if it is no token; the text is not repeated, as it may be a mistyped secret
     */
    public static DeviceToken parse(String text) {
        String digits = text.strip();
        try {
            if (digits.length() == 2 * BYTES) {
                return new DeviceToken(HexFormat.of().parseHex(digits));
            }
        } catch (IllegalArgumentException e) {
            // Reported below, without the text.
        }
        throw new IllegalArgumentException("token of " + digits.length() + " characters, expected " + 2 * BYTES + " hexadecimal digits");
    }

    static DeviceToken read(PayloadReader reader) {
        return new DeviceToken(reader.bytes(BYTES));
    }

    void write(PayloadWriter writer) {
        writer.bytes(secret);
    }

    /**
     * Whether this is the same secret. Takes the same time wherever the two differ.
     *
     * @param other what somebody presents
     * @return true for equal secrets
     */
    public boolean matches(DeviceToken other) {
        return MessageDigest.isEqual(secret, other.secret);
    }

    /**
     * {@return the secret, to be handed to its device: by a pipe or a file that nobody else can read, never by a command line, log or
     * message}
     */
    public String hex() {
        return HexFormat.of().formatHex(secret);
    }

    /** Does not tell the secret. */
    @Override
    public String toString() {
        return "device token (secret)";
    }
}
