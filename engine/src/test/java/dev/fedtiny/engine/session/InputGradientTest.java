package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The gradient of the images is that of the last backward pass, or it is refused. */
@Tag("once")
class InputGradientTest {
    private static final int IMAGES = 5;
    private static final SessionOptions OPTIONS = SessionOptions.DEFAULT.withInputGradient(InputGradient.COMPUTED);

    private static Sample sample(boolean normalised) {
        Network.Builder net = Network.builder(new Shape(2, 5, 4)).block("all");
        int images = normalised ? net.batchNorm2d("norm", 0) : 0;
        int maps = net.relu(net.conv2d("conv", images, 3, 3, 1, 1, true, true));
        net.linear("out", net.globalAveragePool(maps), 3, true, true);
        return Sample.of(net.build(), Sparsity.DENSE, IMAGES, 1);
    }

    private static float[] gradient(Session session, Sample sample) {
        session.setImages(sample.images(), IMAGES);
        System.arraycopy(sample.labels(), 0, session.labels(), 0, IMAGES);
        session.forward(IMAGES);
        session.backward();
        return session.inputGradient();
    }

    private static void assertRefused(Session session) {
        String said = assertThrows(IllegalStateException.class, session::inputGradient).getMessage();
        assertTrue(said.contains("since the last backward pass"), said);
    }

    /** Maps of a forward pass lie where the gradient was. */
    @Test
    void aForwardPassEndsIt() {
        Sample sample = sample(false);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, IMAGES, Workers.of(1), OPTIONS)) {
            float[] expected = gradient(session, sample);
            assertArrayEquals(expected, session.inputGradient());
            session.forward(2);
            assertRefused(session);
            assertThrows(IllegalArgumentException.class, () -> session.forward(IMAGES + 1));
            assertArrayEquals(expected, gradient(session, sample));
        }
    }

    /** Who asks for it trains as who does not: the same network and data, the same bits. */
    @Test
    void otherGradientsHaveTheSameBits() {
        for (int form = 0; form < 12; form++) {
            Network.Builder net = Network.builder(new Shape(3, 7, 5 + form % 3 * 2)).block("all");
            int images = form % 2 == 0 ? 0 : net.relu6(net.batchNorm2d("norm", 0));
            Conv2dGeometry geometry = new Conv2dGeometry(net.shape(images), 9, 3, 3, 1 + form / 3 % 2, 1);
            int maps = net.relu(net.conv2d("conv", images, geometry.withGroups(form < 6 ? 3 : 1), true, true));
            net.linear("out", net.globalAveragePool(maps), 3, true, true);
            Sample sample = Sample.of(net.build(), form % 4 < 2 ? Sparsity.DENSE : Sparsity.THIRTY_PERCENT, IMAGES, 1);
            try (Session asked = Session.open(sample.state(), Mode.TRAINING, IMAGES, Workers.of(1), OPTIONS);
                    Session plain = Session.open(sample.state(), Mode.TRAINING, IMAGES)) {
                gradient(asked, sample);
                plain.setImages(sample.images(), IMAGES);
                System.arraycopy(sample.labels(), 0, plain.labels(), 0, IMAGES);
                plain.forward(IMAGES);
                plain.backward();
                for (int p = 0; p < plain.network().parameters().size(); p++) {
                    assertArrayEquals(plain.gradient(p), asked.gradient(p), form + ": " + plain.network().parameters().get(p).name());
                }
            }
        }
    }

    /** Behind a normalisation of the images it is computed from them. */
    @Test
    void otherImagesEndItWhereTheyAreNormalised() {
        for (boolean normalised : new boolean[] {false, true}) {
            Sample sample = sample(normalised);
            try (Session session = Session.open(sample.state(), Mode.TRAINING, IMAGES, Workers.of(1), OPTIONS)) {
                float[] expected = gradient(session, sample);
                session.setImages(new float[sample.images().length], IMAGES);
                if (normalised) {
                    assertRefused(session);
                } else {
                    assertArrayEquals(expected, session.inputGradient());
                }
            }
        }
    }
}
