package dev.fedtiny.network;

import dev.fedtiny.data.Sha256;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * The public half of a device's Ed25519 key. A device's id is a hash of it: the same key is the same device, and nobody can choose an id.
 *
 * @param text X.509 encoding in Base64
 */
public record DevicePublicKey(String text) {
    /** Bytes of every Ed25519 key in X.509 encoding. */
    private static final int ENCODED_BYTES = 44;
    private static final int ID_DIGITS = 32;

    /**
     * Checks that it is a key of this kind.
     *
     * @throws IllegalArgumentException if it is none
     */
    public DevicePublicKey {
        key(text);
    }

    private static PublicKey key(String text) {
        try {
            byte[] encoded = Base64.getDecoder().decode(text);
            if (encoded.length == ENCODED_BYTES && Base64.getEncoder().encodeToString(encoded).equals(text)) {
                return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Reported below.
        }
        throw new IllegalArgumentException("public key of " + text.length() + " characters is no Ed25519 key, expected "
                + 4 * ((ENCODED_BYTES + 2) / 3) + " characters of Base64 that hold its X.509 encoding");
    }

    /**
     * The device's id.
     *
     * @return the first half of the key's SHA-256, hexadecimal
     */
    public String id() {
        return Sha256.of(Base64.getDecoder().decode(text)).substring(0, ID_DIGITS);
    }

    /**
     * Whether the owner of this key signed a request.
     *
     * @param request as it arrived
     * @param signature Base64, trusted in nothing
     * @return no for anything but the signature
     */
    public boolean signed(SignedRequest request, String signature) {
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key(text));
            check.update(request.text());
            return check.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }
}
