package dev.fedtiny.data;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hexadecimal: by it images, files, requests and certificates are known. */
public final class Sha256 {
    private Sha256() {
    }

    /**
     * The hash of some bytes.
     *
     * @param bytes any
     * @return 64 hexadecimal digits
     */
    public static String of(byte[] bytes) {
        return text(begin().digest(bytes));
    }

    /**
     * A hash of what comes piece by piece.
     *
     * @return one that has seen no byte
     */
    public static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * A hash as it is written.
     *
     * @param digest that has seen all bytes; begins anew
     * @return 64 hexadecimal digits
     */
    public static String text(MessageDigest digest) {
        return text(digest.digest());
    }

    private static String text(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }
}
