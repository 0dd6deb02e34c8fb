package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import org.junit.jupiter.api.Test;

/** What an application reads of the outputs: probabilities and the likeliest classes. */
class ClassesTest {
    /** A session whose logits are the biases of its only layer. */
    private static Session of(float... logits) {
        Network.Builder net = Network.builder(new Shape(1, 1, 1)).block("all");
        net.linear("fc", 0, logits.length, true, true);
        Network network = net.build();
        ModelState state = Initializer.initialize(network, 1).withValues(network.indexOf("fc.bias"), logits);
        Session session = Session.open(state, Mode.INFERENCE, 1);
        session.setImages(new float[1], 1);
        session.forward(1);
        return session;
    }

    @Test
    void probabilitiesAreSharesOfExponentials() {
        try (Session session = of(1000, 1000 + (float) Math.log(3), -1000)) {
            double[] probabilities = session.probabilities(0);
            assertEquals(0.25, probabilities[0], 1e-4);
            assertEquals(0.75, probabilities[1], 1e-4);
            assertEquals(0, probabilities[2], 1e-300);
        }
    }

    @Test
    void topClassesAreOrderedAndTiesGoToTheLowerClass() {
        try (Session session = of(2, 5, -1, 5, 3)) {
            assertArrayEquals(new int[] {1}, session.topClasses(0, 1));
            assertArrayEquals(new int[] {1, 3, 4}, session.topClasses(0, 3));
            assertArrayEquals(new int[] {1, 3, 4, 0, 2}, session.topClasses(0, 5));
            assertEquals(session.predicted(0), session.topClasses(0, 1)[0]);
            String message = assertThrows(IllegalArgumentException.class, () -> session.topClasses(0, 6)).getMessage();
            assertTrue(message.contains("top 6") && message.contains("[1, 5]"), message);
            assertThrows(IllegalArgumentException.class, () -> session.topClasses(0, 0));
            assertThrows(IllegalArgumentException.class, () -> session.probabilities(1));
        }
    }
}
