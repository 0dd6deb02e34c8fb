package dev.fedtiny.benchmarks.profile;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.train.Optimizer;
import java.util.List;

/**
 * What is to be profiled. Images are random numbers: no kernel's time depends on them.
 *
 * @param model the architecture's name, for print
 * @param state the model trained
 * @param optimizer of every step
 * @param batch images of a step
 * @param threads worker threads
 * @param steps measured steps, at least 1
 * @param warmUpSeconds time before them, for the compiler
 * @param growing parameters whose pruned positions' gradients every step gives too; empty in an ordinary step
 * @param growthLimit gradients kept of each of them
 * @param sessions in which form layers are computed, and how maps are kept for the backward pass
 */
public record ProfileSetup(String model, ModelState state, Optimizer optimizer, int batch, int threads, int steps, double warmUpSeconds,
        List<Integer> growing, int growthLimit, SessionOptions sessions) {
    /** Keeps its own copy. */
    public ProfileSetup {
        growing = List.copyOf(growing);
    }
}
