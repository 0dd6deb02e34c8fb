package dev.fedtiny.federation.process;

import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.MessageKind;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** The other end of a connection, byte by byte, and frames made by hand. */
final class FakeDevice implements Closeable {
    static final int TYPE = 5;
    private static final int LENGTH = 6;
    private static final int ROUND = 10;

    final FrameConnection connection;
    private final int number;

    /** Joins as a device. */
    FakeDevice(SocketAddress server, int number, DeviceToken token, long processId) throws IOException {
        this.number = number;
        this.connection = DeviceProcess.join(server, new Join(number, token, processId, 1 << 20, 1));
    }

    /** A good frame. */
    static byte[] frame(MessageKind kind, int round, int device, int payloadBytes) {
        byte[] frame = new byte[Frame.OVERHEAD_BYTES + payloadBytes];
        byte[] model = Join.accepted(device);
        System.arraycopy(model, 0, frame, 0, Frame.HEADER_BYTES);
        ByteBuffer buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(TYPE, kind.code()).putInt(LENGTH, payloadBytes).putInt(ROUND, round);
        CRC32C crc = new CRC32C();
        crc.update(frame, 0, frame.length - 4);
        return buffer.putInt(frame.length - 4, (int) crc.getValue()).array();
    }

    /** Takes a request and gives a good answer to it. */
    void answer(MessageKind kind) throws IOException {
        byte[] request = connection.receive();
        int round = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN).getInt(ROUND);
        connection.send(frame(kind, round, number, 4));
    }

    /** Waits until the server closes the connection, whatever it says before. */
    void awaitClosed() {
        try {
            while (true) {
                connection.receive();
            }
        } catch (IOException e) {
            // It has.
        }
    }

    /** Whether the server has closed the connection, now or in a while. */
    boolean isClosed() {
        try {
            connection.receiveHeader();
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
