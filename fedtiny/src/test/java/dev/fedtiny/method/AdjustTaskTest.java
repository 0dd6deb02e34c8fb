package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.protocol.GrowthRequest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdjustTaskTest {
    private static final Network NETWORK = network();
    private static final Mask KEPT = Mask.of(12, new int[] {0, 2, 4, 6, 8, 10});

    private static Network network() {
        Network.Builder builder = Network.builder(new Shape(4, 1, 1)).block("all");
        builder.linear("fc", 0, 3, false, true);
        return builder.build();
    }

    private static ModelState state(float... values) {
        return ModelState.of(NETWORK, List.of(KEPT), List.of(values));
    }

    private static ModelState exchange(Optional<AdjustTask.Guide> guide, int limit) {
        AdjustTask.Growing layer = new AdjustTask.Growing(new GrowthRequest(0, limit), guide, 0);
        float[] gradients = {0.1f, -0.5f, 0.4f, -0.3f, 0.2f, 0};
        for (int i = 0; i < gradients.length; i++) {
            layer.offer(2 * i + 1, gradients[i]);
        }
        return layer.exchange(state(1, 1, 1, 1, 1, 1), state(1.1f, 0.2f, 0.9f, 0.3f, -2, 0.4f));
    }

    @Test
    void magnitudeAndGradientDecideWithoutAGuide() {
        ModelState after = exchange(Optional.empty(), 2);
        assertArrayEquals(new int[] {0, 3, 4, 5, 8, 10}, after.mask(0).indices());
        assertArrayEquals(new float[] {1.1f, 0, 0.9f, 0, -2, 0.4f}, after.values(0));
    }

    @Test
    void directionsComeFirstForTheirShare() {
        // Active weights moved: up, down, down, down, down, down. Those at 0 and 8 moved against these signs, and 0 is the smaller one.
        // Steps against the gradients go: down, up, down, up, down. Positions 1, 7 and 9 agree, 7 has the largest gradient of them.
        byte[] directions = {-1, -1, -1, 0, -1, 1, -1, 1, 1, -1, -1, 0};
        ModelState after = exchange(Optional.of(new AdjustTask.Guide(0.5, 0.5, List.of(directions))), 2);
        assertArrayEquals(new int[] {3, 4, 6, 7, 8, 10}, after.mask(0).indices());
        ModelState all = exchange(Optional.of(new AdjustTask.Guide(1, 1, List.of(directions))), 2);
        assertArrayEquals(new int[] {2, 4, 6, 7, 9, 10}, all.mask(0).indices());
        ModelState none = exchange(Optional.of(new AdjustTask.Guide(0, 0, List.of(directions))), 2);
        assertEquals(exchange(Optional.empty(), 2).mask(0), none.mask(0));
    }

    @Test
    void countsStayWhenTooFewGradientsAreLeft() {
        ModelState after = exchange(Optional.empty(), 6);
        assertEquals(6, after.mask(0).count());
        assertArrayEquals(new int[] {1, 3, 5, 7, 8, 9}, after.mask(0).indices());
    }

    @Test
    void coordinatesAreAveragedOverThoseThatHoldThem() {
        Aggregation.MaskedSum average = new Aggregation.Mean().maskedSum(state(0, 0, 0, 0, 0, 0));
        average.add(1, List.of(Mask.of(12, new int[] {0, 5})), List.of(new float[] {1, 4}));
        average.add(3, List.of(Mask.of(12, new int[] {0, 7})), List.of(new float[] {2, -1}));
        ModelState united = average.united(state(0, 0, 0, 0, 0, 0));
        assertArrayEquals(new int[] {0, 5, 7}, united.mask(0).indices());
        assertArrayEquals(new float[] {1.75f, 4, -1}, united.values(0));
        float[] before = new float[12];
        before[5] = 9;
        before[11] = 8;
        ModelState dense = average.into(ModelState.of(NETWORK, List.of(Mask.full(12)), List.of(before)));
        assertArrayEquals(new float[] {1.75f, 0, 0, 0, 0, 4, 0, -1, 0, 0, 0, 8}, dense.values(0));
        assertEquals(4, average.weights());
    }
}
