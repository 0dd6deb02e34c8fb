package dev.fedtiny.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.privacy.PeerIdentity;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Finish;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Kinds;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Orders;
import dev.fedtiny.protocol.Restore;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A request that ends before it is whole changes nothing of what a device holds: the next one is answered as if it had not come. */
class CutRequestTest {
    private static final Samples SAMPLES = Samples.of(new float[][] {{1, 2, 0, 1}, {3, 4, 1, 0}, {-1, -2, 1, 1}, {2, 1, 0, -1}},
            new int[] {0, 1, 0, 1});
    private static final Network NETWORK = network();
    private static final List<Mask> HELD = masks(0, 2, 5, 7);
    private static final List<Mask> OTHER = masks(1, 3, 4, 6);

    private final Codec codec = new Codec(NETWORK);

    private static Network network() {
        Network.Builder builder = Network.builder(Shape.features(4));
        builder.block("only");
        builder.linear("fc", 0, 2, true, true);
        return builder.build();
    }

    private static List<Mask> masks(int... kept) {
        return NETWORK.parameters().stream().map(parameter -> parameter.prunable() ? Mask.of(parameter.size(), kept)
                : Mask.full(parameter.size())).toList();
    }

    private static Train train(int version, List<Mask> masks, boolean withMasks, float value) {
        List<float[]> values = masks.stream().map(mask -> {
            float[] filled = new float[mask.count()];
            Arrays.fill(filled, value);
            return filled;
        }).toList();
        return new Train(version, withMasks ? Optional.of(masks) : Optional.empty(), ModelState.of(NETWORK, masks, values).allValues(), 1,
                2, 0.1, new PlainTraining());
    }

    private byte[] handle(Device device, SessionCache sessions, byte[] frame, int length) {
        ByteArrayInputStream in = new ByteArrayInputStream(frame, Frame.HEADER_BYTES, length - Frame.HEADER_BYTES);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        device.handle(Arrays.copyOf(frame, Frame.HEADER_BYTES), (into, from, count) -> {
            if (in.readNBytes(into, from, count) < count) {
                throw new EOFException("cut");
            }
        }, out::write, sessions);
        return out.toByteArray();
    }

    /** Masks of round 0, then requests that are cut, then one that presumes the masks of round 0. */
    private Update answer(List<ServerMessage> cut) {
        DeviceSettings settings = new DeviceSettings(1, new Sgd(0, 0), Augmentation.NONE, DevelopmentSplit.usual(2), SessionOptions.DEFAULT,
                new Orders(new Kinds<>(List.of(PlainTraining.KIND)), Optional.empty()), 0, 0);
        Device device = new Device(1, NETWORK, () -> SAMPLES, settings, PeerIdentity.NONE);
        try (Workers workers = Workers.of(1); SessionCache sessions = new SessionCache(workers, Metering.ON)) {
            byte[] first = codec.encode(0, 1, train(1, HELD, true, 0.5f));
            handle(device, sessions, first, first.length);
            for (ServerMessage message : cut) {
                byte[] frame = codec.encode(1, 1, message);
                for (int length = Frame.HEADER_BYTES; length < frame.length; length++) {
                    int come = length;
                    assertThrows(UncheckedIOException.class, () -> handle(device, sessions, frame, come));
                }
            }
            byte[] last = codec.encode(1, 1, train(1, HELD, false, 0.25f));
            return (Update) codec.decodeAnswer(handle(device, sessions, last, last.length), 1, 1, new Update.Expected(
                    new CachedMasks(1, HELD), 1, 2, SampleCounts.Range.exactly(SAMPLES.count(), DevelopmentSplit.usual(2)),
                    new PlainTraining()));
        }
    }

    @Test
    void theDeviceHoldsWhatItHeld() {
        List<ServerMessage> cut = List.of(train(2, OTHER, true, 9), train(1, HELD, false, 7), new Restore(2, OTHER, List.of()),
                new Finish());
        Update expected = answer(List.of());
        Update update = answer(cut);
        assertEquals(expected.lossSum(), update.lossSum());
        assertEquals(NETWORK.parameters().size(), update.values().size());
        for (int parameter = 0; parameter < update.values().size(); parameter++) {
            assertArrayEquals(expected.values().get(parameter), update.values().get(parameter));
        }
    }
}
