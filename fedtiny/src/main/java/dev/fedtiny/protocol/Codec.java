package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Messages to frames and back, for one network. Values are little-endian float32 in {@code state_dict} order, kept positions only.
 * Decoding trusts nothing: no length is believed before it is checked against the bytes that are there and against what the network
 * and the mask allow, every number is checked, and the only thing that comes of bad bytes is a {@link ProtocolException}. Immutable.
 */
public final class Codec {
    /** The most candidates of a pool. */
    static final int MAXIMUM_CANDIDATES = 1 << 16;
    /** The most images of a batch that may be asked for. */
    static final int MAXIMUM_BATCH = 1 << 16;
    /** The most local epochs that may be asked for. */
    static final int MAXIMUM_EPOCHS = 1 << 16;

    private final Network network;

    /** A codec for a network that both sides know. */
    public Codec(Network network) {
        this.network = Objects.requireNonNull(network);
    }

    /** The network values belong to. */
    public Network network() {
        return network;
    }

    /** The frame of a message. Allocates exactly its length. */
    public byte[] encode(int round, int device, Message message) {
        PayloadWriter writer = new PayloadWriter(message.kind(), round, device, payloadBytes(message));
        write(writer, message);
        return writer.finish();
    }

    /** Hands the frame of a message to a sink, piece by piece. Allocates a window of 64 KiB. */
    public void encode(int round, int device, Message message, FrameSink sink) {
        PayloadWriter writer = new PayloadWriter(message.kind(), round, device, payloadBytes(message), sink);
        write(writer, message);
        writer.finish();
    }

    private void write(PayloadWriter writer, Message message) {
        switch (message) {
            case Welcome m -> writer.int64(m.networkFingerprint());
            case Restore m -> {
                writer.int32(m.maskVersion());
                CachedMasks.write(writer, network, m.masks());
                writer.int8(m.initial().isEmpty() ? 0 : 1);
                m.initial().forEach(writer::float32s);
            }
            case CandidatePoolMessage m -> {
                writer.int8(m.task().ordinal()).int32(m.batch()).int32(m.counts().size());
                for (int[] counts : m.counts()) {
                    for (int count : counts) {
                        writer.int32(count);
                    }
                }
                CachedMasks.write(writer, network, m.union().masks());
                m.union().allValues().forEach(writer::float32s);
            }
            case CandidateStatistics m -> {
                writer.int32(m.candidates().size());
                m.candidates().forEach(statistics -> statistics.write(writer));
            }
            case Train m -> encode(writer, m);
            case Finish _ -> { }
            case Hello m -> {
                byte[] release = utf8(m.platform().release());
                writer.int64(m.networkFingerprint()).int8(m.platform().fusedMultiplyAdd() ? 1 : 0).int32(m.samples())
                        .int32(m.developmentSamples()).int8(release.length).bytes(release);
            }
            case Ready m -> writer.int32(m.maskVersion());
            case Statistics m -> {
                writer.int32(m.samples()).int32(m.candidates().size());
                m.candidates().forEach(statistics -> statistics.write(writer));
            }
            case Evaluation m -> {
                writer.int32(m.samples()).int32(m.scores().size());
                m.scores().forEach(score -> writer.float64(score.lossSum()).float64(score.squareSum()).int32(score.correct()));
            }
            case Update m -> encode(writer, m);
            case Failure m -> {
                byte[] text = utf8(m.text());
                writer.int8(m.cause().ordinal()).int32(text.length).bytes(text);
            }
        }
    }

    private void encode(PayloadWriter writer, Train m) {
        writer.int32(m.maskVersion()).int8(m.masks().isPresent() ? 1 : 0).int32(m.epochs()).int32(m.batch()).float64(m.learningRate());
        m.masks().ifPresent(masks -> CachedMasks.write(writer, network, masks));
        LocalTaskForm.write(writer, m.task());
        m.values().forEach(writer::float32s);
    }

