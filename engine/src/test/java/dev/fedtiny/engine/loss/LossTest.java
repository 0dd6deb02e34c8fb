package dev.fedtiny.engine.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.testing.FiniteDifferences;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses by themselves and over a session's output: gradients against differences, sums of several, what is refused. */
class LossTest {
    private static final Shape VECTOR = Shape.features(5);
    private static final Shape MAP = new Shape(3, 2, 2);
    private static final int IMAGES = 11;

    static Stream<Arguments> losses() {
        ClassWeights five = ClassWeights.of(0.5f, 1, 2, 0, 3);
        ClassWeights three = ClassWeights.of(1, 0.25f, 2);
        return Stream.of(
                Arguments.of(new MeanSquaredError(), VECTOR), Arguments.of(new MeanSquaredError(), MAP),
                Arguments.of(new MeanAbsoluteError(), MAP), Arguments.of(new BinaryCrossEntropy(), MAP),
                Arguments.of(new Distillation(3), VECTOR), Arguments.of(new Distillation(0.5), MAP),
                Arguments.of(new CrossEntropy(), VECTOR), Arguments.of(new CrossEntropy(), MAP),
                Arguments.of(new CrossEntropy(0.2, five), VECTOR), Arguments.of(new CrossEntropy(0, five), VECTOR),
                Arguments.of(new CrossEntropy(0.2, three), MAP), Arguments.of(new CrossEntropy(0.1, ClassWeights.EQUAL).summed(), MAP),
                Arguments.of(new SoftCrossEntropy(), VECTOR), Arguments.of(new SoftCrossEntropy(0.3, three), MAP));
    }

    @SuppressWarnings("unchecked")
    private static <T> T targets(Loss<T> loss, Shape output) {
        RandomStream random = RandomStream.of(3, "targets");
        if (loss.toString().startsWith("CrossEntropy") || loss.toString().contains("=CrossEntropy")) {
            int[] labels = new int[IMAGES * output.pixels()];
            Arrays.setAll(labels, i -> random.nextInt(output.channels()));
            return (T) labels;
        }
        float[] values = new float[IMAGES * output.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble();
        }
        return (T) values;
    }

    @ParameterizedTest
    @MethodSource("losses")
    <T> void gradientsAreThoseOfTheLoss(Loss<T> loss, Shape output) {
        T targets = targets(loss, output);
        loss.check(output, IMAGES, targets);
        RandomStream random = RandomStream.of(4, "outputs");
        for (int image = 0; image < IMAGES; image++) {
            int one = image;
            double[] x = new double[output.size()];
            Arrays.setAll(x, _ -> 2 + 2 * random.nextGaussian());
            double[] gradient = x.clone();
            loss.differentiate(output, gradient, one, targets);
            FiniteDifferences.check(loss + ", image " + one, x, gradient,
                    at -> loss.differentiate(output, at.clone(), one, targets));
        }
    }

    /** Soft targets that are all 0 but for one are labels; a target of logits that are the own ones costs nothing. */
    @Test
    void lossesAgreeWhereTheyMeet() {
        ClassWeights weights = ClassWeights.of(0.5f, 1, 2, 0.1f, 3);
        float[] oneHot = {0, 0, 1, 0, 0};
        double[] x = {1, -2, 0.5, 3, 0};
        for (double smoothing : new double[] {0, 0.2}) {
            double[] hard = x.clone();
            double[] soft = x.clone();
            double expected = new CrossEntropy(smoothing, weights).differentiate(VECTOR, hard, 0, new int[] {2});
            assertEquals(expected, new SoftCrossEntropy(smoothing, weights).differentiate(VECTOR, soft, 0, oneHot), 1e-14);
            assertArrayEquals(hard, soft, 1e-14);
        }
        double[] same = x.clone();
        assertEquals(0, new Distillation(2).differentiate(VECTOR, same, 0, new float[] {1, -2, 0.5f, 3, 0}), 1e-14);
        assertArrayEquals(new double[5], same, 1e-14);
        // A pixel is as an image with its channels as classes.
        double[] map = {1, 9, -2, 9, 0.5, 9};
        double[] channels = {1, -2, 0.5};
        double pixels = new CrossEntropy().differentiate(new Shape(3, 1, 2), map, 0, new int[] {1, 0});
        double first = new CrossEntropy().differentiate(Shape.features(3), channels, 0, new int[] {1});
        assertEquals(first + Math.log(3), pixels, 1e-14);
        assertArrayEquals(channels, new double[] {map[0], map[2], map[4]}, 1e-15);
    }

