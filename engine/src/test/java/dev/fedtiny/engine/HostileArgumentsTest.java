package dev.fedtiny.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.StoredWeights;
import dev.fedtiny.engine.io.WeightStorage;
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
import dev.fedtiny.engine.sparse.BitmaskWeights;
import dev.fedtiny.engine.sparse.CsrWeights;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.SquaredGradients;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Shape;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

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
    @Timeout(20)
    void ofPruning() {
        says("layer 0 has -1 weights", () -> LayerCounts.smallestDensity(new int[] {-1}));
        says("layer 1 has 0 weights", () -> LayerCounts.uniform(new int[] {5, 0}, 0.5));
        says("counts of 1 layers and sizes of 2", () -> LayerCounts.fit(new int[1], new int[] {5, 5}, 1, 1));
        ModelState pruned = Magnitude.uniform(STATE, 0.5);
        says("weight' is to keep 12 of 6 active weights", () -> Magnitude.uniform(pruned, 1));
        says("counts of 9 layers", () -> Magnitude.atMost(STATE, new int[9]));
        says("active positions of 1 parameters", () -> new RigL(0.5, 1, 2).bufferBytes(STATE.network(), new int[1], 1));
        says("got -1 active", () -> new RigL(0.5, 1, 2).bufferBytes(STATE.network(), new int[] {-1, 0, 0, 0, 0, 0}, 1));
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
        says("a weight of -1", () -> new SquaredGradients(-1));
        says("only for 0 to 1", () -> ClassWeights.of(1, 2).of(2));
        says("layer 9", () -> STATE.network().shape(new Network.Output("y", 9)));
        says("must be in [1, 1024]", () -> MemoryEstimate.of(STATE, Mode.INFERENCE, 1, Integer.MAX_VALUE, SessionOptions.DEFAULT));
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
