package dev.fedtiny.network;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.network.wire.Wire;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;

/**
 * SHA-256 of a server's certificate: what a device is given to know it by, where no authority signed it.
 *
 * @param hex 64 hexadecimal digits
 */
public record Fingerprint(String hex) {
    private static final int DIGITS = 64;

    /** Checks the digits; colons between them, upper case and white space around do not matter. */
    public Fingerprint {
        hex = hex.strip().replace(":", "").toLowerCase(Locale.ROOT);
        if (hex.length() != DIGITS || !hex.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("fingerprint '" + Wire.printable(hex, DIGITS) + "' has " + hex.length()
                    + " characters, expected the " + DIGITS + " hexadecimal digits that the server prints");
        }
    }

    /**
     * Of a certificate.
     *
     * @param certificate any
     * @return its fingerprint
     */
    public static Fingerprint of(X509Certificate certificate) {
        try {
            return new Fingerprint(Sha256.of(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate without an encoding", e);
        }
    }

    /** In the form of OpenSSL and browsers. */
    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":").withUpperCase().formatHex(HexFormat.of().parseHex(hex));
    }
}
