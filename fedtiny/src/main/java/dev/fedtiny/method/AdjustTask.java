package dev.fedtiny.method;

import dev.fedtiny.device.DeviceTask;
import dev.fedtiny.device.Epochs;
import dev.fedtiny.device.GrowthBuffers;
import dev.fedtiny.device.LocalJob;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.GrowAndPrune;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.PayloadReader;
import dev.fedtiny.protocol.PayloadWriter;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.UpdateReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A device's own adjustment ({@link FedDst}, {@link FedSgc}): ⌈E/2⌉ epochs, whose last full-size batch, or the growth batch after it,
 * yields growth gradients; a_l weights leave and a_l positions enter at 0; the remaining epochs, with a fresh optimiser, under the new
 * mask. The device goes on holding the mask it was sent. Payload: layers ({@link GrowthRequest}), guided (1), and if so the {@link Guide}.
 * Answered by {@link Adjusted}.
 *
 * @param layers of the adjustment
 * @param guide directions to agree with; empty: magnitude and gradient alone decide
 */
public record AdjustTask(List<GrowthRequest> layers, Optional<Guide> guide) implements DeviceTask {
    /** How devices know it. */
    public static final TaskKind KIND = new TaskKind("adjust", 4, AdjustTask::read);

    /** Keeps its own list. */
    public AdjustTask {
        layers = List.copyOf(layers);
        Objects.requireNonNull(guide, "guide");
        if (guide.isPresent() && guide.get().directions().size() != layers.size()) {
            throw new IllegalArgumentException("adjust: directions of " + guide.get().directions().size() + " layers for "
                    + layers.size());
        }
    }

    @Override
    public TaskKind kind() {
        return KIND;
    }

    @Override
    public void write(PayloadWriter writer) {
        GrowthRequest.write(writer, layers);
        writer.int8(guide.isPresent() ? 1 : 0);
        guide.ifPresent(all -> all.write(writer));
    }

    private static AdjustTask read(PayloadReader reader, Network network, List<Mask> masks) {
        List<GrowthRequest> layers = GrowthRequest.read(reader, network, masks);
        return new AdjustTask(layers, reader.int8In("guide flag", 1) == 1 ? Optional.of(Guide.read(reader, network, layers))
                : Optional.empty());
    }

    @Override
    public boolean comparesLater() {
        return true;
    }

    @Override
    public Update run(LocalJob job) {
        Growing[] growing = new Growing[layers.size()];
        for (int i = 0; i < growing.length; i++) {
            growing[i] = new Growing(layers.get(i), guide, i);
            job.allocated(growing[i].all.bytes() + growing[i].agreeing.bytes());
        }
        ModelState received = job.received();
        Session session = job.session(received);
        Epochs before = job.epochs(session, "local");
        double rate = job.request().learningRate();
        int half = Math.ceilDiv(job.request().epochs(), 2);
        double lossSum = 0;
        for (int epoch = 1; epoch < half; epoch++) {
            lossSum += before.run(rate);
        }
        int[] parameters = GrowthBuffers.parameters(layers);
        lossSum += job.growsApart() ? before.run(rate) : before.run(rate, parameters, growing);
        ModelState adjusted = session.state();
        if (job.growsApart()) {
            job.grow(adjusted, parameters, growing);
        }
        for (Growing layer : growing) {
            adjusted = layer.exchange(received, adjusted);
        }
        if (half < job.request().epochs()) {
            session = job.session(adjusted);
            Epochs after = job.epochs(session, "local-adjusted");
            for (int epoch = half; epoch < job.request().epochs(); epoch++) {
                lossSum += after.run(rate);
            }
            adjusted = session.state();
        }
        return job.answer(adjusted, lossSum, new Adjusted(adjusted.masks(), layers.stream().map(GrowthRequest::parameter).toList()));
    }

    @Override
    public Adjusted readResult(UpdateReader update) {
        List<Mask> masks = new ArrayList<>(update.sent());
        for (GrowthRequest layer : layers) {
            masks.set(layer.parameter(), exchanged(update, layer));
        }
        update.values(masks);
        return new Adjusted(masks, layers.stream().map(GrowthRequest::parameter).toList());
    }

