package dev.fedtiny.method;

import dev.fedtiny.device.DeviceTask;
import dev.fedtiny.device.Epochs;
import dev.fedtiny.device.LocalJob;
import dev.fedtiny.device.Scoring;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.PayloadReader;
import dev.fedtiny.protocol.PayloadWriter;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.ProtocolException.Fault;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.UpdateReader;
import dev.fedtiny.protocol.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Look for a sub-network of one's own ({@link LotteryFl}): evaluate what came on held-out data; if it is good enough and still too dense,
 * prune a share of every layer by magnitude and go back to the initial values; then train on the samples that are not held out. Payload:
 * threshold (8), share (8), density (8), where the initial values are (1), and the initial values of all parameters if they follow (4
 * each). Answered by {@link SubNetwork}. The device holds the initial values and its masks from round to round.
 *
 * @param threshold accuracy above which a device prunes, in [0, 1]
 * @param share of a layer's weights pruned at once, in (0, 1)
 * @param density d in (0, 1]: no layer goes below the count of
 *        {@link dev.fedtiny.engine.pruning.LayerCounts#uniform(dev.fedtiny.engine.model.Network, double)}
 * @param source where the device finds the initial values
 * @param initial dense values of all parameters if they follow, else empty; not to be changed
 */
public record SubNetworkSearch(double threshold, double share, double density, Source source, List<float[]> initial) implements DeviceTask {
    /** How devices know it. */
    public static final TaskKind KIND = new TaskKind("search", 6, SubNetworkSearch::read);

    /** Where a device finds the values it goes back to. */
    public enum Source {
        /** It holds them already. */
        HELD,
        /** They are the values of this very message, which is dense. */
        VALUES,
        /** They follow the task. */
        FOLLOW
    }

    /** Keeps its own list. */
    public SubNetworkSearch {
        initial = List.copyOf(initial);
    }

    @Override
    public TaskKind kind() {
        return KIND;
    }

    @Override
    public void write(PayloadWriter writer) {
        writer.float64(threshold).float64(share).float64(density).int8(source.ordinal()).float32s(initial);
    }

    private static SubNetworkSearch read(PayloadReader reader, Network network, List<Mask> masks) {
        double threshold = reader.share("accuracy threshold", true, true);
        double share = reader.share("pruned share", false, false);
        double density = reader.share("density", false, true);
        Source source = Source.values()[reader.int8In("source of initial values", Source.values().length - 1)];
        if (source == Source.VALUES && !masks.stream().allMatch(Mask::isFull)) {
            throw reader.content("the values are said to be the initial ones, but they are not dense");
        }
        return new SubNetworkSearch(threshold, share, density, source, source == Source.FOLLOW ? reader.dense(network) : List.of());
    }

    /** The initial values follow, unless the message's own values are they. */
    @Override
    public SubNetworkSearch forFreshDevice(List<float[]> held) {
        return source == Source.HELD ? new SubNetworkSearch(threshold, share, density, Source.FOLLOW, held) : this;
    }

    @Override
    public boolean comparesLater() {
        return true;
    }

    @Override
    public Update run(LocalJob job) {
        List<float[]> rewind = switch (source) {
            case HELD -> job.heldValues();
            case VALUES -> job.request().values();
            case FOLLOW -> initial;
        };
        if (rewind.isEmpty()) {
            throw new ProtocolException(Fault.CONTENT, "initial values are said to be held, but none ever came");
        }
        job.holdValues(rewind);
        ModelState model = job.received();
        int[] heldOut = Arrays.copyOf(job.development(), heldOutSamples(job.data().count(), job.development().length));
        int correct = 0;
        boolean prunes = false;
        if (heldOut.length > 0) {
            correct = correct(job, model, heldOut);
            int[] counts = counts(model);
            prunes = correct > threshold * heldOut.length && tooDense(model, counts);
            if (prunes) {
                model = rewound(Magnitude.prune(model, counts), rewind);
            }
        }
        Session session = job.session(model);
        double lossSum = job.train(session, job.epochs(session, "local", rest(job.data().count(), heldOut)), Epochs.Backward.PLAIN);
        Update update = job.answer(session.state(), lossSum, new SubNetwork(model.masks(), prunes, heldOut.length, correct));
        job.holdMasks(model.masks());
        return update;
    }

    private static int correct(LocalJob job, ModelState model, int[] heldOut) {
        Evaluation.Score score = Scoring.score(job.evaluation(model), job.data(), heldOut);
        if (!Double.isFinite(score.lossSum())) {
            throw new ArithmeticException("the model as it came gives a summed loss of " + score.lossSum() + " on held-out data");
        }
        return score.correct();
    }

    /**
     * How many of a device's samples are held out of its training: its development samples, or a tenth of all where those are
     * more than half of them; 0 with fewer than ten.
     */
    private static int heldOutSamples(int samples, int developmentSamples) {
        return 2L * developmentSamples <= samples ? developmentSamples : samples / 10;
    }

    /**
     * The active weights of every prunable layer after pruning: a share less, one weight less at the least, never below the target's count.
     */
    private int[] counts(ModelState model) {
        int[] counts = Magnitude.atMost(model, LayerCounts.uniform(model.network(), density));
        for (int i = 0; i < counts.length; i++) {
            int active = model.mask(model.network().prunable().get(i)).count();
            counts[i] = Math.max(counts[i], active - Math.max(1, (int) StrictMath.floor(share * active)));
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

    @Override
    public SubNetwork readResult(UpdateReader update) {
        return SubNetwork.read(update, density);
    }

    @Override
    public long longestResult(Network network) {
        return 9 + network.prunable().stream().mapToLong(p -> 1 + (network.parameters().get(p).size() + 7L) / 8).sum();
    }

    @Override
    public SubNetwork untrained(List<Mask> masks, Workload work) {
        return new SubNetwork(masks, false, heldOutSamples(work.samples(), work.developmentSamples()), 0);
    }

    /** As of a device that does not prune. */
    @Override
    public long flops(ModelState sent, Workload work) {
        return flops(sent, work, untrained(sent.masks(), work));
    }

    /** The model as it came is evaluated on held-out samples, the one pruned from it is trained on the others. */
    @Override
    public long flops(ModelState sent, Workload work, LocalResult result) {
        SubNetwork own = (SubNetwork) result;
        long images = (long) work.epochs() * (work.samples() - own.heldOut());
        return Exact.sum("FLOPs of a device's round", ExactCost.trainingFlops(own.pruned() ? sent.masked(own.masks()) : sent, images),
                ExactCost.forwardFlops(sent, own.heldOut()));
    }

    /**
     * A device's own sub-network. Payload, before the values: held-out samples (4), right answers (4), whether it pruned (1), and if so the
     * masks of the prunable parameters ({@link dev.fedtiny.protocol.MaskCodec}).
     *
     * @param masks one a parameter, under which the update's values are, and which the device holds from now on
     * @param pruned whether they differ from those sent
     * @param heldOut samples of the evaluation
     * @param correct right answers of the model as it came
     */
    public record SubNetwork(List<Mask> masks, boolean pruned, int heldOut, int correct) implements LocalResult {
        /** Keeps its own list. */
        public SubNetwork {
            masks = List.copyOf(masks);
        }

        @Override
        public void write(PayloadWriter writer, Network network, List<float[]> values) {
            writer.int32(heldOut).int32(correct).int8(pruned ? 1 : 0);
            if (pruned) {
                writer.masks(network, masks);
            }
            writer.float32s(values);
        }

        private static SubNetwork read(UpdateReader update, double density) {
            PayloadReader reader = update.payload();
            int most = heldOutSamples(update.work().samples(), update.work().developmentSamples());
            int heldOut = reader.int32In("held-out samples", most, most);
            int correct = reader.int32In("right answers", 0, heldOut);
            boolean pruned = reader.int8In("pruned flag", 1) == 1;
            List<Mask> masks = pruned ? reader.masks(update.network()) : update.sent();
            int[] target = LayerCounts.uniform(update.network(), density);
            for (int l = 0; l < target.length; l++) {
                int p = update.network().prunable().get(l);
                check(update, update.network().parameters().get(p).name(), update.sent().get(p), masks.get(p), target[l]);
            }
            update.values(masks);
            return new SubNetwork(masks, pruned, heldOut, correct);
        }

        /** A layer has at least its target's count, where it had so many, and no position that was pruned before. */
        private static void check(UpdateReader update, String layer, Mask sent, Mask mask, int target) {
            int least = Math.min(sent.count(), target);
            if (mask.count() < least) {
                throw update.payload().content("layer '" + layer + "' keeps " + mask.count() + " weights, expected at least " + least);
            }
            for (int i = 0; mask != sent && i < mask.count(); i++) {
                if (!sent.contains(mask.index(i))) {
                    throw update.payload().content("layer '" + layer + "' keeps position " + mask.index(i) + ", which was pruned before");
                }
            }
        }

        @Override
        public List<Mask> masks(List<Mask> sent) {
            return masks;
        }

        /** Who prunes goes back to the initial values. */
        @Override
        public boolean fromHeldValues() {
            return pruned;
        }
    }
}
