package dev.fedtiny.method;

import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;

/** Where the values of the dense model come from that a run begins with, before the server pretrains it. */
@FunctionalInterface
public interface InitialValues {
    /**
     * The dense model before any training.
     *
     * @param network of the run
     * @param seed of the run
     * @return a state of that very network in which every position is active
     */
    ModelState of(Network network, long seed);

    /**
     * Drawn anew ({@link Initializer}).
     *
     * @param zeroGamma whether residual branches start switched off (γ of their last batch normalisation is 0)
     * @return values that a network and a seed decide
     */
    static InitialValues drawn(boolean zeroGamma) {
        return (network, seed) -> Initializer.initialize(network, seed, zeroGamma);
    }

    /**
     * Those of a trained model. Pruned positions become active again with the value 0, so that every method chooses its own masks.
     *
     * @param model of the run's network, whatever of it may be pruned
     * @return the model's values, whatever the seed
     */
    static InitialValues of(ModelState model) {
        return (network, seed) -> {
            List<Mask> masks = new ArrayList<>();
            List<float[]> values = new ArrayList<>();
            for (int p = 0; p < network.parameters().size(); p++) {
                masks.add(Mask.full(network.parameters().get(p).size()));
                values.add(model.dense(p));
            }
            return ModelState.of(network, masks, values);
        };
    }
}