    private void encode(PayloadWriter writer, Update m) {
        writer.int32(m.maskVersion()).int32(m.samples()).float64(m.lossSum()).int64(m.nanos());
        LocalResultForm.writeBeforeValues(writer, network, m.result());
        m.values().forEach(writer::float32s);
        LocalResultForm.writeAfterValues(writer, m.result());
    }

    /** Length of the frame of a message. */
    public long frameBytes(Message message) {
        return Frame.OVERHEAD_BYTES + payloadBytes(message);
    }

    private long payloadBytes(Message message) {
        return switch (message) {
            case Welcome _ -> 8;
            case Restore m -> 5 + MessageSizes.maskBytes(network, m.masks()) + bytes(m.initial());
            case CandidatePoolMessage m -> MessageSizes.poolFrame(m.union(), m.counts().size()) - Frame.OVERHEAD_BYTES;
            case CandidateStatistics m -> MessageSizes.candidateStatisticsFrame(network, m.candidates().size()) - Frame.OVERHEAD_BYTES;
            case Train m -> MessageSizes.TRAIN_FIXED + m.masks().map(masks -> MessageSizes.maskBytes(network, masks)).orElse(0L)
                    + LocalTaskForm.bytes(m.task()) + bytes(m.values());
            case Finish _ -> 0;
            case Hello m -> MessageSizes.HELLO_FIXED + utf8(m.platform().release()).length;
            case Ready _ -> 4;
            case Statistics m -> MessageSizes.statisticsFrame(network, m.candidates().size()) - Frame.OVERHEAD_BYTES;
            case Evaluation m -> MessageSizes.evaluationFrame(m.scores().size()) - Frame.OVERHEAD_BYTES;
            case Update m -> MessageSizes.UPDATE_FIXED + LocalResultForm.bytes(network, m.result()) + bytes(m.values());
            case Failure m -> 5 + utf8(m.text()).length;
        };
    }

    private static long bytes(List<float[]> values) {
        return values.stream().mapToLong(array -> 4L * array.length).sum();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * What a device was asked.
     *
     * @param device the number of the device that got the frame
     * @param held the mask it holds
     * @param candidates of the pool it holds, 0 for none
     * @throws ProtocolException if the frame is not a valid request to this device
     */
    public Request decodeRequest(byte[] frame, int device, CachedMasks held, int candidates) {
        return new RequestDecoder(network, held, candidates).decode(Frame.decode(frame), device);
    }

    /**
     * As the other, the frame coming piece by piece; it is read to its end, whatever is wrong with it.
     *
     * @param header what came first, of a possible length
     * @param source gives the rest
     * @param lent for a parameter an array that values to train may be read into, or null
     */
    public Request decodeRequest(byte[] header, FrameSource source, int device, CachedMasks held, int candidates,
            IntFunction<float[]> lent) {
        PayloadReader reader = new PayloadReader(header, source, "request");
        try {
            return new RequestDecoder(network, held, candidates, lent).decode(Frame.headed(header), reader, device);
        } finally {
            reader.skip();
        }
    }

    /**
     * What a device answered: the message expected, or a {@link Failure}.
     *
     * @param round the round of the request
     * @param device the device asked
     * @param expected what a good answer is
     * @throws ProtocolException if the frame is not a valid answer
     */
    public DeviceMessage decodeAnswer(byte[] frame, int round, int device, Expectation expected) {
        return new AnswerDecoder(network).decode(Frame.decode(frame), round, device, expected);
    }

    /** The most bytes that the frame of a good answer, or of a {@link Failure}, may have. */
    public int longestAnswer(Expectation expected) {
        return (int) Math.min(MessageSizes.longestAnswer(network, expected), Frame.OVERHEAD_BYTES + Frame.MAXIMUM_PAYLOAD_BYTES);
    }

    /**
     * A request with the round it belongs to.
     *
     * @param round its round
     * @param message what is asked
     */
    public record Request(int round, ServerMessage message) {
    }
}
