package dev.fedtiny.method;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import java.util.List;

/**
 * How many weights of a prunable layer are active, that is not pruned.
 *
 * @param name {@code state_dict} key of the weight
 * @param active m_l
 * @param size n_l
 */
public record LayerCount(String name, int active, int size) {
    /**
     * The counts of every prunable layer, input first.
     *
     * @param model whose masks are counted
     * @return one a prunable layer
     */
    public static List<LayerCount> of(ModelState model) {
        return model.network().prunable().stream().map(i -> {
            Parameter parameter = model.network().parameters().get(i);
            return new LayerCount(parameter.name(), model.mask(i).count(), parameter.size());
        }).toList();
    }
}
