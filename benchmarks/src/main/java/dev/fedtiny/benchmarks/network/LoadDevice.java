package dev.fedtiny.benchmarks.network;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Platform;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;

/** A device as its server sees it, which enrols, signs, asks, downloads and uploads, and learns nothing. Runs until the server is over. */
final class LoadDevice {
    private static final Upload NOTHING = new Upload();

    private final SSLContext tls;
    private final int port;
    private final DeviceToken token;
    private final byte[] payload;
    private final int asked;
    private final int rounds;

    /**
     * A device.
     *
     * @param tls trusts the server
     * @param port of the server on this machine
     * @param token for its place
     * @param payload of its answers; shared by all
     * @param asked devices of lower numbers are asked, the others only wait
     * @param rounds in which it may be asked
     */
    LoadDevice(SSLContext tls, int port, DeviceToken token, byte[] payload, int asked, int rounds) {
        this.tls = tls;
        this.port = port;
        this.token = token;
        this.payload = payload;
        this.asked = asked;
        this.rounds = rounds;
    }

    void run() throws IOException {
        DeviceKey key = DeviceKey.generate();
        try (HttpLine line = new HttpLine(tls, port)) {
            signed(line, key, Wire.ENROL, JsonObject.builder().put("token", token.hex()).put("key", key.shown().text()).build());
            JsonObject session = signed(line, key, Wire.SESSION, JsonObject.builder().put("instance", "0".repeat(32))
                    .put("release", Platform.RELEASE).put("fusedMultiplyAdd", Platform.here().fusedMultiplyAdd())
                    .put("least", Wire.LEAST_VERSION).put("most", Wire.MOST_VERSION).put("frames", Wire.FRAME_VERSION).put("samples", 100)
                    .put("shape", new JsonValue.JsonArray(List.of(JsonValue.of(1), JsonValue.of(2), JsonValue.of(2)))).build());
            Map<String, String> bearer = Map.of("Authorization", "Bearer " + session.string("bearer"));
            String poll = Wire.TASK + "?wait=" + session.integer("poll");
            int number = (int) session.integer("number");
            int chunk = (int) session.integer("chunk");
            // Made before work is asked for: what a device computes is not what is measured.
            List<Upload> answers = IntStream.range(0, number < asked ? rounds : 0).mapToObj(round -> answer(round, number)).toList();
            for (int round = 0;; round++) {
                HttpLine.Answer reply;
                do {
                    reply = line.call("GET", poll, bearer).expecting(200, 204);
                } while (reply.status() == 204);
                JsonObject task = Wire.object(reply.body());
                if (task.find("over").isPresent()) {
                    return;
                }
                line.call("GET", Wire.OBJECTS + task.string("object"), bearer, NOTHING, 0, 0, 0).expecting(200);
                upload(line, bearer, task, answers.get(round), chunk);
            }
        }
    }

    /** A frame of which devices share all but the ends. */
    private Upload answer(int round, int number) {
        byte[] head = new byte[Frame.HEADER_BYTES];
        byte[] last = new byte[Frame.OVERHEAD_BYTES - Frame.HEADER_BYTES];
        int[] written = new int[1];
        new FrameWriter(MessageKind.UPDATE, round, number, payload.length, (bytes, from, count) -> {
            if (written[0] == 0) {
                System.arraycopy(bytes, from, head, 0, head.length);
            }
            written[0] += count;
            int tail = Math.min(count, last.length);
            System.arraycopy(last, tail, last, 0, last.length - tail);
            System.arraycopy(bytes, from + count - tail, last, last.length - tail, tail);
        }).bytes(payload).finish();
        return new Upload(head, payload, last);
    }

    private static void upload(HttpLine line, Map<String, String> bearer, JsonObject task, Upload answer, int chunk) throws IOException {
        for (int from = 0; from < answer.length(); from += chunk) {
            int count = Math.min(chunk, answer.length() - from);
            HttpLine.Answer reply;
            do {
                reply = line.call("PUT", Wire.TURNS + task.string("turn") + Wire.ANSWER, Map.of("Authorization",
                        bearer.get("Authorization"), "Content-Range", "bytes " + from + "-" + (from + count - 1) + "/" + answer.length()),
                        answer, from, count, Wire.MOST_JSON_BYTES).expecting(200, 202, 429);
                pause(reply.status() == 429);
            } while (reply.status() == 429);
        }
    }

    private static void pause(boolean told) throws IOException {
        try {
            if (told) {
                Thread.sleep(1000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the server takes other answers", e);
        }
    }

    private static JsonObject signed(HttpLine line, DeviceKey key, String path, JsonObject said) throws IOException {
        byte[] body = Wire.bytes(said);
        return Wire.object(line.call("POST", path, key.request("POST", path, body).headers(), body).expecting(200).body());
    }
}
