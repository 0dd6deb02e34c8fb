package dev.fedtiny.federation;

/**
 * How a device process introduces itself on a fresh connection, before anything is asked. It opens a connection and belongs to no round:
 * it is no {@link Message} and no part of a fleet's {@link Traffic}. Payload: token (8), process id (8), heap limit (8), processors (4).
 *
 * @param device which device the process is
 * @param token the run's secret: strangers on the same machine cannot join
 * @param processId of the operating system
 * @param heapBytes the heap limit in force in the process
 * @param processors how many processors the process may use
 */
public record Join(int device, long token, long processId, long heapBytes, int processors) {
    /** Bytes of the frame. */
    public static final int FRAME_BYTES = Frame.OVERHEAD_BYTES + 28;

    /** The frame. */
    public byte[] frame() {
        return new PayloadWriter(MessageKind.JOIN, Frame.NO_ROUND, device, FRAME_BYTES - Frame.OVERHEAD_BYTES).int64(token)
                .int64(processId).int64(heapBytes).int32(processors).finish();
    }

    /**
     * Reads a frame of unknown origin.
     *
     * @throws ProtocolException if it is none of this kind
     */
    public static Join decode(byte[] bytes) {
        Frame frame = Frame.decode(bytes);
        if (frame.kind() != MessageKind.JOIN) {
            throw new ProtocolException(ProtocolException.Fault.TYPE, "a connection begins with " + frame.kind() + ", expected "
                    + MessageKind.JOIN);
        }
        PayloadReader reader = new PayloadReader(frame.payload(), "JOIN");
        Join join = new Join(frame.device(), reader.int64(), reader.int64(), reader.int64(), reader.int32());
        reader.end();
        return join;
    }
}
