package dev.fedtiny.engine.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.sparse.WeightFormat;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FormatChoiceTest {
    private static final FormatChoice CHOICE = new FormatChoice.BreakEven(List.of(new FormatChoice.Row(8, 0.75), new FormatChoice.Row(2, 0.5)));

    private static Conv2dGeometry convolution(int width) {
        return new Conv2dGeometry(new Shape(4, width, width), 10, 1, 1, 1, 0);
    }

    @Test
    void followsWidthAndDensity() {
        assertEquals(WeightFormat.CSR, CHOICE.choose(convolution(8), 29));
        assertEquals(WeightFormat.DENSE, CHOICE.choose(convolution(8), 30));
        assertEquals(WeightFormat.CSR, CHOICE.choose(convolution(7), 19));
        assertEquals(WeightFormat.DENSE, CHOICE.choose(convolution(7), 20));
        assertEquals(WeightFormat.DENSE, CHOICE.choose(convolution(1), 20), "the last row holds for what is narrower too");
    }

    @Test
    void everythingKeptIsDense() {
        for (int width : new int[] {1, 2, 4, 8, 32}) {
            assertEquals(WeightFormat.DENSE, FormatChoice.AUTOMATIC.choose(convolution(width), 40));
            assertEquals(WeightFormat.CSR, FormatChoice.AUTOMATIC.choose(convolution(width), 4));
        }
    }

    @Test
    void aTableHasRows() {
        assertThrows(IllegalArgumentException.class, () -> new FormatChoice.BreakEven(List.of()));
    }
}
