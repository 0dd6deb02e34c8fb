package dev.fedtiny.protocol;

import dev.fedtiny.protocol.ProtocolException.Fault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/**
 * The envelope of every message, little-endian: magic (4 bytes), version (1), type (1), payload length (4), round (4), device (4),
 * payload, CRC32C of everything before it (4): 22 bytes around the payload.
 *
 * @param kind the type byte's meaning
 * @param round r, the round the message belongs to, from 0 on; {@link #NO_ROUND} before the first
 * @param device the device it is for or from
 * @param payload little-endian, from position 0 to its limit; a view of the frame's bytes, not a copy
 */
public record Frame(MessageKind kind, int round, int device, ByteBuffer payload) {
    /** The round of everything that happens before the first round, which is 0 here. */
    public static final int NO_ROUND = -1;
    /** Bytes before the payload. */
    public static final int HEADER_BYTES = 18;
    /** Bytes around the payload: header and checksum. */
    public static final int OVERHEAD_BYTES = HEADER_BYTES + 4;
    /** The longest payload, bytes: dense VGG11 with its largest head takes half of it. */
    public static final int MAXIMUM_PAYLOAD_BYTES = 1 << 30;
    /** Version of the protocol. */
    public static final byte VERSION = 2;

    private static final int MAGIC = 'F' | 'D' << 8 | 'T' << 16 | 'Y' << 24;
    private static final int TYPE_OFFSET = 5;
    private static final int LENGTH_OFFSET = 6;
    private static final int ROUND_OFFSET = 10;
    private static final int DEVICE_OFFSET = 14;

    /** Writes the header. */
    static void putHeader(ByteBuffer frame, MessageKind kind, int round, int device, int payloadBytes) {
        frame.putInt(MAGIC).put(VERSION).put(kind.code()).putInt(payloadBytes).putInt(round).putInt(device);
    }

    /** The checksum that ends a frame. */
    private static int checksum(byte[] frame) {
        CRC32C crc = new CRC32C();
        crc.update(frame, 0, frame.length - 4);
        return (int) crc.getValue();
    }

    /**
     * The kind that the type byte names, without any other check.
     *
     * @param frame a frame or its header
     * @return the kind; empty where the byte names none, or there is no header
     */
    public static Optional<MessageKind> kindOf(byte[] frame) {
        return frame.length < HEADER_BYTES ? Optional.empty() : MessageKind.ofCode(frame[TYPE_OFFSET]);
    }

    /** A frame's round as people count: the first is 1, and 0 is what happens before it. */
    static long number(int round) {
        return round + 1L;
    }

    /**
     * The round that the header names, without any check, or {@link #NO_ROUND} where there is no header.
     *
     * @param frame a frame or its header
     * @return r, from 0 on
     */
    public static int roundOf(byte[] frame) {
        return frame.length < HEADER_BYTES ? NO_ROUND : ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt(ROUND_OFFSET);
    }

    /**
     * How many payload bytes a header announces; empty when magic, version or length are not those of a frame, or the payload is longer
     * than allowed. Then nothing tells where the next frame begins.
     *
     * @param header at least {@link #HEADER_BYTES} long
     * @param maximumBytes the most that may be announced
     * @return payload bytes, from 0
     */
    public static OptionalInt payloadBytes(byte[] header, int maximumBytes) {
        ByteBuffer buffer = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        int length = buffer.getInt(LENGTH_OFFSET);
        return buffer.getInt(0) == MAGIC && buffer.get(4) == VERSION && length >= 0
                && length <= Math.min(maximumBytes, MAXIMUM_PAYLOAD_BYTES) ? OptionalInt.of(length) : OptionalInt.empty();
    }

    /**
     * Whether two frames name the same round and device: an answer that does not is not the answer to the request.
     *
     * @param request a frame
     * @param answer a frame
     * @return true where both have headers that name the same
     */
    public static boolean sameTurn(byte[] request, byte[] answer) {
        return request.length >= HEADER_BYTES && answer.length >= HEADER_BYTES
                && Arrays.equals(request, ROUND_OFFSET, DEVICE_OFFSET + 4, answer, ROUND_OFFSET, DEVICE_OFFSET + 4);
    }

    /**
     * Opens a whole frame after every check of the envelope; copies nothing.
     *
     * @param bytes all of the frame and nothing else
     * @return its parts; the payload is a view
     * @throws ProtocolException if a length, the magic number, the version, the checksum or the type is wrong
     */
    public static Frame decode(byte[] bytes) {
        if (bytes.length < OVERHEAD_BYTES) {
            throw new ProtocolException(Fault.LENGTH, "frame has " + bytes.length + " bytes, the shortest has " + OVERHEAD_BYTES);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int magic = buffer.getInt();
        if (magic != MAGIC) {
            throw new ProtocolException(Fault.MAGIC, "frame starts with 0x" + Integer.toHexString(magic) + ", expected 0x"
                    + Integer.toHexString(MAGIC) + ": these are not bytes of this protocol");
        }
        byte version = buffer.get();
        if (version != VERSION) {
            throw new ProtocolException(Fault.VERSION, "frame is of protocol version " + version + ", expected " + VERSION
                    + "; run the same release on server and devices");
        }
        byte code = buffer.get();
        int length = buffer.getInt();
        if (length < 0 || length > MAXIMUM_PAYLOAD_BYTES || length != bytes.length - OVERHEAD_BYTES) {
            throw new ProtocolException(Fault.LENGTH, "frame of " + bytes.length + " bytes says its payload has " + length
                    + ", expected " + (bytes.length - OVERHEAD_BYTES) + "; a payload longer than any answer to the request is not read");
        }
        int round = buffer.getInt();
        int device = buffer.getInt();
        int stored = buffer.getInt(bytes.length - 4);
        int computed = checksum(bytes);
        if (stored != computed) {
            throw new ProtocolException(Fault.CHECKSUM, "frame has checksum 0x" + Integer.toHexString(stored) + ", its bytes give 0x"
                    + Integer.toHexString(computed) + ": it was damaged on the way");
        }
        return new Frame(kind(code), round, device, buffer.slice(HEADER_BYTES, length).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static MessageKind kind(byte code) {
        return MessageKind.ofCode(code)
                .orElseThrow(() -> new ProtocolException(Fault.TYPE, "frame has type " + code + ", which is no message"));
    }

    /**
     * A frame whose payload has not been received: it is empty here and comes from a source. Magic, version and length have been looked at
     * ({@link #payloadBytes}), the checksum comes last ({@link PayloadReader#end}).
     */
    static Frame headed(byte[] header) {
        ByteBuffer buffer = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        return new Frame(kind(header[TYPE_OFFSET]), buffer.getInt(ROUND_OFFSET), buffer.getInt(DEVICE_OFFSET), ByteBuffer.allocate(0));
    }
}
