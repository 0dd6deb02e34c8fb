package dev.fedtiny.privacy;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Shares on their way from one device to another through the server: AES-256 in Galois/counter mode under a key for this one box. */
final class ShareBox {
    /** Bytes of the tag at the end. */
    static final int TAG_BYTES = 16;

    private static final String PURPOSE = "box";

    private ShareBox() {
    }

    static byte[] seal(byte[] agreed, SumId sum, int from, int to, byte[] content) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, agreed, sum, from, to).doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES in Galois/counter mode", e);
        }
    }

    /** What is in it; empty where it was not sealed by this device for that one in this sum, or was changed on the way. */
    static Optional<byte[]> open(byte[] agreed, SumId sum, int from, int to, byte[] box) {
        try {
            return Optional.of(cipher(Cipher.DECRYPT_MODE, agreed, sum, from, to).doFinal(box));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static Cipher cipher(int mode, byte[] agreed, SumId sum, int from, int to) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        // The key is used once, so that its nonce may always be the same.
        cipher.init(mode, new SecretKeySpec(Derivation.key(agreed, sum, PURPOSE, from, to), "AES"),
                new GCMParameterSpec(8 * TAG_BYTES, new byte[12]));
        cipher.updateAAD(ByteBuffer.allocate(8).putInt(from).putInt(to).array());
        return cipher;
    }
}
