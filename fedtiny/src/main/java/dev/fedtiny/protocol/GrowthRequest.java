package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;

/**
 * One layer of an adjustment: send the largest gradients of its pruned positions. As part of a task: number of layers (4), for every layer
 * its parameter (4) and limit (4).
 *
 * @param parameter position of the weight among the network's parameters
 * @param limit a_l, how many at most
 */
public record GrowthRequest(int parameter, int limit) {
    /**
     * Writes the layers of an adjustment.
     *
     * @param writer takes them
     * @param layers in the order of the answer
     */
    public static void write(PayloadWriter writer, List<GrowthRequest> layers) {
        writer.int32(layers.size());
        layers.forEach(request -> writer.int32(request.parameter).int32(request.limit));
    }

    /**
     * Reads the layers of an adjustment of a model under masks.
     *
     * @param reader at the number of layers
     * @param network the run's
     * @param masks one a parameter
     * @return in the order they were written
     * @throws ProtocolException if a layer cannot be pruned, is named twice, or has fewer pruned positions than are asked for
     */
    public static List<GrowthRequest> read(PayloadReader reader, Network network, List<Mask> masks) {
        int count = reader.int32In("growth layers", 0, network.prunable().size());
        List<GrowthRequest> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            GrowthRequest request = new GrowthRequest(reader.int32(), reader.int32());
            int parameter = request.parameter;
            if (parameter < 0 || parameter >= masks.size() || !network.parameters().get(parameter).prunable()
                    || layers.stream().anyMatch(earlier -> earlier.parameter == parameter)) {
                throw reader.content("growth is asked of parameter " + parameter + ", which cannot be pruned or was named before");
            }
            Mask mask = masks.get(parameter);
            if (request.limit < 0 || request.limit > mask.size() - mask.count()) {
                throw reader.content("growth of " + request.limit + " is asked of a layer with " + (mask.size() - mask.count())
                        + " pruned weights");
            }
            layers.add(request);
        }
        return layers;
    }

    /**
     * Reads a pruned position of a layer.
     *
     * @param previous the position before it, which it must exceed; -1 for none
     * @param reader at the position
     * @param mask of the layer
     * @return a flat index, above {@code previous}, at which the mask is not active
     * @throws ProtocolException if it is none
     */
    public static int readPosition(PayloadReader reader, Mask mask, int previous) {
        int index = reader.int32();
        if (index <= previous || index >= mask.size()) {
            throw reader.content("growth index " + index + " follows " + previous + "; indices must rise strictly and stay below "
                    + mask.size());
        }
        if (mask.contains(index)) {
            throw reader.content("growth index " + index + " is not a pruned position");
        }
        return index;
    }
}
