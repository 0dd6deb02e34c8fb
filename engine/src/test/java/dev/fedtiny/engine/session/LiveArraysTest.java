package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller may write into counts in the next pass; what would not count, or would spoil the last pass, is refused. */
@Tag("once")
class LiveArraysTest {
    private static final int BATCH = 4;

    private static void refused(String part, Executable call) {
        String message = assertThrows(IllegalStateException.class, call).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static float[] outputs(Session session) {
        session.forward(BATCH);
        return session.outputs();
    }

    @ParameterizedTest
    @EnumSource
    void valuesCountWhereTheyAreHandedOut(Mode mode) {
        for (Network network : new Network[] {TestNetworks.residual(), TestNetworks.foreign()}) {
            Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, BATCH, 3);
            for (int p = 0; p < network.parameters().size(); p++) {
                int place = p;
                Parameter parameter = network.parameters().get(p);
                try (Session session = Session.open(sample.state(), mode, BATCH)) {
                    sample.feed(session);
                    if (mode == Mode.INFERENCE || mode == Mode.STATISTICS && parameter.kind().trainable()) {
                        refused(mode + " takes over the values of '" + parameter.name() + "'", () -> session.values(place));
                    } else if (parameter.kind().trainable()) {
                        float[] before = outputs(session);
                        shift(session.values(p));
                        assertFalse(Arrays.equals(before, outputs(session)), parameter.name());
                    } else {
                        shift(session.values(p));
                        session.forward(BATCH);
                        float[] after = session.state().values(p);
                        session.load(sample.state());
                        session.forward(BATCH);
                        for (int i = 0; i < after.length; i++) {
                            assertNotEquals(session.values(p)[i], after[i], parameter.name());
                        }
                    }
                    assertArrayEquals(session.state().values(p), session.liveState().values(p));
                }
            }
        }
    }

    private static void shift(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] += 0.5f;
        }
    }

    /** Weights of the first layer were taught by the images that had come since, and features of its input were theirs. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nextImagesEndTheLastPass(boolean bytes) {
        Network.Builder net = Network.builder(new Shape(2, 5, 5)).block("all");
        int data = net.batchNorm2d("data", 0);
        net.linear("out", net.relu(net.conv2d("first", data, 6, 3, 1, 1, false, true)), 4, true, true);
        Network network = net.build();
        ImageForm.Bytes form = ImageForm.bytes(new double[] {0.4, 0.5}, new double[] {0.2, 0.3});
        Sample floats = Sample.of(network, Sparsity.DENSE, BATCH, 3);
        Sample sample = bytes ? floats.ofBytes(form, 5) : floats;
        SessionOptions options = SessionOptions.DEFAULT.withFeatures(data).withImages(bytes ? form : ImageForm.FLOATS);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, BATCH, Workers.of(1), options)) {
            sample.feed(session);
            session.forward(BATCH);
            float[] features = session.features(data);
            float[] outputs = session.outputs();
            double loss = session.lossSum();
            if (bytes) {
                session.setImages(new byte[BATCH * 50], BATCH);
            } else {
                session.setImages(new float[BATCH * 50], BATCH);
            }
            refused("other images have been set", session::backward);
            refused("other images have been set", () -> session.features(data));
            assertArrayEquals(outputs, session.outputs());
            assertEquals(loss, session.lossSum());
            sample.feed(session);
            session.forward(BATCH);
            assertArrayEquals(features, session.features(data));
            session.backward();
        }
    }

    /** Of a network that answers with its images, too. */
    @Test
    void outputsStay() {
        Network.Builder net = Network.builder(new Shape(2, 3, 3));
        net.relu(0);
        Network network = net.build();
        for (Mode mode : Mode.values()) {
            Sample sample = Sample.of(network, Sparsity.DENSE, BATCH, 3);
            try (Session session = Session.open(sample.state(), mode, BATCH)) {
                sample.feed(session);
                float[] outputs = outputs(session);
                session.setImages(new float[BATCH * 18], BATCH);
                assertArrayEquals(outputs, session.outputs());
            }
        }
    }
}
