package dev.fedtiny.privacy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/**
 * A device's keys for a sum, signed with its lasting Ed25519 key where it has one: nobody between two devices can then put keys of their
 * own in the place of theirs without showing another lasting key.
 *
 * @param keys of the sum
 * @param identity the lasting key in X.509 encoding; empty where there is none
 * @param signature over {@link #text}; empty where there is none
 */
public record SignedKeys(ShownKeys keys, byte[] identity, byte[] signature) {
    /** The most bytes of a lasting key. */
    public static final int MOST_IDENTITY_BYTES = 64;
    /** The most bytes of a signature. */
    public static final int MOST_SIGNATURE_BYTES = 64;

    private static final String DOMAIN = "fedtiny secure sum 1, shown keys";

    /**
     * The bytes that are signed.
     *
     * @param sum its name
     * @param device number of the device whose keys they are
     * @param keys what it shows
     * @return domain, sum, device and keys
     */
    public static byte[] text(SumId sum, int device, ShownKeys keys) {
        byte[] domain = DOMAIN.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(domain.length + SumId.BYTES + 4 + 2 * AgreementKey.BYTES).put(domain).put(sum.bytes()).putInt(device)
                .put(keys.bytes()).array();
    }

    /**
     * Whether the owner of the lasting key signed these keys for this sum and this number.
     *
     * @param sum its name
     * @param device number of the device
     * @return no for anything but the signature
     */
    public boolean verify(SumId sum, int device) {
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(identity)));
            check.update(text(sum, device, keys));
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignedKeys that && keys.equals(that.keys) && Arrays.equals(identity, that.identity)
                && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
        return keys.hashCode();
    }
}
