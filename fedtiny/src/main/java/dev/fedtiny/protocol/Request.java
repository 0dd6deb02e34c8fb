package dev.fedtiny.protocol;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A request as it travels to one device: the header of its {@link Frame}, a body that all devices share which are asked the same, and the
 * checksum. What is sent is the frame, byte for byte; what is held for many devices is one body. Immutable, thread-safe.
 */
public final class Request {
    private final int round;
    private final int device;
    private final Body body;
    private final byte[] head;
    private final byte[] tail;

    private Request(int round, int device, Body body) {
        this.round = round;
        this.device = device;
        this.body = body;
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Frame.putHeader(header, body.kind, round, device, body.bytes.length);
        this.head = header.array();
        this.tail = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(body.checksum().after(head)).array();
    }

    /**
     * The request of a body to a device. Cost: for the first one a checksum over the body, and never a copy of it.
     *
     * @param round r, or {@link Frame#NO_ROUND}
     * @param device the device's number
     * @param body what is asked
     * @return its request
     */
    public static Request of(int round, int device, Body body) {
        return new Request(round, device, body);
    }

    /**
     * A request that exists as a frame; its bytes are copied.
     *
     * @param frame a whole frame
     * @return the request that it is
     * @throws ProtocolException if it is no frame
     */
    public static Request ofFrame(byte[] frame) {
        Frame whole = Frame.decode(frame);
        byte[] payload = new byte[whole.payload().remaining()];
        whole.payload().get(payload);
        return new Request(whole.round(), whole.device(), new Body(whole.kind(), payload));
    }

    /**
     * What is asked.
     *
     * @return the kind of the message
     */
    public MessageKind kind() {
        return body.kind;
    }

    /**
     * The round it belongs to.
     *
     * @return r, or {@link Frame#NO_ROUND}
     */
    public int round() {
        return round;
    }

    /**
     * Whom it is for.
     *
     * @return the device's number
     */
    public int device() {
        return device;
    }

    /**
     * What all devices share that are asked the same.
     *
     * @return the payload; the same object for all of them
     */
    public Body body() {
        return body;
    }

    /**
     * Length of the frame.
     *
     * @return bytes, header and checksum included
     */
    public long frameBytes() {
        return Frame.OVERHEAD_BYTES + (long) body.bytes.length;
    }

    /**
     * What comes before the body.
     *
     * @return a copy, {@link Frame#HEADER_BYTES} long
     */
    public byte[] head() {
        return head.clone();
    }

    /**
     * What follows the body: the checksum of head and body.
     *
     * @return a copy, 4 bytes long
     */
    public byte[] tail() {
        return tail.clone();
    }

    /**
     * The frame as one array.
     *
     * @return a copy
     */
    public byte[] frame() {
        byte[] frame = new byte[Math.toIntExact(frameBytes())];
        System.arraycopy(head, 0, frame, 0, head.length);
        System.arraycopy(body.bytes, 0, frame, head.length, body.bytes.length);
        System.arraycopy(tail, 0, frame, frame.length - tail.length, tail.length);
        return frame;
    }

    /**
     * Hands the frame to a sink in three pieces, of which none is copied.
     *
     * @param sink takes them
     * @throws IOException if the sink fails
     */
    public void writeTo(FrameSink sink) throws IOException {
        sink.write(head, 0, head.length);
        sink.write(body.bytes, 0, body.bytes.length);
        sink.write(tail, 0, tail.length);
    }

    /** The payload of a request, encoded once for all devices that are asked the same. Immutable, thread-safe. */
    public static final class Body {
        private final MessageKind kind;
        private final byte[] bytes;
        /** These two are computed when first asked for; a race computes the same value twice. */
        private volatile String sha256;
        private volatile JoinedChecksum checksum;

        Body(MessageKind kind, byte[] bytes) {
            this.kind = Objects.requireNonNull(kind, "kind");
            if (kind.direction() != MessageKind.Direction.DOWN) {
                throw new ProtocolException(Fault.TYPE, "a request of kind " + kind + ", which only a server gets");
            }
            this.bytes = bytes;
        }

        /**
         * What is asked.
         *
         * @return the kind of the message
         */
        public MessageKind kind() {
            return kind;
        }

        /**
         * The payload.
         *
         * @return its own array, not to be changed
         */
        public byte[] bytes() {
            return bytes;
        }

        /** Of frames that end with these bytes. */
        private JoinedChecksum checksum() {
            JoinedChecksum known = checksum;
            if (known == null) {
                known = new JoinedChecksum(bytes);
                checksum = known;
            }
            return known;
        }

        /**
         * By what the payload can be named and checked. Computed when first asked for, then kept.
         *
         * @return SHA-256 of the bytes in lower-case hexadecimal
         */
        public String sha256() {
            String known = sha256;
            if (known == null) {
                known = Sha256.of(bytes);
                sha256 = known;
            }
            return known;
        }
    }
}
