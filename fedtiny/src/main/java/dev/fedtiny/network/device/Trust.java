package dev.fedtiny.network.device;

import dev.fedtiny.network.Fingerprint;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** How a device knows its server: by who signed the certificate, or by the certificate itself. */
public sealed interface Trust {
    /** Whatever Java trusts, which are the authorities of the public web; the certificate must be for the host's name. */
    record Usual() implements Trust {
        @Override
        public TrustManager[] managers() {
            return null;
        }

        @Override
        public boolean checksHost() {
            return true;
        }
    }

    /**
     * Authorities of one's own; the certificate must be for the host's name.
     *
     * @param file their certificates, in PEM or in a PKCS #12 store without a password
     */
    record Authorities(Path file) implements Trust {
        @Override
        public TrustManager[] managers() throws IOException, GeneralSecurityException {
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                in.mark(1);
                boolean text = in.read() == '-';
                in.reset();
                if (text) {
                    store.load(null, null);
                    int count = 0;
                    for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                        store.setCertificateEntry("authority-" + count++, certificate);
                    }
                } else {
                    store.load(in, null);
                }
            }
            if (store.size() == 0) {
                throw new IllegalArgumentException("'" + file + "' holds no certificate of an authority, expected PEM or a PKCS #12 store "
                        + "without a password");
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        }

        @Override
        public boolean checksHost() {
            return true;
        }
    }

    /**
     * One certificate and no other, whatever the host is called; it must not have expired.
     *
     * @param fingerprint which the server prints
     */
    record Pinned(Fingerprint fingerprint) implements Trust {
        @Override
        public TrustManager[] managers() {
            return new TrustManager[] {new X509TrustManager() {
                @Override
                public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
                    throw new CertificateException("a device trusts no clients");
                }

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
                    Fingerprint shown = Fingerprint.of(chain[0]);
                    if (!shown.equals(fingerprint)) {
                        throw new CertificateException("the server shows the certificate " + shown + ", expected is " + fingerprint);
                    }
                    chain[0].checkValidity();
                }

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            }};
        }

        @Override
        public boolean checksHost() {
            return false;
        }
    }

    /**
     * What TLS asks whether to go on.
     *
     * @return the managers; null: those that Java usually has
     * @throws IOException if a file cannot be read
     * @throws GeneralSecurityException if it holds no certificates
     */
    TrustManager[] managers() throws IOException, GeneralSecurityException;

    /**
     * What connections are made with: TLS 1.3 and no other.
     *
     * @param identity what the device shows of itself where the server asks for it; none: nothing
     * @return a context that trusts this and nothing else
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if what is trusted, or shown, cannot be used
     */
    default SSLContext context(KeyManager... identity) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(identity, managers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("what this device trusts, or shows, cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Whether the certificate must name the host.
     *
     * @return no where the certificate itself is known
     */
    boolean checksHost();
}
