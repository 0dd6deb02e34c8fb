package dev.fedtiny.network.server;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.DeviceToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Requests written by hand, one a connection: what no library would send. */
final class RawClient {
    private final InetSocketAddress server;
    private final SSLSocketFactory sockets;

    RawClient(TestServer server) throws IOException {
        this.server = server.server().address();
        this.sockets = TestServer.trust().context().getSocketFactory();
    }

    /** A connection to do anything with. */
    SSLSocket open() throws IOException {
        SSLSocket socket = (SSLSocket) sockets.createSocket(server.getAddress(), server.getPort());
        socket.setSoTimeout((int) TestServer.PATIENCE.toMillis());
        return socket;
    }

    /** What came back; status 0: nothing, the server hung up. */
    record Response(int status, String text) {
        JsonObject json() {
            return Wire.object(text.substring(text.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.UTF_8));
        }

        String reason() {
            return json().string("reason");
        }
    }

    Response send(byte[] request) throws IOException {
        try (SSLSocket socket = open()) {
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            byte[] answer = socket.getInputStream().readAllBytes();
            String text = new String(answer, StandardCharsets.UTF_8);
            return new Response(text.startsWith("HTTP/1.1 ") ? Integer.parseInt(text.substring(9, 12)) : 0, text);
        }
    }

    /** The status of the answer, which is not waited for to its end: the server may still wait for the rest of a body. */
    int status(byte[] request) throws IOException {
        try (SSLSocket socket = open()) {
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            byte[] line = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            return Integer.parseInt(new String(line, StandardCharsets.US_ASCII).substring("HTTP/1.1 ".length()));
        }
    }

    Response send(String method, String path, Map<String, String> headers, byte[] body) throws IOException {
        return send(request(method, path, headers, body));
    }

    static byte[] request(String method, String path, Map<String, String> headers, byte[] body) {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (!headers.containsKey("Content-Length")) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    Response signed(DeviceKey key, String path, byte[] body) throws IOException {
        return send("POST", path, key.request("POST", path, body).headers(), body);
    }

    Response enrol(DeviceKey key, DeviceToken token) throws IOException {
        return signed(key, Wire.ENROL, enrolment(key, token));
    }

    static byte[] enrolment(DeviceKey key, DeviceToken token) {
        return Wire.bytes(JsonObject.builder().put("token", token.hex()).put("key", key.shown().text()).build());
    }

    /** A session's introduction with some members of it changed. */
    static byte[] introduction(Map<String, String> changes) {
        Map<String, String> members = new HashMap<>(Map.of("instance", "\"0123456789abcdef0123456789abcdef\"", "release", "\"0.1.0\"",
                "fusedMultiplyAdd", "true", "least", "1", "most", "1", "frames", Integer.toString(Wire.FRAME_VERSION), "samples", "10",
                "shape",
                "[1,2,2]"));
        members.putAll(changes);
        StringBuilder text = new StringBuilder("{");
        members.forEach((name, value) -> text.append(text.length() > 1 ? "," : "").append('"').append(name).append("\":").append(value));
        return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The bearer of an enrolled device. */
    String bearer(DeviceKey key) throws IOException {
        return signed(key, Wire.SESSION, introduction(Map.of())).json().string("bearer");
    }

    Response as(String bearer, String method, String path, Map<String, String> headers, byte[] body) throws IOException {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Authorization", "Bearer " + bearer);
        return send(method, path, all, body);
    }
}
