package dev.fedtiny.device;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.SquaredGradients;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.protocol.Growth;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.pruning.Magnitude;
import java.util.ArrayList;
import java.util.List;

/** A round on a device under a fixed mask: E local epochs, and what the task wants to know of the gradients. */
final class LocalTraining {
    private LocalTraining() {
    }

    /** Does any task but {@link LocalTask.SearchSubNetwork}, which needs more of the device than its request. */
    static Update run(LocalJob job) {
        return switch (job.request().task()) {
            case LocalTask.Ordinary _ -> ordinary(job);
            case LocalTask.Grow task -> grow(job, task.layers(), 0);
            case LocalTask.Extrude task -> grow(job, task.layers(), task.penalty());
            case LocalTask.Vote task -> vote(job, task.layers());
            case LocalTask.Accumulate task -> accumulate(job, task.upload());
            case LocalTask.Adjust task -> LocalAdjustment.run(job, task);
            case LocalTask.SearchSubNetwork _ ->
                    throw new IllegalArgumentException("a sub-network search needs the device's initial values");
        };
    }

    private static Update ordinary(LocalJob job) {
        Session session = job.takeOver();
        Epochs epochs = job.epochs(session, "local");
        double lossSum = 0;
        for (int epoch = 0; epoch < job.request().epochs(); epoch++) {
            lossSum += epochs.run(job.rate());
        }
        return job.answer(session.liveState(), lossSum, new LocalResult.None());
    }

    private static Update grow(LocalJob job, List<GrowthRequest> layers, double penalty) {
        int[] parameters = LocalJob.parameters(layers);
        TopK[] buffers = job.buffers(layers);
        Session session = job.takeOver();
        double lossSum = train(job, session, parameters, buffers, penalty > 0 ? new Pull(session, layers, (float) penalty) : null);
        List<Growth> growth = new ArrayList<>();
        for (int i = 0; i < buffers.length; i++) {
            growth.add(LocalJob.ascending(parameters[i], buffers[i].sorted()));
        }
        return job.answer(session.liveState(), lossSum, new LocalResult.Grown(growth));
    }

    private static Update vote(LocalJob job, List<GrowthRequest> layers) {
        int[] parameters = LocalJob.parameters(layers);
        TopK[] buffers = job.buffers(layers);
        Session session = job.takeOver();
        double lossSum = train(job, session, parameters, buffers, null);
        List<int[]> votes = new ArrayList<>();
        for (int i = 0; i < buffers.length; i++) {
            votes.add(LocalJob.ascending(parameters[i], buffers[i].sorted()).indices());
        }
        return job.answer(session.liveState(), lossSum, new LocalResult.Votes(votes));
    }

    /** E epochs; the last full-size batch of the last one fills the sinks; gradients are pulled in every step if that is asked. */
    private static double train(LocalJob job, Session session, int[] parameters, GradientSink[] sinks, Pull pull) {
        Epochs epochs = job.epochs(session, "local");
        double lossSum = 0;
        for (int epoch = 1; epoch <= job.request().epochs(); epoch++) {
            boolean grows = parameters.length > 0 && epoch == job.request().epochs();
            lossSum += epochs.run(job.rate(), (current, last) -> {
                if (grows && last) {
                    current.backward(parameters, sinks);
                } else {
                    current.backward();
                }
                if (pull != null) {
                    pull.apply();
                }
            });
        }
        return lossSum;
    }

    /** Budget-aware extrusion: the gradient of the L2 penalty on the weights that are likely to go. */
    private static final class Pull {
        private final Session session;
        private final int[] parameters;
        private final int[][] places;
        private final float penalty;

        Pull(Session session, List<GrowthRequest> layers, float penalty) {
            this.session = session;
            this.parameters = LocalJob.parameters(layers);
            this.penalty = penalty;
            this.places = new int[parameters.length][];
            for (int i = 0; i < parameters.length; i++) {
                places[i] = Magnitude.smallest(session.values(parameters[i]), layers.get(i).limit());
            }
        }

        void apply() {
            for (int i = 0; i < parameters.length; i++) {
                float[] values = session.values(parameters[i]);
                float[] gradient = session.gradient(parameters[i]);
                for (int place : places[i]) {
                    gradient[place] += penalty * values[place];
                }
            }
        }
    }

    private static Update accumulate(LocalJob job, boolean upload) {
        Network network = job.network();
        int[] parameters = network.prunable().stream().mapToInt(Integer::intValue).toArray();
        SquaredGradients[] sums = new SquaredGradients[parameters.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = new SquaredGradients(network.parameters().get(parameters[i]).size());
            job.sessions().account(MemoryCategory.TOP_K, sums[i].bytes());
        }
        Session session = job.takeOver();
        Epochs epochs = job.epochs(session, "local");
        double lossSum = 0;
        for (int epoch = 0; epoch < job.request().epochs(); epoch++) {
            lossSum += epochs.run(job.rate(), (current, _) -> {
                current.backward(parameters, sums);
                for (int i = 0; i < sums.length; i++) {
                    sums[i].addKept(current.mask(parameters[i]), current.gradient(parameters[i]));
                }
            });
        }
        List<float[]> squares = new ArrayList<>();
        for (SquaredGradients sum : upload ? sums : new SquaredGradients[0]) {
            squares.add(sum.sums());
        }
        return job.answer(session.liveState(), lossSum, new LocalResult.Importance(squares));
    }
}
