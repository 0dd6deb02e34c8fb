package dev.fedtiny.engine.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.WeightFormat;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FormatChoiceTest {
    private static final FormatChoice CHOICE = new FormatChoice.BreakEven(List.of(new FormatChoice.Row(8, 0.75),
            new FormatChoice.Row(2, 0.5)));

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
    void whatWasMeasuredOfAShapeDecides() {
        FormatChoice measured = new FormatChoice.Measured(Map.of(ConvolutionShape.of(convolution(8)), 0.1,
                ConvolutionShape.of(convolution(2)), 2.0, ConvolutionShape.of(convolution(3)), 0.0));
        assertEquals(WeightFormat.CSR, measured.choose(convolution(8), 3));
        assertEquals(WeightFormat.DENSE, measured.choose(convolution(8), 4));
        assertEquals(WeightFormat.CSR, measured.choose(convolution(2), 40));
        assertEquals(WeightFormat.DENSE, measured.choose(convolution(3), 0));
        for (int kept = 0; kept <= 40; kept++) {
            assertEquals(FormatChoice.AUTOMATIC.choose(convolution(5), kept), measured.choose(convolution(5), kept),
                    "a shape it does not have");
        }
        Map<ConvolutionShape, Double> nothing = Map.of(ConvolutionShape.of(convolution(8)), Double.NaN);
        assertThrows(IllegalArgumentException.class, () -> new FormatChoice.Measured(nothing));
    }

    @Test
    void aTableHasRows() {
        assertThrows(IllegalArgumentException.class, () -> new FormatChoice.BreakEven(List.of()));
    }

    /** Output rows of 1 to 12 pixels: every tile of the kernels and what it leaves over. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6, 8, 11, 12})
    void allFormsGiveTheSameBits(int width) {
        Network.Builder builder = Network.builder(new Shape(3, width, width)).block("all");
        int x = builder.relu(builder.conv2d("first", 0, 5, 3, 1, 1, true, true));
        x = builder.relu(builder.add(builder.conv2d("second", x, 5, 3, 1, 1, true, true), x));
        builder.linear("out", x, 3, true, true);
        Sample sample = Sample.of(builder.build(), Sparsity.THIRTY_PERCENT, 11, 3);
        List<Long> expected = null;
        for (WeightFormat format : WeightFormat.values()) {
            try (Session session = Session.open(sample.state(), Mode.TRAINING, 16, Workers.of(1), new FormatChoice.Always(format))) {
                List<Long> bits = SessionBits.step(session, sample);
                if (expected != null) {
                    assertEquals(expected, bits, format.toString());
                }
                expected = bits;
            }
        }
    }
}
