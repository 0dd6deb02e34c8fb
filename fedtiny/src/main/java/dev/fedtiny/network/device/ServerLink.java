package dev.fedtiny.network.device;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.security.cert.CertificateException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Instant;
import java.util.Map;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Single requests to one server. Holds no more of a body than a window. Thread-safe. */
final class ServerLink implements Closeable {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int MAXIMUM_REASON = 600;
    private static final int CLIENT_ERROR = 400;
    /** The TLS layer and sockets have windows of this size, too. */
    private static final int WINDOW = 16 << 10;
    private static final HostnameVerifier ANY_NAME = (_, _) -> true;
    /** Passwords of the application are for the proxies it goes through, and for no server that asks for one. */
    private static final Authenticator TO_PROXIES = new Authenticator() {
        @Override
        protected PasswordAuthentication getPasswordAuthentication() {
            Authenticator application = Authenticator.getDefault();
            return getRequestorType() != RequestorType.PROXY || application == null ? null
                    : application.requestPasswordAuthenticationInstance(getRequestingHost(), getRequestingSite(), getRequestingPort(),
                            getRequestingProtocol(), getRequestingPrompt(), getRequestingScheme(), getRequestingURL(), getRequestorType());
        }
    };

    private final URI server;
    private final LineSockets sockets;
    private final boolean checksHost;

    /**
     * A link; connects when first used.
     *
     * @throws IllegalArgumentException if the address is none of HTTPS, or what is trusted cannot be used
     */
    ServerLink(URI server, Trust trust, KeyManager[] identity) throws IOException {
        boolean bare = server.getUserInfo() == null && server.getQuery() == null && server.getFragment() == null
                && ("/".equals(server.getPath()) || "".equals(server.getPath()));
        if (!"https".equalsIgnoreCase(server.getScheme()) || server.getHost() == null || !bare) {
            throw new IllegalArgumentException("server '" + server + "', expected https://HOST:PORT and nothing behind it");
        }
        this.server = server;
        this.checksHost = trust.checksHost();
        this.sockets = new LineSockets(trust.context(identity).getSocketFactory());
    }

    /** Cuts every line, whatever is waited for on it; requests fail from then on. */
    @Override
    public void close() {
        sockets.close();
    }

    boolean isClosed() {
        return sockets.isClosed();
    }

    URI server() {
        return server;
    }

    /**
     * What came back.
     *
     * @param status of HTTP
     * @param body empty where there is none
     * @param retrySeconds when to come back; 0: not said
     */
    record Answer(int status, JsonObject body, int retrySeconds) {
        /** Why the server says no. */
        String reason() {
            return body.find("reason").isPresent() ? Wire.printable(body.string("reason"), MAXIMUM_REASON) : "HTTP status " + status;
        }
    }

    /** Writes a body. */
    @FunctionalInterface
    interface Body {
        void write(OutputStream out) throws IOException;
    }

    /** A request with a short body. */
    Answer call(String method, String path, Map<String, String> headers, byte[] body, int readMillis) throws IOException {
        return call(method, path, headers, body.length, out -> out.write(body), readMillis);
    }

    /** A request with a body of known length that is written as it goes. */
    Answer call(String method, String path, Map<String, String> headers, long length, Body body, int readMillis) throws IOException {
        HttpsURLConnection connection = open(method, path, headers, readMillis);
        try {
            if (!method.equals("GET")) {
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(length);
                try (OutputStream out = connection.getOutputStream()) {
                    body.write(out);
                }
            }
            int status = connection.getResponseCode();
            return new Answer(status, body(connection, status), retry(connection));
        } catch (IOException e) {
            // A line in an unknown state is not used again.
            connection.disconnect();
            throw judged(e);
        }
    }

    /** A download that is under way. */
    record Download(int status, InputStream in, HttpsURLConnection connection) {
        void close() {
            connection.disconnect();
        }
    }

    /** Begins to download from some byte on. */
    Download download(String path, Map<String, String> headers, long from, int readMillis) throws IOException {
        HttpsURLConnection connection = open("GET", path, headers, readMillis);
        try {
            if (from > 0) {
                connection.setRequestProperty("Range", "bytes=" + from + "-");
            }
            int status = connection.getResponseCode();
            if (status >= CLIENT_ERROR) {
                body(connection, status);
                return new Download(status, InputStream.nullInputStream(), connection);
            }
            return new Download(status, connection.getInputStream(), connection);
        } catch (IOException e) {
            connection.disconnect();
            throw judged(e);
        }
    }

    private HttpsURLConnection open(String method, String path, Map<String, String> headers, int readMillis) throws IOException {
        HttpsURLConnection connection = (HttpsURLConnection) server.resolve(path).toURL().openConnection();
        connection.setSSLSocketFactory(sockets);
        connection.setAuthenticator(TO_PROXIES);
        if (!checksHost) {
            connection.setHostnameVerifier(ANY_NAME);
        }
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(readMillis);
        connection.setRequestMethod(method);
        headers.forEach(connection::setRequestProperty);
        return connection;
    }

    private static JsonObject body(HttpsURLConnection connection, int status) throws IOException {
        InputStream in = status >= CLIENT_ERROR ? connection.getErrorStream() : connection.getInputStream();
        if (in == null) {
            return JsonObject.builder().build();
        }
        try (in) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] window = new byte[1024];
            for (int count = in.read(window); count >= 0; count = in.read(window)) {
                bytes.write(window, 0, count);
                if (bytes.size() > Wire.MOST_JSON_BYTES) {
                    throw new IOException("the server's answer is longer than " + Wire.MOST_JSON_BYTES + " bytes");
                }
            }
            return bytes.size() == 0 ? JsonObject.builder().build() : Wire.object(bytes.toByteArray());
        } catch (JsonException e) {
            if (status < CLIENT_ERROR) {
                throw new IOException("the server's answer is no JSON object: " + e.getMessage(), e);
            }
            // Of something in between that speaks for the server.
            return JsonObject.builder().build();
        }
    }

    private static int retry(HttpsURLConnection connection) {
        return Math.clamp(connection.getHeaderFieldInt("Retry-After", 0), 0, 3600);
    }

    /**
     * A certificate that is not the server's does not become it by trying again. One that is not valid yet will be: a board without a clock
     * of its own begins in the past, and is told the time by its network later.
     */
    private IOException judged(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateNotYetValidException) {
                return new IOException("the certificate of the server at " + server + " is not valid yet by this device's clock, which "
                        + "says " + Instant.now() + ": " + cause.getMessage(), e);
            }
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException || cause instanceof SSLPeerUnverifiedException) {
                return new RefusedException("the server at " + server + " is not the one this device trusts: " + cause.getMessage(), e);
            }
        }
        return e;
    }

    static int window() {
        return WINDOW;
    }
}
