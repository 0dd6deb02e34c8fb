package dev.fedtiny.federation.process;

import dev.fedtiny.protocol.Frame;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * One end of a stream that carries whole frames. Checks no more of a frame than where it ends. One thread sends and receives; any thread
 * may close it, which ends both with an {@link IOException}.
 */
final class FrameConnection implements Closeable {
    /** What is allocated before the bytes are there. */
    private static final int TRUSTED_BYTES = 1 << 20;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final int maximumPayloadBytes;
    private volatile long received;
    private volatile long sent;
    private boolean outOfStep;

    FrameConnection(Socket socket, int maximumPayloadBytes) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        this.maximumPayloadBytes = maximumPayloadBytes;
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** Sends a frame. */
    void send(byte[] frame) throws IOException {
        out.write(frame);
        out.flush();
        sent += frame.length;
    }

    /**
     * Receives the bytes of the next frame. Where the header says no possible length, the stream cannot be read on: then it is the header
     * and zeros, which no decoder accepts.
     *
     * @throws EOFException if the stream ends, in or before the frame
     */
    byte[] receive() throws IOException {
        return receive(maximumPayloadBytes, 0);
    }

    /**
     * The same with limits of its own. For the first byte it waits until somebody closes the connection.
     *
     * @param longestPayload what announces more is not read
     * @param silenceMillis how long it may be silent in the middle of the frame; 0: for ever
     * @throws SocketTimeoutException if it is silent for longer
     */
    byte[] receive(int longestPayload, int silenceMillis) throws IOException {
        byte[] header = new byte[Frame.HEADER_BYTES];
        fill(header, 0, 1, header.length);
        socket.setSoTimeout(silenceMillis);
        try {
            fill(header, 1, header.length, header.length);
            byte[] frame = Frame.payloadBytes(header, Math.min(longestPayload, maximumPayloadBytes)).isPresent() ? receiveRest(header)
                    : Arrays.copyOf(header, Frame.OVERHEAD_BYTES);
            socket.setSoTimeout(0);
            return frame;
        } catch (SocketTimeoutException e) {
            throw new SocketTimeoutException("it said nothing for " + silenceMillis / 1000.0 + " s in the middle of a frame");
        }
    }

    /** Receives the {@link Frame#HEADER_BYTES} bytes before the payload. */
    byte[] receiveHeader() throws IOException {
        byte[] header = new byte[Frame.HEADER_BYTES];
        fill(header, 0, header.length, header.length);
        return header;
    }

    /** How many bytes follow a header; empty where it says no possible length. */
    OptionalInt rest(byte[] header) {
        OptionalInt payload = Frame.payloadBytes(header, maximumPayloadBytes);
        return payload.isPresent() ? OptionalInt.of(payload.getAsInt() + 4) : payload;
    }

    /** The whole frame that a good header begins. Memory follows what has arrived, so that a false length costs the one who sent it. */
    byte[] receiveRest(byte[] header) throws IOException {
        int length = header.length + rest(header).orElseThrow();
        byte[] frame = Arrays.copyOf(header, Math.min(length, TRUSTED_BYTES));
        int filled = header.length;
        while (filled < length) {
            if (filled == frame.length) {
                frame = Arrays.copyOf(frame, (int) Math.min(length, 4L * frame.length));
            }
            fill(frame, filled, frame.length, length);
            filled = frame.length;
        }
        return frame;
    }

    /** The next bytes of a frame whose header has been received. */
    void read(byte[] into, int from, int count) throws IOException {
        fill(into, from, from + count, Integer.MAX_VALUE);
    }

    /** The next bytes of a frame. */
    void write(byte[] bytes, int from, int count) throws IOException {
        out.write(bytes, from, count);
        sent += count;
    }

    /** Sends what was written. */
    void flush() throws IOException {
        out.flush();
    }

    private void fill(byte[] bytes, int from, int to, int whole) throws IOException {
        int read = in.readNBytes(bytes, from, to - from);
        received += read;
        if (read < to - from) {
            throw new EOFException(from + read == 0 ? "the connection was closed" : whole == Integer.MAX_VALUE
                    ? "the connection ended in the middle of a frame" : "the connection ended after " + (from + read) + " of " + whole
                    + (whole == Frame.HEADER_BYTES ? " or more" : "") + " bytes of a frame");
        }
    }

    /** What a connection is like while nothing is expected of the other side. */
    enum Idle {
        /** As it should be. */
        QUIET,
        /** The other side has closed it, or is gone. */
        ENDED,
        /** Bytes have arrived that nobody asked for. The stream is out of step. */
        TALKING
    }

    /** Looks at a connection between two frames; takes about a millisecond. */
    Idle idle() {
        if (outOfStep) {
            return Idle.TALKING;
        }
        try {
            socket.setSoTimeout(1);
            try {
                outOfStep = in.read() >= 0;
                return outOfStep ? Idle.TALKING : Idle.ENDED;
            } catch (SocketTimeoutException e) {
                return Idle.QUIET;
            } finally {
                socket.setSoTimeout(0);
            }
        } catch (IOException e) {
            return Idle.ENDED;
        }
    }

    /** Bytes that came in so far. */
    long received() {
        return received;
    }

    /** Bytes that went out so far. */
    long sent() {
        return sent;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Whatever was left to send is lost either way.
        }
    }
}
