package dev.fedtiny.network.server;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import dev.fedtiny.network.Fingerprint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * What a server proves itself with, and whether devices must, too: TLS 1.3 and no other.
 *
 * @param context holds the key
 * @param certificate the server's own
 * @param mutual whether devices must show a certificate of a given authority
 */
public record ServerTls(SSLContext context, X509Certificate certificate, boolean mutual) {
    /**
     * Reads a key store.
     *
     * @param keystore PKCS #12 with one private key and its certificates
     * @param password of the store
     * @param clientAuthorities PKCS #12 with the certificates of who may vouch for devices; empty: devices show no certificate
     * @param clientPassword of that store
     * @return ready to serve
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if a store does not hold what it should, or the password is not its own
     */
    public static ServerTls of(Path keystore, char[] password, Optional<Path> clientAuthorities, char[] clientPassword) throws IOException {
        KeyStore store = load(keystore, password);
        try {
            String alias = null;
            for (String name : Collections.list(store.aliases())) {
                if (store.isKeyEntry(name)) {
                    if (alias != null) {
                        throw new IllegalArgumentException("key store '" + keystore + "' holds more than one private key ('" + alias
                                + "', '" + name + "'), expected one");
                    }
                    alias = name;
                }
            }
            if (alias == null || !(store.getCertificate(alias) instanceof X509Certificate certificate)) {
                throw new IllegalArgumentException("key store '" + keystore + "' holds no private key with an X.509 certificate");
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            if (clientAuthorities.isPresent()) {
                trust.init(load(clientAuthorities.get(), clientPassword));
            }
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), clientAuthorities.isPresent() ? trust.getTrustManagers() : null, null);
            return new ServerTls(context, certificate, clientAuthorities.isPresent());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("key store '" + keystore + "' cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyStore load(Path file, char[] password) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            return store;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("key store '" + file + "' is no PKCS #12: " + e.getMessage(), e);
        } catch (IOException e) {
            if (e.getCause() instanceof GeneralSecurityException || e.getClass() == IOException.class) {
                throw new IllegalArgumentException("key store '" + file + "' is damaged, or the password is another one", e);
            }
            throw e;
        }
    }

    /**
     * What devices pin where no authority signed the certificate.
     *
     * @return its SHA-256
     */
    public Fingerprint fingerprint() {
        return Fingerprint.of(certificate);
    }

    /** How connections are made. */
    HttpsConfigurator configurator() {
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = getSSLContext().getDefaultSSLParameters();
                tls.setProtocols(new String[] {"TLSv1.3"});
                tls.setNeedClientAuth(mutual);
                parameters.setSSLParameters(tls);
            }
        };
    }
}
