package dev.fedtiny.device;

import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.pruning.LayerCounts;
import dev.fedtiny.pruning.Magnitude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A device looks for a sub-network of its own; see {@link LocalTask.SearchSubNetwork}. */
final class SubNetworkSearch {
    private SubNetworkSearch() {
    }

    /**
     * Does the task.
     *
     * @param initial dense values of all parameters
     * @param development positions of the device's development samples
     */
    static Update run(LocalJob job, LocalTask.SearchSubNetwork task, List<float[]> initial, int[] development) {
        ModelState model = job.received();
        int count = LocalResult.SubNetwork.heldOut(job.data().count(), development.length);
        int[] heldOut = Arrays.copyOf(development, count);
        int correct = 0;
        boolean prunes = false;
        if (count > 0) {
            Session scored = job.sessions().session(model, Mode.INFERENCE, job.request().batch(), job.settings().sessions());
            Evaluation.Score score = Scoring.score(scored, job.data(), heldOut);
            if (!Double.isFinite(score.lossSum())) {
                throw new ArithmeticException("the model as it came gives a summed loss of " + score.lossSum() + " on held-out data");
            }
            correct = score.correct();
            int[] counts = counts(model, task);
            prunes = correct > task.threshold() * count && tooDense(model, counts);
            if (prunes) {
                model = rewound(Magnitude.prune(model, counts), initial);
            }
        }
        Session session = job.session(model);
        Epochs epochs = job.epochs(session, "local", rest(job.data().count(), heldOut));
        double lossSum = 0;
        for (int epoch = 0; epoch < job.request().epochs(); epoch++) {
            lossSum += epochs.run(job.rate());
        }
        return job.answer(session.state(), lossSum, new LocalResult.SubNetwork(model.masks(), prunes, count, correct));
    }

    /** What every prunable layer keeps after pruning: a share less, one weight less at the least, never below the target's count. */
    private static int[] counts(ModelState model, LocalTask.SearchSubNetwork task) {
        int[] counts = Magnitude.atMost(model, LayerCounts.uniform(model.network(), task.density()));
        for (int i = 0; i < counts.length; i++) {
            int kept = model.mask(model.network().prunable().get(i)).count();
            counts[i] = Math.max(counts[i], kept - Math.max(1, (int) StrictMath.floor(task.share() * kept)));
        }
        return counts;
    }

    private static boolean tooDense(ModelState model, int[] counts) {
        List<Integer> prunable = model.network().prunable();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] < model.mask(prunable.get(i)).count()) {
                return true;
            }
        }
        return false;
    }

    private static ModelState rewound(ModelState pruned, List<float[]> initial) {
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < initial.size(); i++) {
            Mask mask = pruned.mask(i);
            values.add(mask.gather(initial.get(i)));
        }
        return ModelState.of(pruned.network(), pruned.masks(), values);
    }

    private static int[] rest(int samples, int[] heldOut) {
        boolean[] out = new boolean[samples];
        for (int i : heldOut) {
            out[i] = true;
        }
        int[] rest = new int[samples - heldOut.length];
        int to = 0;
        for (int i = 0; i < samples; i++) {
            if (!out[i]) {
                rest[to++] = i;
            }
        }
        return rest;
    }
}
