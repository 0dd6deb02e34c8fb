package dev.fedtiny.method;

import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.Expectation;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.NetworkFingerprint;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Statistics;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A device whose answers of one kind say something else, in frames as a device that lies would send them. */
final class Liar {
    private final int number;
    private final MessageKind kind;
    private final UnaryOperator<DeviceMessage> lie;
    private final Codec codec = new Codec(TinyRuns.NETWORK, Methods.tasks());
    private CachedMasks held = CachedMasks.none();
    private Expectation expected;

    Liar(int number, MessageKind kind, UnaryOperator<DeviceMessage> lie) {
        this.number = number;
        this.kind = kind;
        this.lie = lie;
    }

    /** What it was asked. */
    void asked(byte[] frame) {
        if (frame[5] == MessageKind.TRAIN.code()) {
            Train train = (Train) codec.decodeRequest(frame, number, held, 0).message();
            held = new CachedMasks(train.maskVersion(), train.masks().orElse(held.masks()));
            expected = new Update.Expected(held, train.epochs(), train.batch(), counts(), train.task());
        }
    }

    private SampleCounts.Range counts() {
        return SampleCounts.Range.exactly(TinyRuns.DATA.devices().get(number).count(), TinyRuns.plan(1).deviceSettings().development());
    }

    private Expectation expectation(int candidates) {
        return switch (kind) {
            case HELLO -> new Hello.Expected(NetworkFingerprint.of(TinyRuns.NETWORK), Optional.empty(),
                    new SampleCounts.Range(1, 10_000, counts().split()));
            case STATISTICS -> new Statistics.Expected(candidates, counts());
            case EVALUATION -> new Evaluation.Expected(candidates, counts());
            default -> expected;
        };
    }

    /** What it says in place of its honest answer; null: nothing. */
    byte[] answered(byte[] frame) {
        if (frame[5] == MessageKind.UPDATE.code()) {
            Update update = (Update) codec.decodeAnswer(frame, round(frame), number, expected);
            if (update.result() instanceof SubNetworkSearch.SubNetwork own) {
                held = new CachedMasks(held.version(), own.masks());
            }
        }
        if (frame[5] != kind.code()) {
            return frame;
        }
        DeviceMessage said = lie.apply(codec.decodeAnswer(frame, round(frame), number, expectation(TinyRuns.CANDIDATES)));
        return Optional.ofNullable(said).map(message -> codec.encode(round(frame), number, message)).orElse(null);
    }

    private static int round(byte[] frame) {
        return ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt(Frame.HEADER_BYTES - 8);
    }
}
