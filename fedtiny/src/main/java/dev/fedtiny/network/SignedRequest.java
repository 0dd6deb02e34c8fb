package dev.fedtiny.network;

import java.nio.charset.StandardCharsets;

/**
 * What a device signs: one request and no other. Nothing of it can be changed, left out or sent again at another time.
 *
 * @param method of HTTP
 * @param path without query
 * @param device id of the signer
 * @param timeMillis since 1970, by the signer's clock
 * @param nonce 32 hexadecimal digits used once
 * @param bodySha256 of the request's body, hexadecimal
 */
public record SignedRequest(String method, String path, String device, long timeMillis, String nonce, String bodySha256) {
    /** Digits of a nonce. */
    public static final int NONCE_DIGITS = 32;
    private static final String DOMAIN = "fedtiny request signature 1";

    /**
     * The bytes that are signed: one line a field.
     *
     * @return the lines in UTF-8
     */
    public byte[] text() {
        return String.join("\n", DOMAIN, method, path, device, Long.toString(timeMillis), nonce, bodySha256, "")
                .getBytes(StandardCharsets.UTF_8);
    }
}
