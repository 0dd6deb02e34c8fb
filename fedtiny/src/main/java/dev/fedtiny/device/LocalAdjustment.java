package dev.fedtiny.device;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.pruning.GrowAndPrune;
import dev.fedtiny.pruning.Magnitude;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A device's own adjustment: ⌈E/2⌉ epochs, whose last full-size batch yields growth gradients; a_l weights leave and a_l positions enter at
 * 0; the remaining epochs, with a fresh optimiser, under the new mask. The device goes on holding the mask it was sent.
 */
final class LocalAdjustment {
    private LocalAdjustment() {
    }

    static Update run(LocalJob job, LocalTask.Adjust task) {
        List<GrowthRequest> layers = task.layers();
        Growing[] growing = new Growing[layers.size()];
        for (int i = 0; i < growing.length; i++) {
            growing[i] = new Growing(layers.get(i), task.guide(), i);
            job.sessions().account(MemoryCategory.TOP_K, growing[i].all.bytes() + growing[i].agreeing.bytes());
        }
        ModelState received = job.received();
        Session session = job.session(received);
        Epochs before = job.epochs(session, "local");
        int half = Math.ceilDiv(job.request().epochs(), 2);
        double lossSum = 0;
        for (int epoch = 1; epoch < half; epoch++) {
            lossSum += before.run(job.rate());
        }
        lossSum += before.run(job.rate(), LocalJob.parameters(layers), growing);
        ModelState adjusted = session.state();
        for (Growing layer : growing) {
            adjusted = layer.exchange(received, adjusted);
        }
        if (half < job.request().epochs()) {
            session = job.session(adjusted);
            Epochs after = job.epochs(session, "local-adjusted");
            for (int epoch = half; epoch < job.request().epochs(); epoch++) {
                lossSum += after.run(job.rate());
            }
            adjusted = session.state();
        }
        return job.answer(adjusted, lossSum,
                new LocalResult.Adjusted(adjusted.masks(), layers.stream().map(GrowthRequest::parameter).toList()));
    }

    /** One layer: where its gradients go, and what follows from them. */
    static final class Growing implements GradientSink {
        private final int parameter;
        private final int limit;
        private final TopK all;
        /** Of positions whose step, against the gradient, goes the way the global weights went. */
        private final TopK agreeing;
        private final byte[] directions;
        private final double pruneShare;

        Growing(GrowthRequest layer, Optional<LocalTask.Guide> guide, int place) {
            parameter = layer.parameter();
            limit = layer.limit();
            all = new TopK(limit);
            agreeing = new TopK(guide.map(g -> (int) StrictMath.floor(g.growShare() * limit)).orElse(0));
            directions = guide.map(g -> g.directions().get(place)).orElse(null);
            pruneShare = guide.map(LocalTask.Guide::pruneShare).orElse(0.0);
        }

        @Override
        public void offer(int index, float value) {
            all.offer(index, value);
            if (directions != null && value * directions[index] < 0) {
                agreeing.offer(index, value);
            }
        }

        ModelState exchange(ModelState received, ModelState trained) {
            Mask mask = trained.mask(parameter);
            int[] first = agreeing.sorted().indices();
            int[] second = all.sorted().indices();
            int[] grow = union(first, second, Math.min(limit, mask.count()));
            int[] fromBack = Magnitude.smallest(trained.values(parameter), mask.count());
            int opposed = (int) StrictMath.floor(pruneShare * grow.length);
            int[] opposing = Arrays.stream(fromBack).filter(i -> opposes(received, trained, i)).limit(opposed).toArray();
            return GrowAndPrune.exchange(trained, parameter, grow, union(opposing, fromBack, grow.length)).state();
        }

        private boolean opposes(ModelState received, ModelState trained, int place) {
            float step = trained.values(parameter)[place] - received.values(parameter)[place];
            return directions != null && step * directions[trained.mask(parameter).index(place)] < 0;
        }

        /** Those of the first array, then those of the second that are not among them, at most so many. */
        private static int[] union(int[] first, int[] second, int most) {
            int[] sorted = first.clone();
            Arrays.sort(sorted);
            int[] rest = Arrays.stream(second).filter(i -> Arrays.binarySearch(sorted, i) < 0).toArray();
            int[] joined = Arrays.copyOf(first, first.length + rest.length);
            System.arraycopy(rest, 0, joined, first.length, rest.length);
            return Arrays.copyOf(joined, Math.min(most, joined.length));
        }
    }
}