    /** As PyTorch, which normalises nothing: targets of a sum s count s times, and once in the mean. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 1, 2})
    void softTargetsCountByTheirSum(double sum) {
        double[] x = {1, -2, 0.5, 3, 0};
        float[] whole = {0.25f, 0, 0.25f, 0.5f, 0};
        float[] part = new float[5];
        for (int c = 0; c < 5; c++) {
            part[c] = (float) sum * whole[c];
        }
        double[] gradient = x.clone();
        double[] other = x.clone();
        double loss = new SoftCrossEntropy().differentiate(VECTOR, gradient, 0, whole);
        assertEquals(sum * loss, new SoftCrossEntropy().differentiate(VECTOR, other, 0, part), 1e-6);
        assertArrayEquals(Arrays.stream(gradient).map(g -> sum * g).toArray(), other, 1e-6);
        float[] classes = {1, 0, 1, 0, 0};
        double labels = new CrossEntropy().differentiate(VECTOR, x.clone(), 0, new int[] {0})
                + new CrossEntropy().differentiate(VECTOR, x.clone(), 0, new int[] {2});
        assertEquals(labels, new SoftCrossEntropy().differentiate(VECTOR, x.clone(), 0, classes), 1e-14);
        assertEquals(IMAGES, new SoftCrossEntropy().divisor(VECTOR, IMAGES, new float[5 * IMAGES]));
    }

    private static Session session(Shape shape, Workers workers) {
        Network.Builder outputs = Network.builder(shape);
        outputs.add(new Identity(0, shape));
        Network network = outputs.build();
        Session session = Session.open(ModelState.of(network, List.of(), List.of()), Mode.TRAINING, 16, workers,
                SessionOptions.DEFAULT.withInputGradient(InputGradient.COMPUTED));
        RandomStream random = RandomStream.of(5, "images");
        float[] images = new float[IMAGES * shape.size()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        session.setImages(images, IMAGES);
        session.forward(IMAGES);
        return session;
    }

    private record Lesson(int[] labels, float[] teacher) {
    }

    @Test
    void anObjectiveIsAWeightedSum() {
        Loss<int[]> hard = new CrossEntropy(0.1, ClassWeights.EQUAL);
        Loss<float[]> soft = new Distillation(4);
        Objective<Lesson> objective = (lesson, terms) -> {
            terms.add(0.3, hard, lesson.labels());
            terms.add(0.7, soft, lesson.teacher());
        };
        Lesson lesson = new Lesson(targets(hard, VECTOR), targets(soft, VECTOR));
        float[][] sums = new float[2][];
        for (int threads = 1; threads <= 2; threads++) {
            try (Workers workers = Workers.of(threads); Session session = session(VECTOR, workers)) {
                double first = session.backward(hard, lesson.labels());
                float[] gradient = session.inputGradient();
                session.forward(IMAGES);
                double second = session.backward(soft, lesson.teacher());
                float[] other = session.inputGradient();
                session.forward(IMAGES);
                assertEquals(0.3 * first + 0.7 * second, session.backward(objective, lesson), 1e-14);
                sums[threads - 1] = session.inputGradient();
                for (int i = 0; i < other.length; i++) {
                    assertEquals(0.3 * gradient[i] + 0.7 * other[i], sums[threads - 1][i], 1e-8);
                }
                assertEquals(session.loss(objective, lesson), 0.3 * first + 0.7 * second, 1e-14);
            }
        }
        assertArrayEquals(sums[0], sums[1]);
    }

    /** The session's own labels, an objective, and the loss's gradient computed elsewhere start the same backward pass, bit by bit. */
    @Test
    void ownLabelsAndGivenGradientsAreTheSame() {
        int[] labels = targets(new CrossEntropy(), VECTOR);
        try (Session session = session(VECTOR, Workers.of(1))) {
            System.arraycopy(labels, 0, session.labels(), 0, IMAGES);
            double sum = session.lossSum();
            session.backward();
            float[] own = session.inputGradient();
            session.forward(IMAGES);
            assertEquals(sum / IMAGES, session.backward(new CrossEntropy(), labels));
            assertArrayEquals(own, session.inputGradient());
            session.forward(IMAGES);
            session.backward(own);
            assertArrayEquals(own, session.inputGradient());
        }
    }

