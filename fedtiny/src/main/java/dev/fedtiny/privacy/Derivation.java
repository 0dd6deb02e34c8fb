package dev.fedtiny.privacy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/** Keys and commitments from secrets: HKDF with SHA-256 (RFC 5869), salted with the name of the sum, and SHA-256. */
final class Derivation {
    static final int KEY_BYTES = 32;

    private Derivation() {
    }

    /** A key of 32 bytes for one purpose between two devices of one sum. */
    static byte[] key(byte[] secret, SumId sum, String purpose, int from, int to) {
        try {
            return KDF.getInstance("HKDF-SHA256").deriveData(HKDFParameterSpec.ofExtract().addIKM(secret).addSalt(sum.bytes())
                    .thenExpand(label(purpose, from, to), KEY_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 25 has HKDF with SHA-256", e);
        }
    }

    /** What can be shown of a secret without telling it: the secret has 256 random bits, so that its hash says nothing of it. */
    static byte[] commitment(byte[] secret, SumId sum, String purpose, int owner, int place) {
        MessageDigest digest = digest();
        digest.update(label("commitment to " + purpose, owner, place));
        digest.update(sum.bytes());
        return digest.digest(secret);
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] label(String purpose, int from, int to) {
        byte[] text = ("fedtiny secure sum 1, " + purpose).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(text.length + 8).put(text).putInt(from).putInt(to).array();
    }
}
