package dev.fedtiny.protocol;

/**
 * How a device process introduces itself on a fresh connection, before anything is asked. It opens a connection and belongs to no round:
 * it is no {@link Message} and no part of a fleet's {@link Traffic}. The server answers {@link #accepted}, or closes the connection without
 * a word. Payload: token (32), process id (8), heap limit (8), processors (4).
 *
 * @param device which device the process is
 * @param token the device's secret: strangers on the same machine cannot join, and no device as another
 * @param processId of the operating system
 * @param heapBytes the heap limit in force in the process
 * @param processors how many processors the process may use
 */
public record Join(int device, DeviceToken token, long processId, long heapBytes, int processors) {
    /** Bytes of the frame. */
    public static final int FRAME_BYTES = Frame.OVERHEAD_BYTES + DeviceToken.BYTES + 20;
    /** Bytes of the server's answer. */
    public static final int ACCEPTED_BYTES = Frame.OVERHEAD_BYTES;

    /** {@return the frame of this introduction} */
    public byte[] frame() {
        FrameWriter writer = new FrameWriter(MessageKind.JOIN, Frame.NO_ROUND, device, FRAME_BYTES - Frame.OVERHEAD_BYTES);
        token.write(writer);
        writer.int64(processId).int64(heapBytes).int32(processors);
        return writer.finish();
    }

    /**
     * The frame by which the server says that a connection is now the device's. No payload.
     *
     * @param device whose connection it is
     * @return a frame without payload
     */
    public static byte[] accepted(int device) {
        return new FrameWriter(MessageKind.JOINED, Frame.NO_ROUND, device, 0).finish();
    }

    /**
     * Reads the server's answer to an introduction.
     *
     * @param bytes a frame of unknown origin
     * @param device that introduced itself
     * @throws ProtocolException if it is none, or for another device
     */
    public static void checkAccepted(byte[] bytes, int device) {
        Frame frame = Frame.decode(bytes);
        if (frame.kind() != MessageKind.JOINED || frame.device() != device) {
            throw new ProtocolException(ProtocolException.Fault.TYPE, "the server answered an introduction of device " + device + " with "
                    + frame.kind() + " for device " + frame.device() + ", expected " + MessageKind.JOINED);
        }
    }

    /**
     * Reads a frame of unknown origin.
     *
     * @param bytes a frame of unknown origin
     * @return the introduction; whether its token is the device's is for the caller to say
     * @throws ProtocolException if it is none of this kind
     */
    public static Join decode(byte[] bytes) {
        Frame frame = Frame.decode(bytes);
        if (frame.kind() != MessageKind.JOIN) {
            throw new ProtocolException(ProtocolException.Fault.TYPE, "a connection begins with " + frame.kind() + ", expected "
                    + MessageKind.JOIN);
        }
        PayloadReader reader = new PayloadReader(frame.payload(), "JOIN");
        Join join = new Join(frame.device(), DeviceToken.read(reader), reader.int64(), reader.int64(),
                reader.int32In("processors", 1, Integer.MAX_VALUE));
        if (join.processId() < 1 || join.heapBytes() < 1) {
            throw reader.content("process " + join.processId() + " with a heap limit of " + join.heapBytes()
                    + " bytes, expected both above 0");
        }
        reader.end();
        return join;
    }
}
