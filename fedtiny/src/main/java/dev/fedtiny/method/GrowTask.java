package dev.fedtiny.method;

import dev.fedtiny.device.DeviceTask;
import dev.fedtiny.device.GrowthBuffers;
import dev.fedtiny.device.LocalJob;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.PayloadReader;
import dev.fedtiny.protocol.PayloadWriter;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.ProtocolException.Fault;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.UpdateReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Train, and send the a_l largest gradients at pruned positions, from the last full-size batch of the last epoch or the growth batch:
 * FedTiny's adjustment on the device. Payload: layers ({@link GrowthRequest}). Answered by {@link Grown}.
 *
 * @param layers of the adjustment
 */
public record GrowTask(List<GrowthRequest> layers) implements DeviceTask {
    /** How devices know it. */
    public static final TaskKind KIND = new TaskKind("grow", 1,
            (reader, network, masks) -> new GrowTask(GrowthRequest.read(reader, network, masks)));

    private static final int PAIR_BYTES = 8;

    /** Keeps its own list. */
    public GrowTask {
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
        return job.answer(trained.model(), trained.lossSum(), Grown.of(buffers, layers));
    }

    @Override
    public Grown readResult(UpdateReader update) {
        return Grown.read(update, layers);
    }

    @Override
    public long longestResult(Network network) {
        return Grown.longest(layers);
    }

    @Override
    public List<GrowthRequest> ballots() {
        return layers;
    }

    /**
     * The largest gradients at pruned positions. Payload, after the values: for every layer asked the number of pairs (4) and the pairs
     * (index 4, value 4).
     *
     * @param layers one a layer asked
     */
    public record Grown(List<Growth> layers) implements LocalResult {
        /** Keeps its own list. */
        public Grown {
            layers = List.copyOf(layers);
        }

        /** What buffers hold. */
        static Grown of(GrowthBuffers buffers, List<GrowthRequest> layers) {
            List<Growth> growth = new ArrayList<>();
            for (int i = 0; i < layers.size(); i++) {
                TopK.Entries entries = buffers.ascending(i);
                growth.add(new Growth(layers.get(i).parameter(), entries.indices(), entries.values()));
            }
            return new Grown(growth);
        }

        @Override
        public void write(PayloadWriter writer, Network network, List<float[]> values) {
            writer.float32s(values);
            for (Growth growth : layers) {
                writer.int32(growth.indices.length);
                for (int i = 0; i < growth.indices.length; i++) {
                    writer.int32(growth.indices[i]).float32(growth.values[i]);
                }
            }
        }

        /** Reads the values and the gradients of the layers asked. */
        static Grown read(UpdateReader update, List<GrowthRequest> layers) {
            update.values(update.sent());
            return new Grown(layers.stream().map(layer -> Growth.read(update.payload(), layer, update.sent().get(layer.parameter())))
                    .toList());
        }

        /** The most bytes beside the values. */
        static long longest(List<GrowthRequest> layers) {
            return 4L * layers.size() + PAIR_BYTES * layers.stream().mapToLong(GrowthRequest::limit).sum();
        }

        @Override
        public List<float[]> averaged() {
            return layers.stream().map(Growth::values).toList();
        }

        @Override
        public List<int[]> votes() {
            return layers.stream().map(Growth::indices).toList();
        }

        @Override
        public List<Part> parts(Network network) {
            return layers.stream().map(layer -> new Part("growth gradient of '" + network.parameters().get(layer.parameter).name() + "'",
                    Part.norm(layer.values))).toList();
        }
    }

    /**
     * A device's largest gradients at pruned positions of one layer.
     *
     * @param parameter position of the weight among the network's parameters
     * @param indices flat positions in the tensor, strictly ascending; not to be changed
     * @param values signed gradients, finite and not 0; not to be changed
     */
    public record Growth(int parameter, int[] indices, float[] values) {
        private static Growth read(PayloadReader reader, GrowthRequest request, Mask mask) {
            int count = reader.int32In("growth pairs", 0, request.limit());
            reader.require((long) PAIR_BYTES * count);
            int[] indices = new int[count];
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                indices[i] = GrowthRequest.readPosition(reader, mask, i == 0 ? -1 : indices[i - 1]);
                values[i] = reader.float32();
                if (!Float.isFinite(values[i]) || values[i] == 0) {
                    throw new ProtocolException(Fault.VALUE, "growth gradient at index " + indices[i] + " is " + values[i]
                            + ", expected a finite number other than 0");
                }
            }
            return new Growth(request.parameter(), indices, values);
        }
    }
}