    /** As PyTorch's cross entropy of reduction "sum", where "mean" gives NaN there. */
    @Test
    void aSumOverLabelsOfWeightZeroIsZero() {
        try (Session session = session(VECTOR, Workers.of(1))) {
            Loss<int[]> sum = new CrossEntropy(0, ClassWeights.of(0, 1, 1, 1, 1)).summed();
            int[] labels = new int[IMAGES];
            assertEquals(0, session.loss(sum, labels));
            assertEquals(0, session.backward(sum, labels));
            for (float gradient : session.inputGradient()) {
                assertEquals(0, Math.abs(gradient));
            }
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        try (Session session = session(VECTOR, Workers.of(1))) {
            float[] targets = new float[IMAGES * 5];
            refused(session, new MeanSquaredError(), new float[54], "54 targets; 11 images with outputs of 5×1×1 need 55");
            refused(session, new BinaryCrossEntropy(), filled(targets, 7, 1.5f), "target 2 of image 1 is 1.5, must be in [0, 1]");
            refused(session, new SoftCrossEntropy(), filled(targets, 8, -0.25f), "target 3 of image 1 is -0.25, must be in [0, 1]");
            refused(session, new CrossEntropy(), new int[12], "12 labels; 11 images");
            int[] labels = new int[IMAGES];
            labels[4] = 5;
            refused(session, new CrossEntropy(), labels, "image 4 has label 5, must be in [0, 5)");
            labels[4] = -1;
            refused(session, new CrossEntropy(), labels, "image 4 has label -1");
            labels[4] = 0;
            refused(session, new CrossEntropy(0, ClassWeights.of(1, 2, 3)), labels, "3 class weights for outputs of 5 classes");
            refused(session, new CrossEntropy(0, ClassWeights.of(0, 1, 1, 1, 1)), labels, "there is no mean");
            refused(session, new MeanSquaredError(), null, "term 0 has no targets");
            Objective<int[]> none = (_, _) -> { };
            refused(session, none, labels, "names no term");
            Objective<int[]> infinite = (l, terms) -> terms.add(Double.POSITIVE_INFINITY, new CrossEntropy(), l);
            refused(session, infinite, labels, "term 0 has weight Infinity");
            String nan = assertThrows(NonFiniteException.class,
                    () -> session.backward(new MeanAbsoluteError(), filled(targets, 54, Float.NaN))).getMessage();
            assertTrue(nan.contains("target 4 of image 10 is NaN"), nan);
            String soft = assertThrows(NonFiniteException.class,
                    () -> session.loss(new SoftCrossEntropy(), filled(targets, 9, Float.POSITIVE_INFINITY))).getMessage();
            assertTrue(soft.contains("soft cross entropy: target 4 of image 1 is Infinity"), soft);
            String infinity = assertThrows(NonFiniteException.class,
                    () -> session.loss(new Distillation(1), filled(targets, 0, Float.NEGATIVE_INFINITY))).getMessage();
            assertTrue(infinity.contains("target 0 of image 0 is -Infinity"), infinity);
            // None of that has used up the pass.
            session.backward(new CrossEntropy(), labels);
        }
        assertThrows(IllegalArgumentException.class, () -> new CrossEntropy(1.1, ClassWeights.EQUAL));
        assertThrows(IllegalArgumentException.class, () -> new SoftCrossEntropy(Double.NaN, ClassWeights.EQUAL));
        assertThrows(IllegalArgumentException.class, () -> new Distillation(0));
        assertThrows(IllegalArgumentException.class, () -> ClassWeights.of(1, -1));
        assertThrows(IllegalArgumentException.class, () -> ClassWeights.of(0, 0));
    }

    private static float[] filled(float[] zeros, int at, float value) {
        float[] targets = zeros.clone();
        targets[at] = value;
        return targets;
    }

    private static <T> void refused(Session session, Objective<T> objective, T targets, String words) {
        for (boolean backward : new boolean[] {false, true}) {
            String message = assertThrows(IllegalArgumentException.class, () -> {
                if (backward) {
                    session.backward(objective, targets);
                } else {
                    session.loss(objective, targets);
                }
            }).getMessage();
            assertTrue(message.contains(words), message);
        }
    }

    /** Of a loss of an application's own. */
    @Test
    void aDivisorThatIsNoneIsNamed() {
        record Divided(double divisor) implements Loss<float[]> {
            @Override
            public void check(Shape output, int images, float[] targets) {
            }

            @Override
            public double divisor(Shape output, int images, float[] targets) {
                return divisor;
            }

            @Override
            public double differentiate(Shape output, double[] values, int image, float[] targets) {
                return 0;
            }
        }

        try (Session session = session(VECTOR, Workers.of(1))) {
            for (double divisor : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
                String message = assertThrows(IllegalArgumentException.class,
                        () -> session.backward(new Divided(divisor), new float[0])).getMessage();
                assertTrue(message.contains("divides by " + divisor + ", must be above 0"), message);
            }
        }
    }

    /** A loss of an application's own; one that gives no number is named, with the image. */
    @Test
    void aLossOfOnesOwn() {
        record Logarithm() implements Loss<float[]> {
            @Override
            public void check(Shape output, int images, float[] targets) {
            }

            @Override
            public double divisor(Shape output, int images, float[] targets) {
                return images;
            }

            @Override
            public double differentiate(Shape output, double[] values, int image, float[] targets) {
                double loss = 0;
                for (int i = 0; i < values.length; i++) {
                    loss += targets[image] * Math.log(Math.abs(values[i]));
                    values[i] = targets[image] / values[i];
                }
                return loss;
            }
        }

        float[] targets = new float[IMAGES];
        Arrays.fill(targets, 1);
        try (Session session = session(MAP, Workers.of(1))) {
            double loss = session.backward(new Logarithm(), targets);
            assertTrue(Double.isFinite(loss));
            assertEquals(1 / session.outputs()[13] / IMAGES, session.inputGradient()[13], 1e-6);
            session.forward(IMAGES);
            targets[6] = Float.NaN;
            String message = assertThrows(NonFiniteException.class, () -> session.loss(new Logarithm(), targets)).getMessage();
            assertTrue(message.contains("Logarithm[], gives NaN for image 6"), message);
        }
    }
}
