package dev.fedtiny.federation;

import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Request;

/** Frames that say no more than whose they are. */
public final class ContractFrames {
    private ContractFrames() {
    }

    /** A request of a round. */
    public static Request request(int round, int device) {
        return Request.ofFrame(new FrameWriter(MessageKind.TRAIN, round, device, 8).int64(99).finish());
    }

    /** An answer to it. */
    public static byte[] answer(int round, int device) {
        return new FrameWriter(MessageKind.UPDATE, round, device, 12).int32(round).int64(device).finish();
    }

    /** Whether a frame answers it, well or not. */
    static boolean answers(int round, int device, byte[] frame) {
        Frame whole = Frame.decode(frame);
        return whole.kind().direction() == MessageKind.Direction.UP && whole.round() == round && whole.device() == device;
    }
}
