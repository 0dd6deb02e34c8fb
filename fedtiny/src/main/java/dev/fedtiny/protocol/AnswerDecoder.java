package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.protocol.ProtocolException.Fault;
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
                    .int32In("mask version", CachedMasks.NONE, Integer.MAX_VALUE));
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
        SampleCounts.Range counts = expected.counts();
        int samples = reader.int32In("samples", counts.least(), counts.most());
        int development = counts.development() == 0 ? reader.int32In("development samples", 1, samples)
                : reader.int32In("development samples", counts.development(), counts.development());
        int length = reader.int8In("release length", Platform.MAXIMUM_RELEASE_BYTES);
        String release = new String(reader.bytes(length), StandardCharsets.US_ASCII).replaceAll("[^\\x20-\\x7e]", "?");
        Platform platform = new Platform(release, fused);
        if (expected.platform().isPresent() && !expected.platform().get().equals(platform)) {
            throw reader.content("the device computes other bits (" + platform + ", here " + expected.platform().get()
                    + "), and this run promises the same bits whoever does the work; use devices of the same release and kind of "
                    + "processor");
        }
        return new Hello(fingerprint, platform, samples, development);
    }

    private Statistics statistics(PayloadReader reader, Expectation.OfStatistics expected) {
        int samples = reader.int32In("development samples", expected.samples(), expected.samples());
        int candidates = reader.int32In("candidates", expected.candidates(), expected.candidates());
        reader.require(4L * candidates * RunningStatistics.count(network));
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
            scores.add(score(reader, c, samples));
        }
        return new Evaluation(samples, scores);
    }

    /** A candidate's score: finite, no worse than a failed candidate's, and losses that so many right answers can have. */
    private static Evaluation.Score score(PayloadReader reader, int candidate, int samples) {
        String name = "candidate " + (candidate + 1);
        double lossSum = reader.finiteIn("summed loss of " + name, 0, Evaluation.FAILED_LOSS * samples);
        double squareSum = reader.finiteIn("summed squared loss of " + name, 0,
                Evaluation.FAILED_LOSS * Evaluation.FAILED_LOSS * samples);
        int correct = reader.int32In("right answers of " + name, 0, samples);
        // Who takes another class for the right one gives the right one half at most. Rounding has a thousandth.
        double least = 0.999 * Math.log(2) * (samples - correct);
        if (lossSum < least) {
            throw reader.content("summed loss of " + name + " is " + lossSum + ", but " + (samples - correct)
                    + " wrong answers alone have at least " + least);
        }
        if (squareSum * samples < 0.999 * lossSum * lossSum) {
            throw reader.content("summed squared loss of " + name + " is " + squareSum + ", but a summed loss of " + lossSum + " over "
                    + samples + " samples has at least " + lossSum * lossSum / samples);
        }
        return new Evaluation.Score(lossSum, squareSum, correct);
    }

    private Update update(PayloadReader reader, Expectation.OfUpdate expected) {
        int version = reader.int32();
        if (version != expected.held().version()) {
            throw new ProtocolException(Fault.MASK_VERSION, "update is for mask version " + version + ", in force is "
                    + expected.held().version());
        }
        int samples = reader.int32In("samples", expected.samples(), expected.samples());
        double lossSum = reader.finiteIn("summed loss", 0, Evaluation.FAILED_LOSS * samples * expected.epochs());
        long nanos = reader.int64();
        if (nanos < 0) {
            throw reader.content("time " + nanos + " ns must not be negative");
        }
        LocalResultForm.Head head = LocalResultForm.readBeforeValues(reader, network, expected);
        List<float[]> values = RequestDecoder.values(reader, network, head.masks());
        return new Update(version, samples, lossSum, nanos, values, LocalResultForm.readAfterValues(reader, network, expected, head));
    }
}
