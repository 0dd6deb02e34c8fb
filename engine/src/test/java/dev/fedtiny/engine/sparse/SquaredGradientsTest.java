package dev.fedtiny.engine.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

@Tag("once")
class SquaredGradientsTest {
    /** Gradients of another weight are refused before one of them is added. */
    @Test
    void activePositionsAreOfTheWeight() {
        SquaredGradients squares = new SquaredGradients(4);
        Mask mask = Mask.of(4, new int[] {0, 3});
        squares.addActive(mask, new float[] {2, -3});
        squares.offer(1, 1);
        for (Executable call : List.<Executable>of(() -> squares.addActive(mask, new float[] {1}),
                () -> squares.addActive(mask, new float[] {1, 2, 3}), () -> squares.addActive(Mask.of(5, new int[] {0, 4}), new float[2]),
                () -> squares.addActive(Mask.of(3, new int[] {0, 1}), new float[] {1, 1}))) {
            String said = assertThrows(IllegalArgumentException.class, call).getMessage();
            assertTrue(said.contains("expected one an active position of a weight of 4"), said);
        }
        assertArrayEquals(new float[] {4, 1, 0, 9}, squares.sums());
    }
}
