package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.GrowthRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an adjustment came to, told from the masks before and after it.
 *
 * @param model the adjusted model
 * @param layers one a layer asked
 * @param grown memory of what grew, for the next adjustment
 * @param changed whether any mask did
 */
public record MaskChange(ModelState model, List<LayerAdjustment> layers, GrownPositions grown, boolean changed) {
    /**
     * The change between two models.
     *
     * @param before the model before the adjustment
     * @param after the model after it
     * @param asked layers whose turn it was, with a_l
     * @param memory positions of earlier adjustments
     * @return the change
     */
    public static MaskChange of(ModelState before, ModelState after, List<GrowthRequest> asked, GrownPositions memory) {
        Map<Integer, int[]> grown = new TreeMap<>(memory.positions());
        List<LayerAdjustment> layers = new ArrayList<>();
        for (GrowthRequest request : asked) {
            int p = request.parameter();
            Mask old = before.mask(p);
            Mask mask = after.mask(p);
            int[] entered = Arrays.stream(mask.indices()).filter(i -> !old.contains(i)).toArray();
            int[] earlier = grown.getOrDefault(p, new int[0]);
            int survivors = (int) Arrays.stream(earlier).filter(mask::contains).count();
            layers.add(new LayerAdjustment(after.network().parameters().get(p).name(), mask.count(), request.limit(), entered.length,
                    earlier.length, survivors));
            grown.put(p, entered);
        }
        return new MaskChange(after, layers, new GrownPositions(grown), layers.stream().anyMatch(layer -> layer.exchanged() > 0));
    }
}
