package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.ConvolutionShape;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AlgorithmPolicyTest {
    private static final AlgorithmPolicy CHOICE = new AlgorithmPolicy.BreakEven(List.of(new AlgorithmPolicy.Row(8, 0.75),
            new AlgorithmPolicy.Row(2, 0.5)));

    private static Conv2dGeometry convolution(int width) {
        return new Conv2dGeometry(new Shape(4, width, width), 10, 1, 1, 1, 0);
    }

    @Test
    void followsWidthAndDensity() {
        assertEquals(ConvolutionAlgorithm.CSR, CHOICE.choose(convolution(8), 29, Mode.TRAINING));
        assertEquals(ConvolutionAlgorithm.DENSE, CHOICE.choose(convolution(8), 30, Mode.TRAINING));
        assertEquals(ConvolutionAlgorithm.CSR, CHOICE.choose(convolution(7), 19, Mode.TRAINING));
        assertEquals(ConvolutionAlgorithm.DENSE, CHOICE.choose(convolution(7), 20, Mode.TRAINING));
        assertEquals(ConvolutionAlgorithm.DENSE, CHOICE.choose(convolution(1), 20, Mode.TRAINING),
                "the last row holds for what is narrower too");
    }

    @Test
    void everythingKeptIsDense() {
        for (int width : new int[] {1, 2, 4, 8, 32}) {
            assertEquals(ConvolutionAlgorithm.DENSE, AlgorithmPolicy.AUTOMATIC.choose(convolution(width), 40, Mode.TRAINING));
            assertEquals(ConvolutionAlgorithm.CSR, AlgorithmPolicy.AUTOMATIC.choose(convolution(width), 4, Mode.TRAINING));
        }
    }

    @Test
    void whatWasMeasuredOfAShapeDecides() {
        AlgorithmPolicy measured = new AlgorithmPolicy.Measured(Map.of(ConvolutionShape.of(convolution(8)), 0.1,
                ConvolutionShape.of(convolution(2)), 2.0, ConvolutionShape.of(convolution(3)), 0.0));
        assertEquals(ConvolutionAlgorithm.CSR, measured.choose(convolution(8), 3, Mode.TRAINING));
        assertEquals(ConvolutionAlgorithm.DENSE, measured.choose(convolution(8), 4, Mode.TRAINING));
        assertEquals(ConvolutionAlgorithm.CSR, measured.choose(convolution(2), 40, Mode.TRAINING));
        assertEquals(ConvolutionAlgorithm.DENSE, measured.choose(convolution(3), 0, Mode.TRAINING));
        for (int kept = 0; kept <= 40; kept++) {
            assertEquals(AlgorithmPolicy.DIRECT.choose(convolution(5), kept, Mode.TRAINING),
                    measured.choose(convolution(5), kept, Mode.TRAINING), "a shape it does not have");
        }
        Map<ConvolutionShape, Double> nothing = Map.of(ConvolutionShape.of(convolution(8)), Double.NaN);
        assertThrows(IllegalArgumentException.class, () -> new AlgorithmPolicy.Measured(nothing));
    }

    @Test
    void transformsWhereThereIsAFormInTheModesItIsFor() {
        AlgorithmPolicy choice = new AlgorithmPolicy.Transformed(CHOICE, Set.of(Mode.TRAINING), 0.5, 8);
        Conv2dGeometry plain = new Conv2dGeometry(new Shape(8, 4, 6), 10, 3, 3, 1, 1);
        assertEquals(ConvolutionAlgorithm.WINOGRAD, choice.choose(plain, 360, Mode.TRAINING));
        assertEquals(ConvolutionAlgorithm.CSR, choice.choose(plain, 359, Mode.TRAINING), "too sparse");
        assertEquals(ConvolutionAlgorithm.DENSE, choice.choose(plain, 720, Mode.INFERENCE));
        assertEquals(ConvolutionAlgorithm.DENSE, choice.choose(plain, 720, Mode.STATISTICS));
        Conv2dGeometry layer = new Conv2dGeometry(new Shape(32, 8, 8), 32, 3, 3, 1, 1);
        Conv2dGeometry narrow = new Conv2dGeometry(new Shape(16, 8, 8), 32, 3, 3, 1, 1);
        assertEquals(ConvolutionAlgorithm.DENSE, AlgorithmPolicy.AUTOMATIC.choose(narrow, narrow.weights(), Mode.TRAINING));
        for (Mode mode : Mode.values()) {
            assertEquals(mode == Mode.TRAINING ? ConvolutionAlgorithm.WINOGRAD : ConvolutionAlgorithm.DENSE,
                    AlgorithmPolicy.AUTOMATIC.choose(layer, layer.weights(), mode));
            assertEquals(ConvolutionAlgorithm.WINOGRAD, AlgorithmPolicy.TRANSFORMED.choose(layer, layer.weights(), mode));
            assertEquals(ConvolutionAlgorithm.CSR, AlgorithmPolicy.TRANSFORMED.choose(layer, layer.weights() / 3, mode));
        }
        for (Conv2dGeometry other : List.of(new Conv2dGeometry(new Shape(7, 4, 6), 10, 3, 3, 1, 1),
                new Conv2dGeometry(new Shape(8, 4, 6), 7, 3, 3, 1, 1), new Conv2dGeometry(new Shape(8, 4, 6), 10, 3, 3, 2, 1),
                new Conv2dGeometry(new Shape(8, 4, 6), 10, 1, 1, 1, 0), new Conv2dGeometry(new Shape(8, 6, 8), 10, 3, 3, 1, 0),
                new Conv2dGeometry(new Shape(8, 5, 6), 10, 3, 3, 1, 1), new Conv2dGeometry(new Shape(8, 2, 6), 10, 3, 3, 1, 1))) {
            assertEquals(ConvolutionAlgorithm.DENSE, choice.choose(other, other.weights(), Mode.TRAINING), other.toString());
        }
        assertThrows(IllegalArgumentException.class, () -> new AlgorithmPolicy.Transformed(CHOICE, Set.of(Mode.TRAINING), Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> new AlgorithmPolicy.Transformed(CHOICE, Set.of(Mode.TRAINING), 0.5, 0));
    }

    @Test
    void aTableHasRows() {
        assertThrows(IllegalArgumentException.class, () -> new AlgorithmPolicy.BreakEven(List.of()));
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
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            try (Session session = Session.open(sample.state(), Mode.TRAINING, 16, Workers.of(1), new AlgorithmPolicy.Always(algorithm))) {
                List<Long> bits = SessionBits.step(session, sample);
                if (expected != null) {
                    assertEquals(expected, bits, algorithm.toString());
                }
                expected = bits;
            }
        }
    }
}
