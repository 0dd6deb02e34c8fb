package dev.fedtiny.experiment;

import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.train.Optimizer;

/** What this engine really holds while a device trains. */
final class EngineMemory {
    private EngineMemory() {
    }

    /**
     * Bytes of all arrays of a training session on one thread and of its optimiser: weights, gradients, activations, workspace; a growth
     * batch can add to them. Nothing of that is allocated here.
     *
     * @param batch B
     * @param sessions what they are opened with
     */
    static long trainingBytes(ModelState model, int batch, Optimizer optimizer, SessionOptions sessions) {
        int[] active = model.masks().stream().mapToInt(mask -> mask.count()).toArray();
        return MemoryEstimate.of(model, Mode.TRAINING, batch, 1, sessions).total() + optimizer.stateBytes(model.network(), active);
    }
}
