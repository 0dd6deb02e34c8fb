package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.GradientSink;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sink of an application's own gets what its floor lets by: everything, where the floor is nothing that a magnitude can be below. */
@Tag("once")
class GrowthFloorTest {
    private static Map<Integer, Float> offered(float floor) {
        Sample sample = Sample.of(TestNetworks.plain(), Sparsity.THIRTY_PERCENT, 5, 1);
        int weight = sample.state().network().prunable().getFirst();
        Map<Integer, Float> offered = new HashMap<>();
        GradientSink sink = new GradientSink() {
            @Override
            public void offer(int index, float value) {
                offered.put(index, value);
            }

            @Override
            public float floor() {
                return floor;
            }
        };
        try (Session session = Session.open(sample.state(), Mode.TRAINING, sample.count())) {
            sample.feed(session);
            session.forward(sample.count());
            float[] gradient = session.outputs();
            for (int i = 0; i < gradient.length; i++) {
                // Gradients of weights on both sides of 1.
                gradient[i] *= 30;
            }
            session.backward(new int[] {weight}, new GradientSink[] {sink}, gradient);
        }
        return offered;
    }

    @Test
    void noFloorLetsEverythingBy() {
        Map<Integer, Float> all = offered(0);
        assertTrue(all.values().stream().anyMatch(value -> Math.abs(value) > 1) && all.values().stream().anyMatch(value ->
                Math.abs(value) < 1), all::toString);
        for (float floor : new float[] {-0f, -1, Float.NEGATIVE_INFINITY, Float.NaN}) {
            assertEquals(all, offered(floor), "floor " + floor);
        }
        Map<Integer, Float> large = new HashMap<>(all);
        large.values().removeIf(value -> Math.abs(value) < 1);
        assertEquals(large, offered(1));
    }
}
