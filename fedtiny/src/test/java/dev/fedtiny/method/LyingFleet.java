package dev.fedtiny.method;

import dev.fedtiny.federation.Fleet;
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
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.Workload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A fleet in which one device's answers of one kind say something else, in frames as a device that lies would send them. */
final class LyingFleet implements Fleet {
    private final Fleet fleet;
    private final int liar;
    private final MessageKind kind;
    private final UnaryOperator<DeviceMessage> lie;
    private final Codec codec = new Codec(TinyRuns.NETWORK, Methods.tasks());
    private CachedMasks held = CachedMasks.none();
    private Expectation expected;

    LyingFleet(Fleet fleet, int liar, MessageKind kind, UnaryOperator<DeviceMessage> lie) {
        this.fleet = fleet;
        this.liar = liar;
        this.kind = kind;
        this.lie = lie;
    }

    private byte[] asked(byte[] frame) {
        if (frame[5] == MessageKind.TRAIN.code()) {
            Train train = (Train) codec.decodeRequest(frame, liar, held, 0).message();
            held = new CachedMasks(train.maskVersion(), train.masks().orElse(held.masks()));
            int samples = TinyRuns.DATA.devices().get(liar).count();
            expected = new Update.Expected(held, new Workload(train.epochs(), train.batch(), samples,
                    TinyRuns.plan(1).deviceSettings().development().size(samples)), train.task());
        }
        return frame;
    }

    private Expectation expectation(int candidates) {
        int development = TinyRuns.plan(1).deviceSettings().development().size(TinyRuns.DATA.devices().get(liar).count());
        return switch (kind) {
            case HELLO -> new Hello.Expected(NetworkFingerprint.of(TinyRuns.NETWORK), Optional.empty(),
                    new SampleCounts.Range(1, 10_000, 0));
            case STATISTICS -> new Statistics.Expected(candidates, development);
            case EVALUATION -> new Evaluation.Expected(candidates, development);
            default -> expected;
        };
    }

    private byte[] answered(byte[] frame) {
        if (frame[5] == MessageKind.UPDATE.code()) {
            Update update = (Update) codec.decodeAnswer(frame, round(frame), liar, expected);
            if (update.result() instanceof SubNetworkSearch.SubNetwork own) {
                held = new CachedMasks(held.version(), own.masks());
            }
        }
        if (frame[5] != kind.code()) {
            return frame;
        }
        DeviceMessage said = lie.apply(codec.decodeAnswer(frame, round(frame), liar, expectation(TinyRuns.CANDIDATES)));
        return Optional.ofNullable(said).map(message -> codec.encode(round(frame), liar, message)).orElse(null);
    }

    private static int round(byte[] frame) {
        return ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt(Frame.HEADER_BYTES - 8);
    }

    @Override
    public int devices() {
        return fleet.devices();
    }

    @Override
    public void exchange(List<Integer> devices, Requests requests, Answers answers) {
        fleet.exchange(devices, device -> device == liar ? asked(requests.frame(device)) : requests.frame(device), new Answers() {
            @Override
            public void answered(int device, byte[] frame) {
                byte[] said = device == liar ? LyingFleet.this.answered(frame) : frame;
                if (said == null) {
                    answers.lost(device, "the line went dead");
                } else {
                    answers.answered(device, said);
                }
            }

            @Override
            public void lost(int device, String reason) {
                answers.lost(device, reason);
            }
        });
    }

    @Override
    public Traffic traffic() {
        return fleet.traffic();
    }

    @Override
    public void close() {
        fleet.close();
    }
}
