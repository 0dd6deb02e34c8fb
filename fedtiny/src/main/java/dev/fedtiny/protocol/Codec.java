package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.protocol.MessageKind.Direction;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Messages to frames and back, for one network. Values are little-endian float32 in {@code state_dict} order, active positions only.
 * Decoding trusts nothing: no length is believed before it is checked against the bytes that are there and against what the network
 * and the mask allow, every number is checked, and the only thing that comes of bad bytes is a {@link ProtocolException}. What a message's
 * payload is stands in the message's own file; here is what all have in common. Immutable.
 */
public final class Codec {
    private final Network network;
    private final Kinds<TaskKind> tasks;

    /**
     * A codec for a network that both sides know, of a server: it reads no tasks.
     *
     * @param network whose parameters messages are about
     */
    public Codec(Network network) {
        this(network, new Kinds<>(List.of()));
    }

    /**
     * A codec for a network that both sides know.
     *
     * @param tasks what may be asked of a device
     * @param network whose parameters messages are about
     */
    public Codec(Network network, Kinds<TaskKind> tasks) {
        this.network = Objects.requireNonNull(network);
        this.tasks = Objects.requireNonNull(tasks);
    }

    /** {@return the network values belong to} */
    public Network network() {
        return network;
    }

    /**
     * The frame of a message. Allocates exactly its length.
     *
     * @param round r, from 0 on; {@link Frame#NO_ROUND} before the first
     * @param device the device it is for or from
     * @param message what is written
     * @return the frame
     */
    public byte[] encode(int round, int device, Message message) {
        FrameWriter writer = new FrameWriter(message.kind(), round, device, frameBytes(message) - Frame.OVERHEAD_BYTES);
        message.write(writer, network);
        return writer.finish();
    }

    /**
     * Hands the frame of a message to a sink, piece by piece. Allocates a window of 64 KiB.
     *
     * @param round r, from 0 on; {@link Frame#NO_ROUND} before the first
     * @param device the device it is for or from
     * @param message what is written
     * @param sink takes the frame
     */
    public void encode(int round, int device, Message message, FrameSink sink) {
        FrameWriter writer = new FrameWriter(message.kind(), round, device, frameBytes(message) - Frame.OVERHEAD_BYTES, sink);
        message.write(writer, network);
        writer.finish();
    }

    /**
     * The payload of a request, for all devices that are asked the same. Allocates twice its length, and keeps it once.
     *
     * @param message what is asked
     * @return its bytes
     */
    public Request.Body body(ServerMessage message) {
        byte[] frame = encode(Frame.NO_ROUND, 0, message);
        return new Request.Body(message.kind(), Arrays.copyOfRange(frame, Frame.HEADER_BYTES, frame.length - 4));
    }

    /**
     * Length of the frame of a message. Nothing of it is made.
     *
     * @param message any
     * @return bytes, with header and checksum
     */
    public long frameBytes(Message message) {
        return new ByteCounter().frameBytes(message, network);
    }

    /**
     * What a device was asked.
     *
     * @param device the number of the device that got the frame
     * @param held the mask it holds
     * @param candidates of the pool it holds, 0 for none
     * @param frame of unknown origin
     * @return the request, every value of it checked
     * @throws ProtocolException if the frame is not a valid request to this device
     */
    public Asked decodeRequest(byte[] frame, int device, CachedMasks held, int candidates) {
        Frame whole = Frame.decode(frame);
        return decode(whole, new PayloadReader(whole.payload(), whole.kind().toString()), device,
                new RequestContext(network, tasks, held, candidates, _ -> null));
    }

    /**
     * As the other, the frame coming piece by piece; it is read to its end, whatever is wrong with it.
     *
     * @param header what came first, of a possible length
     * @param source gives the rest
     * @param lent for a parameter an array that values to train may be read into, or null
     * @param device the number of the device that got the frame
     * @param held the mask it holds
     * @param candidates of the pool it holds, 0 for none
     * @return the request, every value of it checked
     */
    public Asked decodeRequest(byte[] header, FrameSource source, int device, CachedMasks held, int candidates,
            IntFunction<float[]> lent) {
        PayloadReader reader = new PayloadReader(header, source, "request");
        try {
            return decode(Frame.headed(header), reader, device, new RequestContext(network, tasks, held, candidates, lent));
        } finally {
            reader.skip();
        }
    }

    private static Asked decode(Frame frame, PayloadReader reader, int device, RequestContext context) {
        if (frame.kind().direction() != Direction.DOWN) {
            throw new ProtocolException(Fault.TYPE, "a device got " + frame.kind() + ", which only a server gets");
        }
        if (frame.device() != device) {
            throw new ProtocolException(Fault.DEVICE, "device " + device + " got a request for device " + frame.device());
        }
        if (frame.round() < Frame.NO_ROUND) {
            throw new ProtocolException(Fault.ROUND, "request is for round " + Frame.number(frame.round())
                    + ", expected at least " + Frame.number(Frame.NO_ROUND));
        }
        ServerMessage message = frame.kind().requestReader()
                .orElseThrow(() -> new ProtocolException(Fault.TYPE, "a device got " + frame.kind() + ", which asks nothing of it"))
                .read(reader, context);
        reader.end();
        return new Asked(frame.round(), message);
    }

    /**
     * What a device answered: the message expected, or a {@link Failure}.
     *
     * @param round the round of the request
     * @param device the device asked
     * @param expected what a good answer is
     * @param frame of unknown origin
     * @return the answer, every value of it checked
     * @throws ProtocolException if the frame is not a valid answer
     */
    public DeviceMessage decodeAnswer(byte[] frame, int round, int device, Expectation expected) {
        Frame whole = Frame.decode(frame);
        if (whole.device() != device) {
            throw new ProtocolException(Fault.DEVICE, "device " + device + " answered as device " + whole.device());
        }
        if (whole.round() != round) {
            throw new ProtocolException(Fault.ROUND, "device " + device + " answered for round " + Frame.number(whole.round())
                    + ", asked was round " + Frame.number(round));
        }
        PayloadReader reader = new PayloadReader(whole.payload(), whole.kind() + " of device " + device);
        if (whole.kind() != MessageKind.FAILURE && whole.kind() != expected.kind()) {
            throw new ProtocolException(Fault.TYPE, "device " + device + " answered with " + whole.kind() + ", expected "
                    + expected.kind());
        }
        DeviceMessage message = whole.kind() == MessageKind.FAILURE ? Failure.read(reader) : expected.read(reader, network);
        reader.end();
        return message;
    }

    /**
     * Checks what a device says of itself outside of a frame as if it had come in one.
     *
     * @param device its number
     * @param said what it says
     * @param expected what a good device says
     * @return what it says
     * @throws ProtocolException if it is not what was expected
     */
    public Hello check(int device, Hello said, Hello.Expected expected) {
        return (Hello) decodeAnswer(encode(Frame.NO_ROUND, device, said), Frame.NO_ROUND, device, expected);
    }

    /**
     * The most bytes that the frame of a good answer, or of a {@link Failure}, may have.
     *
     * @param expected what a good answer is
     * @return bytes
     */
    public int longestAnswer(Expectation expected) {
        long payload = Math.max(expected.longestPayload(network), Failure.LONGEST_PAYLOAD);
        return (int) Math.min(payload, Frame.MAXIMUM_PAYLOAD_BYTES) + Frame.OVERHEAD_BYTES;
    }

    /**
     * A request with the round it belongs to.
     *
     * @param round its round
     * @param message what is asked
     */
    public record Asked(int round, ServerMessage message) {
    }
}
