package dev.fedtiny.network;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.network.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device's Ed25519 key, which never leaves it. Kept in one file of mode 0600 that holds both halves in PEM, so that other programs can
 * read it, too. Has no printed form.
 */
public final class DeviceKey {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final int MOST_BYTES = 4096;

    private final PrivateKey secret;
    private final DevicePublicKey shown;

    private DeviceKey(PrivateKey secret, DevicePublicKey shown) {
        this.secret = secret;
        this.shown = shown;
    }

    /**
     * A new key that is kept nowhere.
     *
     * @return a key nobody knows
     */
    public static DeviceKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new DeviceKey(pair.getPrivate(), new DevicePublicKey(Base64.getEncoder().encodeToString(pair.getPublic().getEncoded())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 15 has Ed25519", e);
        }
    }

    /**
     * The key in a file, which is made where there is none.
     *
     * @param file PEM
     * @return the same key at every call
     * @throws IOException if the file cannot be read or written
     * @throws IllegalArgumentException if others may read the file, or it holds no key
     */
    public static DeviceKey openOrCreate(Path file) throws IOException {
        if (Files.notExists(file)) {
            try {
                return create(file);
            } catch (FileAlreadyExistsException e) {
                // Another process of this device was quicker: its key counts.
            }
        }
        return read(file);
    }

    private static DeviceKey create(Path file) throws IOException {
        DeviceKey key = generate();
        byte[] pem = (block("PRIVATE KEY", key.secret.getEncoded()) + block("PUBLIC KEY", Base64.getDecoder().decode(key.shown.text())))
                .getBytes(StandardCharsets.US_ASCII);
        // Under its name it is whole, however this process may end: half a key would keep the device out for good.
        AtomicFile.createPrivate(file, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(pem);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
        return key;
    }

    private static String block(String label, byte[] bytes) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END "
                + label
                + "-----\n";
    }

    private static DeviceKey read(Path file) throws IOException {
        if (POSIX && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
            throw new IllegalArgumentException("key file '" + file + "' has the permissions "
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + ", so that others may know the device's key; "
                    + "expected none for others: chmod 600");
        }
        String pem;
        try (var in = Files.newInputStream(file)) {
            pem = new String(in.readNBytes(MOST_BYTES), StandardCharsets.US_ASCII);
        }
        try {
            PrivateKey secret = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(bytes(pem, "PRIVATE KEY").orElseThrow()));
            DevicePublicKey shown = new DevicePublicKey(Base64.getEncoder().encodeToString(bytes(pem, "PUBLIC KEY").orElseThrow()));
            DeviceKey key = new DeviceKey(secret, shown);
            Signed proof = key.request("TEST", "/", new byte[0]);
            if (shown.signed(proof.request(), proof.signature())) {
                return key;
            }
        } catch (GeneralSecurityException | IllegalArgumentException | NoSuchElementException e) {
            // Reported below, without what the file holds.
        }
        throw new IllegalArgumentException("key file '" + file + "' holds no matching pair of an Ed25519 private and public key in PEM; "
                + "remove it to have a new one made, with which the device has to enrol anew");
    }

    private static Optional<byte[]> bytes(String pem, String label) {
        Matcher matcher = Pattern.compile("-----BEGIN " + label + "-----([A-Za-z0-9+/=\\s]+)-----END " + label + "-----").matcher(pem);
        return matcher.find() ? Optional.of(Base64.getMimeDecoder().decode(matcher.group(1))) : Optional.empty();
    }

    /**
     * The public half.
     *
     * @return what servers know
     */
    public DevicePublicKey shown() {
        return shown;
    }

    /**
     * A request with its signature.
     *
     * @param request what was signed
     * @param signature Base64
     */
    public record Signed(SignedRequest request, String signature) {
        /**
         * The headers that carry it.
         *
         * @return names and values
         */
        public Map<String, String> headers() {
            Map<String, String> headers = new LinkedHashMap<>();
            headers.put(Wire.DEVICE, request.device());
            headers.put(Wire.TIME, Long.toString(request.timeMillis()));
            headers.put(Wire.NONCE, request.nonce());
            headers.put(Wire.SIGNATURE, signature);
            return headers;
        }
    }

    /**
     * Signs a request now, with a new nonce.
     *
     * @param method of HTTP
     * @param path without query
     * @param body its bytes
     * @return what was signed, and the signature
     */
    public Signed request(String method, String path, byte[] body) {
        return request(method, path, body, System.currentTimeMillis());
    }

    /**
     * Signs a request for a moment: a device whose clock is wrong uses its server's.
     *
     * @param method of HTTP
     * @param path without query
     * @param body its bytes
     * @param timeMillis since 1970
     * @return what was signed, and the signature
     */
    public Signed request(String method, String path, byte[] body, long timeMillis) {
        byte[] nonce = new byte[SignedRequest.NONCE_DIGITS / 2];
        RANDOM.nextBytes(nonce);
        SignedRequest request = new SignedRequest(method, path, shown.id(), timeMillis, HexFormat.of().formatHex(nonce),
                Sha256.of(body));
        return new Signed(request, Base64.getEncoder().encodeToString(sign(request.text())));
    }

    /**
     * Signs bytes that say by themselves what they are for, and are no request.
     *
     * @param text begins with a domain of its own
     * @return the signature
     */
    public byte[] sign(byte[] text) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(secret);
            signature.update(text);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an Ed25519 key that cannot sign", e);
        }
    }

    /** Does not tell the key. */
    @Override
    public String toString() {
        return "key of device " + shown.id();
    }
}
