package dev.fedtiny.method;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.pruning.PositionPosterior;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What FedRTS remembers: the belief that every prunable weight should stay. In a checkpoint: number of layers (4), for each α and β of
 * every position (4 bytes each), then the grown positions.
 *
 * @param layers one a prunable parameter, in the network's order; empty when masks are never adjusted
 * @param grown positions of the last adjustments
 */
public record Posteriors(List<PositionPosterior> layers, GrownPositions grown) implements AlgorithmState {
    /** How checkpoints know it. */
    public static final Kind KIND = new Kind("posteriors", 3, Posteriors::read);

    /** Keeps its own list. */
    public Posteriors {
        layers = List.copyOf(layers);
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public void write(StateWriter writer) throws IOException {
        writer.int32(layers.size());
        for (PositionPosterior layer : layers) {
            writer.float32s(layer.alpha()).float32s(layer.beta());
        }
        grown.write(writer);
    }

    private static Posteriors read(StateReader reader, Network network) throws IOException {
        List<Integer> prunable = network.prunable();
        int count = reader.int32();
        if (count != 0 && count != prunable.size()) {
            throw reader.error(count + " layers of beliefs, expected none or " + prunable.size());
        }
        List<PositionPosterior> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int size = network.parameters().get(prunable.get(i)).size();
            float[] alpha = reader.float32s(size);
            layers.add(new PositionPosterior(alpha, reader.float32s(size)));
        }
        return new Posteriors(layers, GrownPositions.read(reader, network));
    }
}
