package dev.fedtiny.privacy;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import javax.crypto.KeyAgreement;

/**
 * An X25519 key (RFC 7748) of one device for one sum. Two devices agree on a secret that nobody else knows: X25519(a, B) = X25519(b, A).
 * One agreement costs about half a millisecond. Has no printed form.
 */
public final class AgreementKey {
    /** Bytes of either half. */
    public static final int BYTES = 32;

    private static final String ALGORITHM = "X25519";
    private static final byte[] BASE_POINT = basePoint();

    private final PrivateKey key;
    private final byte[] secret;
    private final byte[] shown;

    private AgreementKey(PrivateKey key, byte[] secret, byte[] shown) {
        this.key = key;
        this.secret = secret;
        this.shown = shown;
    }

    private static byte[] basePoint() {
        byte[] point = new byte[BYTES];
        point[0] = 9;
        return point;
    }

    /**
     * A new key.
     *
     * @return drawn from the JDK's secure random numbers
     */
    public static AgreementKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            byte[] secret = ((XECPrivateKey) pair.getPrivate()).getScalar().orElseThrow();
            return new AgreementKey(pair.getPrivate(), secret, littleEndian(((XECPublicKey) pair.getPublic()).getU()));
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /**
     * The key of a secret half, as it is put together from shares.
     *
     * @param secret {@value #BYTES} bytes
     * @return the key; its public half is computed
     */
    public static AgreementKey of(byte[] secret) {
        try {
            PrivateKey key = KeyFactory.getInstance(ALGORITHM).generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret));
            return new AgreementKey(key, secret.clone(), agreed(key, BASE_POINT));
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /**
     * The public half.
     *
     * @return a copy, {@value #BYTES} bytes
     */
    public byte[] shown() {
        return shown.clone();
    }

    /**
     * The secret half, to be shared out.
     *
     * @return a copy, {@value #BYTES} bytes
     */
    byte[] secret() {
        return secret.clone();
    }

    /**
     * What this device and another one alone can know.
     *
     * @param other public half of the other's key, of unknown origin
     * @return {@value #BYTES} bytes
     * @throws IllegalArgumentException if it is no key that a secret can be agreed on with
     */
    byte[] agree(byte[] other) {
        try {
            return agreed(key, other);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("a public key gives no secret: " + e.getMessage(), e);
        }
    }

    /**
     * Whether a secret can be agreed on with a key: not with the few points that give the same secret to everybody.
     *
     * @param other public half of a key, of unknown origin
     * @return no for those
     */
    static boolean usable(byte[] other) {
        try {
            generate().agree(other);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static byte[] agreed(PrivateKey key, byte[] other) throws GeneralSecurityException {
        if (other.length != BYTES) {
            throw new IllegalArgumentException("a public key of " + other.length + " bytes, expected " + BYTES);
        }
        PublicKey point = KeyFactory.getInstance(ALGORITHM).generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519,
                new BigInteger(1, reversed(other))));
        KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM);
        agreement.init(key);
        agreement.doPhase(point, true);
        return agreement.generateSecret();
    }

    private static byte[] littleEndian(BigInteger u) {
        byte[] big = u.toByteArray();
        byte[] little = new byte[BYTES];
        for (int i = 0; i < Math.min(BYTES, big.length); i++) {
            little[i] = big[big.length - 1 - i];
        }
        return little;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = Arrays.copyOf(bytes, bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static IllegalStateException unavailable(GeneralSecurityException e) {
        return new IllegalStateException("every Java since 11 has X25519", e);
    }

    /** Does not tell the key. */
    @Override
    public String toString() {
        return "X25519 key";
    }
}
