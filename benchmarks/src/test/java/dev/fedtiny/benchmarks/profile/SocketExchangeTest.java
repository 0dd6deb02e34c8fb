package dev.fedtiny.benchmarks.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of bytes is what a socket carried. */
class SocketExchangeTest {
    @Test
    void reportsMetersAndFleetAgreeWithWhatTheSocketsCarried() throws Exception {
        List<Agreement> agreements = SocketExchange.compare();
        agreements.forEach(agreement -> assertTrue(agreement.holds(), agreement.toString()));
        agreements.forEach(agreement -> assertEquals(agreement.observed(), agreement.measured()));
        assertTrue(agreements.getFirst().observed() > 4 * (1 << 16), "messages are longer than a window: " + agreements.getFirst());
        double framing = agreements.getLast().observed();
        // Greeting, pool and statistics, three rounds, measurements, an introduction: with answers 16 frames a device and no more.
        assertEquals(2 * 16 * Frame.OVERHEAD_BYTES, framing);
    }

    @Test
    void aWalkFindsFramesHoweverTheyAreCut() {
        byte[] frame = new Join(3, DeviceToken.random(), 7, 9, 11).frame();
        byte[] stream = new byte[3 * frame.length + 10];
        for (int i = 0; i < 4; i++) {
            System.arraycopy(frame, 0, stream, i * frame.length, Math.min(frame.length, stream.length - i * frame.length));
        }
        for (int piece = 1; piece <= stream.length; piece++) {
            FrameWalk walk = new FrameWalk();
            for (int at = 0; at < stream.length; at += piece) {
                byte[] chunk = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + piece));
                walk.pass(chunk, chunk.length);
            }
            assertEquals(3, walk.frames(), "pieces of " + piece);
            assertEquals(3 * (frame.length - Frame.OVERHEAD_BYTES), walk.payloadBytes());
            assertEquals(stream.length, walk.bytes());
        }
    }

    @Test
    void aRelayPassesOnEveryByteBothWaysAndTheEnd() throws Exception {
        byte[] said = new byte[100_000];
        for (int i = 0; i < said.length; i++) {
            said[i] = (byte) (i * 31);
        }
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SocketRelay relay = new SocketRelay(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
                Socket client = new Socket(relay.address().getAddress(), relay.address().getPort());
                Socket accepted = server.accept()) {
            OutputStream out = client.getOutputStream();
            Thread writer = Thread.ofVirtual().start(() -> write(out, said));
            InputStream in = accepted.getInputStream();
            assertTrue(Arrays.equals(said, in.readNBytes(said.length)));
            writer.join();
            write(accepted.getOutputStream(), Arrays.copyOf(said, 77));
            assertEquals(77, client.getInputStream().readNBytes(77).length);
            assertEquals(said.length, relay.toServer().getFirst().bytes());
            assertEquals(77, relay.fromServer().getFirst().bytes());
            client.shutdownOutput();
            assertEquals(-1, in.read());
        }
    }

    private static void write(OutputStream out, byte[] bytes) {
        try {
            out.write(bytes);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
