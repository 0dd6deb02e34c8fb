package dev.fedtiny.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.StoredWeights;
import dev.fedtiny.engine.io.WeightStorage;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.loss.ClassWeights;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.pruning.RigL;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.BitmaskWeights;
import dev.fedtiny.engine.sparse.CsrWeights;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.SquaredGradients;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.UpdateRule;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Numbers and lengths that cannot be, and methods out of order: a sentence, no index out of bounds and no loop without an end. */
@Tag("once")
class HostileArgumentsTest {
    private static final ModelState STATE = Initializer.initialize(new NetworkSpec(Architecture.MLP, new Shape(1, 2, 2), 3, 2).build(), 1);

    private static void says(Class<? extends RuntimeException> type, String part, Executable call) {
        String message = assertThrows(type, call).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static void says(String part, Executable call) {
        says(IllegalArgumentException.class, part, call);
    }

    /** With −1 weights the smallest density was looked for without an end. */
    @Test
    @Timeout(60)
    void ofPruning() {
        says("layer 0 has -1 weights", () -> LayerCounts.smallestDensity(new int[] {-1}));
        says("layer 1 has 0 weights", () -> LayerCounts.uniform(new int[] {5, 0}, 0.5));
        says("counts of 1 layers and sizes of 2", () -> LayerCounts.fit(new int[1], new int[] {5, 5}, 1, 1));
        ModelState pruned = Magnitude.uniform(STATE, 0.5);
        says("weight' is to keep 12 of 6 active weights", () -> Magnitude.uniform(pruned, 1));
        says("counts of 9 layers", () -> Magnitude.atMost(STATE, new int[9]));
        says("active positions of 1 parameters", () -> new RigL(0.5, 1, 2).bufferBytes(STATE.network(), new int[1], 1));
        says("got -1 active", () -> new RigL(0.5, 1, 2).bufferBytes(STATE.network(), new int[] {-1, 0, 0, 0, 0, 0}, 1));
        says("got -1 active", () -> new Adam().stateBytes(STATE.network(), new int[] {-1, 0, 0, 0, 0, 0}));
        says("2 of 1 positions", () -> new RigL(0.5, 1, 2).count(1, 2, 1));
        says("after step -1", () -> new RigL(0.5, 1, 2).count(-1, 1, 2));
        assertEquals(0, new RigL(0.5, 1, 5).count(7, 100, 1000));
        says("2 weights are the nearest that 2 layers of 10 weights come", () -> LayerCounts.fit(new int[] {1, 1}, new int[] {5, 5}, 0, 1));
        says("10 weights are the nearest", () -> LayerCounts.fit(new int[] {1, 1}, new int[] {5, 5}, 50, 60));
    }

    /** An application's own: found when the state was written, or never. */
    @Test
    void ofOptimizers() {
        record Own(String kind, List<String> state, double factor) implements UpdateRule {
            @Override
            public double rateFactor(Parameter parameter) {
                return factor;
            }

            @Override
            public void update(double rate, long step, float[] values, float[] gradient, float[][] state, int from, int to) {
            }
        }

        try (Session session = Session.open(STATE, Mode.TRAINING, 1)) {
            says("two states called 'm'", () -> new Own("own", List.of("m", "m"), 1).bind(session));
            says("half a surrogate pair", () -> new Own("own", List.of("m\uD800"), 1).bind(session));
            says("half a surrogate pair", () -> new Own("\uD800", List.of(), 1).bind(session));
            says(NullPointerException.class, "kind is null", () -> new Own(null, List.of(), 1).bind(session));
            for (double factor : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
                says("is multiplied by " + factor, () -> new Own("own", List.of(), factor).bind(session));
            }
            new Own("own", List.of("m"), 0).bind(session);
        }
        says("epsilon is 1.0E300", () -> new LayerNorm("norm", 0, STATE.network().input(), 1e300));
        says("epsilon is 1.0E300", () -> new GroupNorm("norm", 0, STATE.network().input(), 1, 1e300));
    }

    @Test
    void ofWeightsAndSinks() {
        for (WeightStorage storage : WeightStorage.values()) {
            says("4 weights of rows of 2", () -> storage.rounded(Mask.full(6), 2, new float[4]));
            says("rows of 0 positions", () -> StoredWeights.of(storage, Mask.full(6), 0, new float[6]));
            says("1 weights", () -> StoredWeights.of(storage, Mask.full(1), 1, new float[1]).decode(Mask.full(2), 1));
            says("-1 weights", () -> StoredWeights.read(ByteBuffer.allocate(9), storage, -1, 1));
        }
        says("2 bits are set, expected 1", () -> BitmaskWeights.indices(new long[] {3}, 1));
        says("1 column indices", () -> CsrWeights.readMask(Mask.full(4), 2, new int[3], new int[1]));
        says("0 row pointers", () -> CsrWeights.readMask(Mask.full(4), 2, new int[0], new int[4]));
        says("must be in [0, ", () -> new TopK(Integer.MAX_VALUE));
        says("must be in [0, ", () -> TopK.bytes(-1));
        says("index -1", () -> new TopK(3).offer(-1, 2));
        says("a weight of -1", () -> new SquaredGradients(-1));
        says("only for 0 to 1", () -> ClassWeights.of(1, 2).of(2));
        says("layer 9", () -> STATE.network().shape(new Network.Output("y", 9)));
        says("must be in [1, 1024]", () -> MemoryEstimate.of(STATE, Mode.INFERENCE, 1, Integer.MAX_VALUE, SessionOptions.DEFAULT));
    }

    /** Positions that no int can say wrapped around: the pass came by an index out of bounds, or by others' values. */
    @ParameterizedTest
    @EnumSource
    @Timeout(60)
    void ofPadding(Mode mode) {
        ModelState wide = convolution(new PerAxis(3, 3), PerAxis.ONE, Padding.all(20_000), PerAxis.both(20_000));
        ModelState deep = convolution(new PerAxis(1, 3), PerAxis.ONE, Padding.horizontal(300_000_000, 300_000_000),
                new PerAxis(1, 300_000_000));
        for (ModelState state : new ModelState[] {wide, deep}) {
            for (int batch : new int[] {1, 9}) {
                says("more than a Java array holds", () -> Session.open(state, mode, batch).close());
                says("more than a Java array holds", () -> MemoryEstimate.of(state, mode, batch, 1, SessionOptions.DEFAULT));
            }
        }
    }

    /** A stride was walked pixel by pixel, some times a tap. */
    @ParameterizedTest
    @EnumSource
    @Timeout(60)
    void ofStrides(Mode mode) {
        ModelState state = convolution(PerAxis.ONE, PerAxis.both(300_000_000), Padding.all(300_000_000), PerAxis.ONE);
        for (int batch : new int[] {1, 9}) {
            try (Session session = Session.open(state, mode, batch)) {
                session.setImages(new float[] {2}, 1);
                session.forward(1);
                assertArrayEquals(new float[] {0, 0, 0, 0, 2 * state.values(0)[0], 0, 0, 0, 0}, session.outputs());
            }
        }
    }

    private static ModelState convolution(PerAxis kernel, PerAxis stride, Padding padding, PerAxis dilation) {
        Network.Builder net = Network.builder(new Shape(1, 1, 1)).block("all");
        net.conv2d("only", 0, new Conv2dGeometry(new Shape(1, 1, 1), 1, kernel, stride, padding, dilation, 1), false, true);
        return Initializer.initialize(net.build(), 1);
    }

    /** It passed for a state, of which a file was begun. */
    @Test
    void ofStates() {
        says("0 masks and 0 value arrays for 6 parameters", () -> ModelState.ofSession(STATE.network(), new Mask[0], new float[0][]));
        float[][] values = STATE.allValues().toArray(float[][]::new);
        values[1] = new float[9];
        says("got 9 values", () -> ModelState.ofSession(STATE.network(), STATE.masks().toArray(Mask[]::new), values));
    }

    @Test
    void ofLayouts() {
        says("0 images of 8×8", () -> Layout.tiled(0, 8, 8));
        assertEquals(Layout.IMAGES, Layout.tiled(1 << 30, 8, 8));
        try (Session session = Session.open(STATE, Mode.TRAINING, 1)) {
            says("parameter 9, must be in [0, 6)", () -> session.maskVersion().mask(9));
        }
    }

    @Test
    void ofMeters() {
        Meter meter = new Meter(Workers.of(1));
        says("no operator 0 among 0", () -> meter.open(0));
        int operator = meter.operator("work");
        for (Executable call : new Executable[] {meter::close, () -> meter.rename(operator), () -> meter.stop(PassKind.ENCODE, 1),
            () -> meter.count(PassKind.FORWARD, 1, 1, 1, 1)}) {
            says(IllegalStateException.class, "no operator is open", call);
        }
        meter.start(operator);
        says("no operator 1 among 1", () -> meter.rename(1));
        meter.stop(PassKind.ENCODE, 1);
    }
}
