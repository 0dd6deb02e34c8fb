package dev.fedtiny.method;

import dev.fedtiny.device.DeviceTask;
import dev.fedtiny.device.GrowthBuffers;
import dev.fedtiny.device.LocalJob;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.PayloadReader;
import dev.fedtiny.protocol.PayloadWriter;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.UpdateReader;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Train, and vote for the positions of the a_l largest gradients at pruned positions: FedRTS' adjustment on the device. As
 * {@link GrowTask}, but only positions are sent, or in a secure sum what counts for staying. Payload: layers ({@link GrowthRequest}).
 * Answered by {@link Votes}.
 *
 * @param layers of the adjustment; a limit is the most positions a device votes for
 */
public record VoteTask(List<GrowthRequest> layers) implements DeviceTask {
    /** How devices know it. */
    public static final TaskKind KIND = new TaskKind("vote", 2,
            (reader, network, masks) -> new VoteTask(GrowthRequest.read(reader, network, masks)));

    /** Keeps its own list. */
    public VoteTask {
        layers = List.copyOf(layers);
    }

    @Override
    public TaskKind kind() {
        return KIND;
    }

    @Override
    public void write(PayloadWriter writer) {
        GrowthRequest.write(writer, layers);
    }

    @Override
    public Update run(LocalJob job) {
        GrowthBuffers buffers = new GrowthBuffers(job, layers);
        Session session = job.takeOver();
        GrowthBuffers.Trained trained = buffers.train(job, session, () -> { });
        List<int[]> positions = IntStream.range(0, layers.size()).mapToObj(i -> buffers.ascending(i).indices()).toList();
        List<float[]> staying = List.of();
        if (job.tellsSumsOnly()) {
            job.allocated(summedBytes(job.network()));
            staying = IntStream.range(0, layers.size()).mapToObj(i -> staying(trained.model(), layers.get(i),
                    positions.get(i))).toList();
        }
        return job.answer(trained.model(), trained.lossSum(), new Votes(positions, staying));
    }

    /** 1 at the κ_l largest weights and at the positions voted for, 0 elsewhere. */
    private static float[] staying(ModelState trained, GrowthRequest layer, int[] positions) {
        Mask mask = trained.mask(layer.parameter());
        float[] staying = new float[mask.size()];
        for (int position : top(mask, trained.values(layer.parameter()), layer).indices()) {
            staying[position] = 1;
        }
        for (int position : positions) {
            staying[position] = 1;
        }
        return staying;
    }

    @Override
    public List<Integer> averagedLengths(Network network) {
        return layers.stream().map(layer -> network.parameters().get(layer.parameter()).size()).toList();
    }

    /** What counts for staying, 4 bytes a position. */
    @Override
    public long summedBytes(Network network) {
        return averagedLengths(network).stream().mapToLong(length -> 4L * length).sum();
    }

    @Override
    public Votes readResult(UpdateReader update) {
        update.values(update.sent());
        return new Votes(layers.stream().map(layer -> Votes.read(update.payload(), layer, update.sent().get(layer.parameter())))
                .toList());
    }

    @Override
    public long longestResult(Network network) {
        return layers.stream().mapToLong(layer -> 4 + 4L * layer.limit()).sum();
    }

    /** The κ_l largest of a layer's active weights. */
    static Mask top(Mask mask, float[] values, GrowthRequest layer) {
        return Magnitude.keepLargest(mask, values, mask.count() - layer.limit());
    }

    /**
     * The positions of the largest gradients. Payload, after the values: for every layer asked the number of positions (4) and the
     * positions (4 each).
     *
     * @param positions one array a layer asked, strictly ascending pruned positions; not to be changed
     * @param staying where only sums are told, for every layer asked 1 at each position that counts for staying and 0 elsewhere; else none
     */
    public record Votes(List<int[]> positions, List<float[]> staying) implements LocalResult {
        /** Keeps its own lists. */
        public Votes {
            positions = List.copyOf(positions);
            staying = List.copyOf(staying);
        }

        /**
         * As they are told in the open.
         *
         * @param positions one array a layer asked, strictly ascending pruned positions; not to be changed
         */
        public Votes(List<int[]> positions) {
            this(positions, List.of());
        }

        @Override
        public List<float[]> averaged() {
            return staying;
        }

        @Override
        public void write(PayloadWriter writer, Network network, List<float[]> values) {
            writer.float32s(values);
            for (int[] layer : positions) {
                writer.int32(layer.length);
                for (int position : layer) {
                    writer.int32(position);
                }
            }
        }

        private static int[] read(PayloadReader reader, GrowthRequest request, Mask mask) {
            int count = reader.int32In("votes", 0, request.limit());
            reader.require(4L * count);
            int[] positions = new int[count];
            for (int i = 0; i < count; i++) {
                positions[i] = GrowthRequest.readPosition(reader, mask, i == 0 ? -1 : positions[i - 1]);
            }
            return positions;
        }
    }
}
