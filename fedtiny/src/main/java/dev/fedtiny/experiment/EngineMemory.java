package dev.fedtiny.experiment;

import dev.fedtiny.engine.nn.FormatChoice;
import dev.fedtiny.engine.nn.Mode;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Session;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.train.Optimizer;

/** What this engine really holds while a device trains. */
final class EngineMemory {
    private EngineMemory() {
    }

    /**
     * Bytes of all arrays of a training session on one thread and of its optimiser: weights, gradients, activations, scratch.
     *
     * @param batch B
     */
    static long trainingBytes(ModelState model, int batch, Optimizer optimizer) {
        try (Workers workers = Workers.of(1);
                Session session = Session.open(model, Mode.TRAINING, batch, workers, FormatChoice.AUTOMATIC)) {
            return session.bytes() + optimizer.bind(session).bytes();
        }
    }
}
