package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A single image whose maps have shrunk to one pixel has no batch statistics. */
class SingleValueTest {
    private static final Network SHRINKING = TestNetworks.known(Architecture.RESNET18, new Shape(3, 8, 8), 4, 10);

    @ParameterizedTest
    @EnumSource(names = "INFERENCE", mode = EnumSource.Mode.EXCLUDE)
    void batchStatisticsOfASingleValueAreRefused(Mode mode) {
        Sample one = Sample.of(SHRINKING, Sparsity.DENSE, 1, 5);
        Sample two = Sample.of(SHRINKING, Sparsity.DENSE, 2, 5);
        try (Session session = Session.open(two.state(), mode, 8)) {
            one.feed(session);
            IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> session.forward(1));
            assertTrue(refusal.getMessage().startsWith("batch normalisation 'layer4.0.bn1': one image of 1×1 pixels"),
                    refusal.getMessage());
            two.feed(session);
            session.forward(2);
            assertTrue(Double.isFinite(session.lossSum()));
        }
    }

    @Test
    void storedStatisticsServeASingleImage() {
        Sample one = Sample.of(SHRINKING, Sparsity.DENSE, 1, 5);
        try (Session session = Session.open(one.state(), Mode.INFERENCE, 8)) {
            one.feed(session);
            session.forward(1);
            assertEquals(10, session.outputs().length);
            assertTrue(Double.isFinite(session.lossSum()));
        }
    }

    @Test
    void mapsOfMorePixelsHaveStatisticsOfOneImage() {
        Sample one = Sample.of(TestNetworks.tiny(), Sparsity.DENSE, 1, 5);
        try (Session session = Session.open(one.state(), Mode.TRAINING, 8)) {
            one.feed(session);
            session.forward(1);
            session.backward();
            assertTrue(Double.isFinite(session.lossSum()));
        }
    }
}
