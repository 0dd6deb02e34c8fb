package dev.fedtiny.device;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import java.util.List;

/**
 * Exact FLOPs of a device's round, a pure function of the masks it was sent, its task and its sample count: what a round is charged, and
 * what an estimate adds up before a run. Adjusting locally leaves every layer's count as it was, so the masks sent tell all.
 */
public final class LocalCost {
    private LocalCost() {
    }

    /**
     * Forward, activation gradient and gradients at kept positions of all samples in E epochs, and what the task adds: gradients at
     * pruned positions of some layers for one batch, or of all layers in every step (the dense weight gradient).
     *
     * @param sent the model the device got; for {@link LocalTask.SearchSubNetwork} one that is not pruned on
     * @param samples n_k
     * @param developmentSamples of the device; only {@link LocalTask.SearchSubNetwork} depends on them
     */
    public static long flops(ModelState sent, LocalTask task, int epochs, int batch, int samples, int developmentSamples) {
        if (task instanceof LocalTask.SearchSubNetwork) {
            return searchFlops(sent, sent, epochs, samples, LocalResult.SubNetwork.heldOut(samples, developmentSamples));
        }
        long images = (long) epochs * samples;
        long training = ExactCost.trainingFlops(sent, images);
        if (task instanceof LocalTask.Accumulate) {
            return plus(training, ExactCost.growthFlops(sent, sent.network().prunable(), images));
        }
        List<Integer> grown = task.layers().stream().map(GrowthRequest::parameter).toList();
        return plus(training, ExactCost.growthFlops(sent, grown, Epochs.growthImages(samples, batch)));
    }

    private static long plus(long training, long more) {
        return Exact.sum("FLOPs of a device's round", training, more);
    }

    /**
     * A round in search of a sub-network: the model as it came is evaluated, the one pruned from it is trained.
     *
     * @param trained the model under the masks the device answered with
     */
    public static long searchFlops(ModelState sent, ModelState trained, int epochs, int samples, int heldOut) {
        return plus(ExactCost.trainingFlops(trained, (long) epochs * (samples - heldOut)), ExactCost.forwardFlops(sent, heldOut));
    }
}
