package dev.fedtiny.protocol;

import java.util.Optional;

/**
 * Tells a process of a pool which device it is from here on, until it is told again. Like {@link Join} it is no {@link Message} and no part
 * of a fleet's {@link Traffic}: whoever works for a device, the device is sent the same. There is no answer. Payload: whether a frame
 * follows that says what the device held (1), a {@link Restore} or a {@link CandidatePoolMessage}, which is not answered either.
 *
 * @param device from 0
 * @param recalls whether such a frame follows
 */
public record Adopt(int device, boolean recalls) {
    /** Bytes of the frame. */
    public static final int FRAME_BYTES = Frame.OVERHEAD_BYTES + 1;

    /** {@return the frame} */
    public byte[] frame() {
        FrameWriter writer = new FrameWriter(MessageKind.ADOPT, Frame.NO_ROUND, device, FRAME_BYTES - Frame.OVERHEAD_BYTES);
        writer.int8(recalls ? 1 : 0);
        return writer.finish();
    }

    /**
     * Whether a header begins such a frame.
     *
     * @param header of a frame
     * @return true where it does
     */
    public static boolean isOne(byte[] header) {
        Optional<MessageKind> kind = Frame.kindOf(header);
        return kind.isPresent() && kind.get() == MessageKind.ADOPT;
    }

    /**
     * Reads a frame of unknown origin.
     *
     * @param bytes a frame of unknown origin
     * @return what it says
     * @throws ProtocolException if it is none of this kind
     */
    public static Adopt decode(byte[] bytes) {
        Frame frame = Frame.decode(bytes);
        if (frame.kind() != MessageKind.ADOPT || frame.device() < 0) {
            throw new ProtocolException(ProtocolException.Fault.TYPE, "a process was told to be a device with " + frame.kind()
                    + " for device " + frame.device() + ", expected " + MessageKind.ADOPT + " and a number of at least 0");
        }
        PayloadReader reader = new PayloadReader(frame.payload(), "ADOPT");
        Adopt adopt = new Adopt(frame.device(), reader.int8In("recall flag", 1) == 1);
        reader.end();
        return adopt;
    }
}
