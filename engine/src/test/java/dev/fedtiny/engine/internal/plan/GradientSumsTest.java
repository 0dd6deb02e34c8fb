package dev.fedtiny.engine.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import org.junit.jupiter.api.Test;

/** How much memory gradients of active weights are collected in, where the arena has nothing left. */
class GradientSumsTest {
    private final GradientSums sums = new GradientSums(new RunContext(network(), Mode.TRAINING, 8, false, 2), new RestScratch());

    private static Network network() {
        Network.Builder net = Network.builder(new Shape(1, 2, 2)).block("all");
        net.linear("fc", net.flatten(0), 3, true, true);
        return net.build();
    }

    private int floats(int kept, int columns, boolean oneGroup) {
        sums.plan(kept, columns, oneGroup);
        sums.reserve();
        return sums.workspaceFloats();
    }

    @Test
    void oneGroupTakesTheLongestRowPossibleForEachThread() {
        assertEquals(2 * 8 * 4608, floats(23_592, 4608, true));
        assertEquals(2 * 8 * 1024, floats(23_592, 577, true));
    }

    @Test
    void severalGroupsTakeAllWeights() {
        assertEquals(8 * 23_592, floats(23_592, 4608, false));
    }

    @Test
    void fewWeightsAreHeldAtOnce() {
        assertEquals(8 * 2002, floats(2001, 4608, true));
    }

    /** 2²⁸ weights of eight floats are one array too long by a few; in pieces they are collected all the same. */
    @Test
    void whatNoArrayHoldsIsRefusedUnlessItIsHeldInPieces() {
        String reason = assertThrows(IllegalArgumentException.class, () -> floats(1 << 28, 4608, false)).getMessage();
        assertTrue(reason.contains("268435456 weights would need 2147483648 values"), reason);
        assertEquals(2 * 8 * 4608, floats(1 << 28, 4608, true));
    }
}