    /** A layer's mask with as many positions as before, of which no more are new than were asked for. */
    private static Mask exchanged(UpdateReader update, GrowthRequest layer) {
        Mask sent = update.sent().get(layer.parameter());
        Mask mask = update.payload().mask(sent.size());
        String name = update.network().parameters().get(layer.parameter()).name();
        if (mask.count() != sent.count()) {
            throw update.payload().content("layer '" + name + "' comes back with " + mask.count() + " weights, sent were " + sent.count());
        }
        int grown = 0;
        for (int i = 0; i < mask.count(); i++) {
            grown += sent.contains(mask.index(i)) ? 0 : 1;
        }
        if (grown > layer.limit()) {
            throw update.payload().content("layer '" + name + "' grew " + grown + " weights, asked were at most " + layer.limit());
        }
        return mask;
    }

    @Override
    public long longestResult(Network network) {
        return layers.stream().mapToLong(layer -> 1 + (network.parameters().get(layer.parameter()).size() + 7L) / 8).sum();
    }

    /**
     * The masks after a local adjustment, under which the update's values are: before the values, one mask a layer asked
     * ({@link dev.fedtiny.protocol.MaskCodec}). Counts are those of the masks sent.
     *
     * @param masks one a parameter
     * @param layers positions of the weights of the layers asked, in that order
     */
    public record Adjusted(List<Mask> masks, List<Integer> layers) implements LocalResult {
        /** Keeps its own lists. */
        public Adjusted {
            masks = List.copyOf(masks);
            layers = List.copyOf(layers);
        }

        @Override
        public void write(PayloadWriter writer, Network network, List<float[]> values) {
            layers.forEach(layer -> writer.mask(masks.get(layer)));
            writer.float32s(values);
        }

        @Override
        public List<Mask> masks(List<Mask> sent) {
            return masks;
        }
    }

    /**
     * The directions in which the global weights moved last. Payload: share pruned (8), share grown (8) and for every layer its directions,
     * ⌈n_l/4⌉ bytes, two bits a position, lowest first: 0 none, 1 up, 2 down.
     *
     * @param pruneShare of a_l, taken from weights that moved against them, in [0, 1]
     * @param growShare of a_l, given to positions whose gradient step goes with them, in [0, 1]
     * @param directions for every layer one of −1, 0, 1 a position; not to be changed
     */
    public record Guide(double pruneShare, double growShare, List<byte[]> directions) {
        /** Keeps its own list. */
        public Guide {
            directions = List.copyOf(directions);
        }

        private void write(PayloadWriter writer) {
            writer.float64(pruneShare).float64(growShare);
            directions.forEach(layer -> writer.bytes(packed(layer)));
        }

        private static Guide read(PayloadReader reader, Network network, List<GrowthRequest> layers) {
            double pruneShare = reader.share("share pruned against the directions", true, true);
            double growShare = reader.share("share grown along the directions", true, true);
            List<byte[]> directions = new ArrayList<>();
            for (GrowthRequest layer : layers) {
                directions.add(unpacked(reader, network.parameters().get(layer.parameter()).size()));
            }
            return new Guide(pruneShare, growShare, directions);
        }

        private static byte[] packed(byte[] directions) {
            byte[] packed = new byte[Math.ceilDiv(directions.length, 4)];
            for (int i = 0; i < directions.length; i++) {
                int code = directions[i] == 0 ? 0 : directions[i] > 0 ? 1 : 2;
                packed[i >> 2] |= (byte) (code << 2 * (i & 3));
            }
            return packed;
        }

        private static byte[] unpacked(PayloadReader reader, int positions) {
            byte[] packed = reader.bytes(Math.ceilDiv(positions, 4));
            byte[] directions = new byte[positions];
            for (int i = 0; i < 4 * packed.length; i++) {
                int code = packed[i >> 2] >> 2 * (i & 3) & 3;
                if (code == 3 || code != 0 && i >= positions) {
                    throw reader.content("direction of position " + i + " of " + positions + " has code " + code);
                }
                if (i < positions) {
                    directions[i] = (byte) (code == 2 ? -1 : code);
                }
            }
            return directions;
        }
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

        Growing(GrowthRequest layer, Optional<Guide> guide, int place) {
            parameter = layer.parameter();
            limit = layer.limit();
            all = new TopK(limit);
            agreeing = new TopK(guide.map(g -> (int) StrictMath.floor(g.growShare() * limit)).orElse(0));
            directions = guide.map(g -> g.directions().get(place)).orElse(null);
            pruneShare = guide.map(Guide::pruneShare).orElse(0.0);
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
