package dev.fedtiny.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.RoundPhase;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeviceMeasurementTest {
    private static DeviceMeasurement measurement(long useful, long metered) {
        Map<MemoryCategory, Long> bytes = new EnumMap<>(MemoryCategory.class);
        for (MemoryCategory category : MemoryCategory.values()) {
            bytes.put(category, 100L + category.ordinal());
        }
        MeterReading reading = new MeterReading(List.of(new OperatorCost("layer1.0.conv1", PassKind.FORWARD, 1, 2, 3, useful, 5, 6, 7, 8),
                new OperatorCost("train", PassKind.DECODE, 1, 2, 3, 0, 0, 0, 7, 0)), 9, 72, 1000, metered, OptionalLong.of(900));
        return new DeviceMeasurement(1 << 20, 3, 4, new Measured(reading, 5000, bytes, Map.of(RoundPhase.GROWTH, bytes)));
    }

    @Test
    void survivesTheWire() {
        DeviceMeasurement told = measurement(4, 800);
        assertEquals(told, DeviceMeasurement.decode(told.frame(3), 3));
        DeviceMeasurement nothing = new DeviceMeasurement(0, 0, 0, Measured.NONE);
        assertEquals(0, DeviceMeasurement.decode(nothing.frame(0), 0).measured().reading().operators().size());
    }

    /** Layers of an embedder's network may be called as messages are, or as the proximal term. */
    @Test
    void layersAreToldApartFromTheWorkBesideThem() {
        Network.Builder net = Network.builder(Shape.features(2));
        net.linear("server update", net.linear("proximal", net.linear("train", 0, 3, true, false), 3, true, false), 2, true, false);
        try (Workers workers = Workers.of(1); Session session = Session.open(Initializer.initialize(net.build(), 1), Mode.INFERENCE, 1,
                workers, SessionOptions.DEFAULT)) {
            SessionMeter meter = new SessionMeter(workers);
            session.measure(meter.meter());
            session.setImages(new float[2], 1);
            session.forward(1);
            List<String> layers = meter.take().reading().operators().stream().filter(cost -> cost.pass() == PassKind.FORWARD)
                    .map(OperatorCost::operator).toList();
            assertEquals(List.of("train.1", "proximal.2", "server update.3"), layers);
        }
    }

    @Test
    void impossibleFiguresAreRefused() {
        assertThrows(ProtocolException.class, () -> DeviceMeasurement.decode(measurement(-1, 800).frame(3), 3));
        assertThrows(ProtocolException.class, () -> DeviceMeasurement.decode(measurement(Long.MAX_VALUE, 800).frame(3), 3));
        assertThrows(ProtocolException.class, () -> DeviceMeasurement.decode(measurement(4, 1001).frame(3), 3), "more than the whole");
        assertThrows(ProtocolException.class, () -> DeviceMeasurement.decode(measurement(4, 800).frame(3), 4), "another device");
        assertThrows(ProtocolException.class, () -> DeviceMeasurement.decode(DeviceMeasurement.request(3), 3), "no answer");
    }

    @Test
    void noBytesDoMoreThanBeRefused() {
        byte[] good = measurement(4, 800).frame(3);
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] bad = i % 2 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            if (i % 2 == 1) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            assertThrows(ProtocolException.class, () -> DeviceMeasurement.decode(bad, 3));
        }
    }
}
