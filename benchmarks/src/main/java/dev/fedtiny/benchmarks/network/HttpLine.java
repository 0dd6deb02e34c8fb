package dev.fedtiny.benchmarks.network;

import dev.fedtiny.network.wire.Wire;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * One TLS connection that stays open, with as much of HTTP/1.1 as a server of this project answers: a client of a few kilobytes, so that
 * thousands fit one process. Not thread-safe.
 */
final class HttpLine implements AutoCloseable {
    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] window = new byte[16 << 10];

    HttpLine(SSLContext tls, int port) throws IOException {
        this.socket = (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /**
     * What came back.
     *
     * @param status of HTTP
     * @param body the first bytes of it, at most as many as were asked for
     * @param length of the whole body
     */
    record Answer(int status, byte[] body, long length) {
        Answer expecting(int... expected) throws IOException {
            for (int one : expected) {
                if (status == one) {
                    return this;
                }
            }
            throw new IOException("the server answered " + status + ": " + new String(body, StandardCharsets.UTF_8));
        }
    }

    /** Sends a request without a body, or with a short one, and reads the answer. */
    Answer call(String method, String path, Map<String, String> headers, byte... body) throws IOException {
        return call(method, path, headers, new Upload(body), 0, body.length, Wire.MOST_JSON_BYTES);
    }

    /** Sends a request whose body is a part of what there is to send, and reads the answer, of which {@code keep} bytes are kept. */
    Answer call(String method, String path, Map<String, String> headers, Upload body, int from, int count, int keep) throws IOException {
        StringBuilder head = new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(count).append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        body.write(from, count, out);
        out.flush();
        return answer(keep);
    }

    private Answer answer(int keep) throws IOException {
        String[] status = line().split(" ", 3);
        long length = 0;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(header.substring(header.indexOf(':') + 1).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:");
        }
        if (chunked) {
            throw new IOException("an answer in chunks, expected one with its length");
        }
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        for (long left = length; left > 0;) {
            int read = in.read(window, 0, (int) Math.min(window.length, left));
            if (read < 0) {
                throw new EOFException("the line ended " + left + " bytes early");
            }
            kept.write(window, 0, Math.min(read, keep - kept.size()));
            left -= read;
        }
        return new Answer(Integer.parseInt(status[1]), kept.toByteArray(), length);
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int value = in.read(); value != '\n'; value = in.read()) {
            if (value < 0) {
                throw new EOFException("the line ended in the head of an answer");
            }
            if (value != '\r') {
                text.append((char) value);
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
