package dev.fedtiny.device;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.protocol.GrowthRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The largest gradients at pruned positions of some layers: from the last full-size batch of a request's last epoch, or where the device
 * was told a growth batch from a pass of its own after the last epoch ({@link LocalJob#grow}).
 */
public final class GrowthBuffers {
    private final int[] parameters;
    private final TopK[] buffers;
    /** The same buffers, or where any gradient may be asked for later what keeps all of them, too. */
    private final GradientSink[] sinks;

    /**
     * Empty buffers for the layers of a request.
     *
     * @param job the buffers are accounted to
     * @param layers with the size of each buffer
     */
    public GrowthBuffers(LocalJob job, List<GrowthRequest> layers) {
        parameters = parameters(layers);
        buffers = layers.stream().map(layer -> new TopK(layer.limit())).toArray(TopK[]::new);
        sinks = new GradientSink[buffers.length];
        long bytes = Arrays.stream(buffers).mapToLong(TopK::bytes).sum();
        Map<Integer, float[]> kept = new HashMap<>();
        for (int i = 0; i < sinks.length; i++) {
            sinks[i] = buffers[i];
            if (job.tellsSumsOnly() && !job.request().task().ballots().isEmpty()) {
                KeptGradients all = new KeptGradients(buffers[i], job.network().parameters().get(parameters[i]).size());
                kept.put(parameters[i], all.all());
                sinks[i] = all;
            }
        }
        bytes += kept.isEmpty() ? 0 : job.request().task().summedBytes(job.network());
        job.keepGradients(kept);
        job.allocated(bytes);
    }

    /**
     * Positions of the weights of some layers among the network's parameters.
     *
     * @param layers of a request
     * @return one position a layer
     */
    public static int[] parameters(List<GrowthRequest> layers) {
        return layers.stream().mapToInt(GrowthRequest::parameter).toArray();
    }

    /**
     * A trained model.
     *
     * @param model may be live: answered before the session does anything else
     * @param lossSum summed over samples and epochs
     */
    public record Trained(ModelState model, double lossSum) {
    }

    /**
     * All epochs of the request, of which the last one fills the buffers, or a pass after it.
     *
     * @param afterBackward runs after every backward pass, before the update; may change gradients
     * @param job has the request
     * @param session holds the model
     * @return the model with its loss
     */
    public Trained train(LocalJob job, Session session, Runnable afterBackward) {
        boolean apart = parameters.length > 0 && job.growsApart();
        double lossSum = epochs(job, session, !apart, afterBackward);
        if (!apart) {
            return new Trained(session.liveState(), lossSum);
        }
        ModelState trained = session.state();
        job.grow(trained, parameters, sinks);
        return new Trained(trained, lossSum);
    }

    private double epochs(LocalJob job, Session session, boolean growing, Runnable afterBackward) {
        Epochs epochs = job.epochs(session, "local");
        double lossSum = 0;
        for (int epoch = 1; epoch <= job.request().epochs(); epoch++) {
            boolean grows = growing && parameters.length > 0 && epoch == job.request().epochs();
            lossSum += epochs.run(job.request().learningRate(), (current, last) -> {
                if (grows && last) {
                    current.backward(parameters, sinks);
                } else {
                    current.backward();
                }
                afterBackward.run();
            });
        }
        return lossSum;
    }

    /**
     * What a layer's buffer holds, by position.
     *
     * @param layer place in the request
     * @return positions, ascending, with their gradients
     */
    public TopK.Entries ascending(int layer) {
        TopK.Entries entries = buffers[layer].sorted();
        int count = entries.indices().length;
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            keys[i] = (long) entries.indices()[i] << 32 | i;
        }
        Arrays.sort(keys);
        int[] indices = new int[count];
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            indices[i] = (int) (keys[i] >> 32);
            values[i] = entries.values()[(int) keys[i]];
        }
        return new TopK.Entries(indices, values);
    }
}
