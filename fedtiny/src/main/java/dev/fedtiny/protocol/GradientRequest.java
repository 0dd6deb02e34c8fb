package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.SumLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradients that devices have kept since they trained, at the positions that most of them voted for. Payload: layers (4), for each its
 * parameter (4), positions (4) and these (4 each).
 *
 * @param layers in the order of the answer
 */
public record GradientRequest(List<Positions> layers) implements MaskedWork {
    /**
     * Positions of a layer.
     *
     * @param parameter position of the weight among the network's parameters
     * @param indices pruned positions, strictly ascending; not to be changed
     */
    public record Positions(int parameter, int[] indices) {
    }

    /** Keeps its own list. */
    public GradientRequest {
        layers = List.copyOf(layers);
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(layers.size());
        for (Positions layer : layers) {
            writer.int32(layer.parameter).int32(layer.indices.length);
            for (int index : layer.indices) {
                writer.int32(index);
            }
        }
    }

    @Override
    public SumLayout layout(Network network, List<Mask> masks, int devices) {
        return SumLayout.of(1 + layers.stream().mapToInt(layer -> layer.indices.length).sum(), 0, devices);
    }

    static GradientRequest read(PayloadReader reader, RequestContext context) {
        Network network = context.network();
        CachedMasks held = context.held();
        int count = reader.int32In("layers", 0, network.prunable().size());
        List<Positions> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int parameter = reader.int32();
            if (!network.prunable().contains(parameter) || held.masks().isEmpty()) {
                throw reader.content("gradients are asked of parameter " + parameter + ", which cannot be pruned or of which no mask is "
                        + "held");
            }
            int positions = reader.int32In("positions", 0, held.masks().get(parameter).size());
            reader.require(4L * positions);
            int[] indices = new int[positions];
            for (int j = 0; j < positions; j++) {
                indices[j] = GrowthRequest.readPosition(reader, held.masks().get(parameter), j == 0 ? -1 : indices[j - 1]);
            }
            layers.add(new Positions(parameter, indices));
        }
        return new GradientRequest(layers);
    }
}
