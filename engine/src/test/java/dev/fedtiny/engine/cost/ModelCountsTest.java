package dev.fedtiny.engine.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.WeightedLayer;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters and multiply-adds of every model at full width, against the published counts. */
class ModelCountsTest {
    private static Network network(String key) {
        return new NetworkSpec(Architecture.ofKey(key), new Shape(3, 32, 32), 64, 10).build();
    }

    @ParameterizedTest
    @CsvSource({"resnet18,11173962,555422720", "vgg11,9425674,152963584", "vgg11-imagenet,128812810,272343040",
        "cnn-32-64-32,104810,4254336", "cnn-8-16-32,72986,529632", "cnn-8-16-16,37898,460000", "cnn-8-8-8,10298,309792"})
    void hasTheKnownCounts(String key, long parameters, long macs) {
        Network network = network(key);
        assertEquals(parameters, network.trainableCount());
        long dense = IntStream.range(0, network.parameters().size())
                .mapToLong(p -> network.parameters().get(p).size() * ExactCost.positions(network, p)).sum();
        assertEquals(macs, dense);
    }

    @Test
    void resNetsBlocksHaveTheKnownWeights() {
        Network network = network("resnet18");
        long[] expected = {147_456, 524_288, 2_097_152, 8_388_608};
        for (int i = 0; i < expected.length; i++) {
            long weights = network.blocks().get(i).parameters().stream().map(network.parameters()::get)
                    .filter(p -> p.kind() == Parameter.Kind.CONVOLUTION_WEIGHT).mapToLong(Parameter::size).sum();
            assertEquals(expected[i], weights, network.blocks().get(i).name());
        }
    }

    @Test
    void exactCostFollowsTheMask() {
        Network.Builder net = Network.builder(new Shape(2, 6, 6)).block("b");
        int x = net.conv2d("a", 0, 3, 3, 1, 1, false, true);
        x = net.conv2d("b", net.relu(x), 4, 3, 2, 1, true, true);
        net.linear("c", net.globalAveragePool(x), 5, true, true);
        Network network = net.build();
        ModelState dense = Initializer.initialize(network, 1);
        List<Mask> masks = new ArrayList<>(dense.masks());
        masks.set(0, Mask.of(54, new int[] {0, 7, 50}));
        masks.set(1, Mask.of(108, new int[] {1, 2, 3, 4, 100}));
        ModelState state = dense.masked(masks);
        long forward = 3 * 36 + 5 * 9 + 20;
        long backward = 5 * 9 + 20;
        assertEquals(forward, ExactCost.forwardMacs(state));
        assertEquals(backward, ExactCost.backwardDataMacs(state));
        assertEquals(2 * 7 * (2 * forward + backward), ExactCost.trainingFlops(state, 7));
        assertEquals(2 * 7 * (51 * 36 + 103 * 9), ExactCost.growthFlops(state, List.of(0, 1), 7));
        assertEquals(3, network.layers().stream().filter(l -> l instanceof WeightedLayer).count());
        assertEquals(36, ExactCost.positions(network, 0));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ExactCost.positions(network, 99)).getMessage()
                .contains("parameter 99"));
    }
}
