package dev.fedtiny.federation;

import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.federation.ProtocolException.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads what a device answered. */
final class AnswerDecoder {
    private final Network network;

    AnswerDecoder(Network network) {
        this.network = network;
    }

    DeviceMessage decode(Frame frame, int round, int device, Expectation expected) {
        if (frame.device() != device) {
            throw new ProtocolException(Fault.DEVICE, "device " + device + " answered as device " + frame.device());
        }
        if (frame.round() != round) {
            throw new ProtocolException(Fault.ROUND, "device " + device + " answered for round " + Frame.number(frame.round())
                    + ", asked was round " + Frame.number(round));
        }
        PayloadReader reader = new PayloadReader(frame.payload(), frame.kind() + " of device " + device);
        DeviceMessage message = frame.kind() == MessageKind.FAILURE ? failure(reader) : switch (expected) {
            case Expectation.OfHello e -> hello(expect(reader, frame, MessageKind.HELLO), e);
            case Expectation.OfReady _ -> new Ready(expect(reader, frame, MessageKind.READY)
                    .int32In("mask version", HeldMasks.NONE, Integer.MAX_VALUE));
            case Expectation.OfStatistics e -> statistics(expect(reader, frame, MessageKind.STATISTICS), e);
            case Expectation.OfEvaluation e -> evaluation(expect(reader, frame, MessageKind.EVALUATION), e);
            case Expectation.OfUpdate e -> update(expect(reader, frame, MessageKind.UPDATE), e);
        };
        reader.end();
        return message;
    }

    private static PayloadReader expect(PayloadReader reader, Frame frame, MessageKind kind) {
        if (frame.kind() != kind) {
            throw new ProtocolException(Fault.TYPE, "device " + frame.device() + " answered with " + frame.kind() + ", expected " + kind);
        }
        return reader;
    }

    private static Failure failure(PayloadReader reader) {
        Failure.Cause cause = Failure.Cause.values()[reader.int8In("cause", Failure.Cause.values().length - 1)];
        int length = reader.int32In("text length", 0, Failure.MAXIMUM_TEXT_BYTES);
        // What a stranger says ends up in logs and on terminals: no control characters.
        String text = new String(reader.bytes(length), StandardCharsets.UTF_8);
        return new Failure(cause, text.replaceAll("\\p{Cntrl}", " "));
    }

    private static Hello hello(PayloadReader reader, Expectation.OfHello expected) {
        long fingerprint = reader.int64();
        if (fingerprint != expected.networkFingerprint()) {
            throw reader.content("the device has another network (fingerprint " + Long.toHexString(fingerprint) + ", expected "
                    + Long.toHexString(expected.networkFingerprint()) + "); give server and device the same configuration");
        }
        boolean fused = reader.int8In("fused multiply-add", 1) == 1;
        int samples = reader.int32In("samples", 1, Integer.MAX_VALUE);
        int development = reader.int32In("development samples", 1, samples);
        int length = reader.int8In("release length", Platform.MAXIMUM_RELEASE_BYTES);
        String release = new String(reader.bytes(length), StandardCharsets.US_ASCII).replaceAll("[^\\x20-\\x7e]", "?");
        Platform platform = new Platform(release, fused);
        if (expected.platform().isPresent() && !expected.platform().get().equals(platform)) {
            throw reader.content("the device computes other bits (" + platform + ", here " + expected.platform().get()
                    + "), and this run promises the same bits whoever does the work; use devices of the same release and kind of processor");
        }
        return new Hello(fingerprint, platform, samples, development);
    }

    private Statistics statistics(PayloadReader reader, Expectation.OfStatistics expected) {
        int samples = reader.int32In("development samples", expected.samples(), expected.samples());
        int candidates = reader.int32In("candidates", expected.candidates(), expected.candidates());
        reader.require(4 * candidates * RunningStatistics.count(network));
        List<RunningStatistics> statistics = new ArrayList<>();
        for (int c = 0; c < candidates; c++) {
            statistics.add(RunningStatistics.read(reader, network));
        }
        return new Statistics(samples, statistics);
    }

    private static Evaluation evaluation(PayloadReader reader, Expectation.OfEvaluation expected) {
        int samples = reader.int32In("development samples", expected.samples(), expected.samples());
        int candidates = reader.int32In("candidates", expected.candidates(), expected.candidates());
        reader.require(20L * candidates);
        List<Evaluation.Score> scores = new ArrayList<>();
        for (int c = 0; c < candidates; c++) {
            double lossSum = reader.float64();
            double squareSum = reader.float64();
            if (lossSum < 0 || squareSum < 0) {
                throw reader.content("candidate " + c + " has the summed loss " + lossSum + " and sum of squares " + squareSum
                        + ", expected none below 0");
            }
            scores.add(new Evaluation.Score(lossSum, squareSum, reader.int32In("right answers", 0, samples)));
        }
        return new Evaluation(samples, scores);
    }

    private Update update(PayloadReader reader, Expectation.OfUpdate expected) {
        int version = reader.int32();
        if (version != expected.held().version()) {
            throw new ProtocolException(Fault.MASK_VERSION, "update is for mask version " + version + ", in force is "
                    + expected.held().version());
        }
        int samples = reader.int32In("samples", expected.samples(), expected.samples());
        double lossSum = reader.finite("summed loss");
        long nanos = reader.int64();
        if (lossSum < 0 || nanos < 0) {
            throw reader.content("summed loss " + lossSum + " and time " + nanos + " ns must not be negative");
        }
        LocalResultForm.Head head = LocalResultForm.readBeforeValues(reader, network, expected);
        List<float[]> values = RequestDecoder.values(reader, network, head.masks());
        return new Update(version, samples, lossSum, nanos, values, LocalResultForm.readAfterValues(reader, network, expected, head));
    }
}
