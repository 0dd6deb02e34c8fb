package dev.fedtiny.federation;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.nn.Mode;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.Session;
import dev.fedtiny.engine.sparse.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Stage two on a device: E local epochs under a fixed mask, and in an adjustment round the largest gradients at pruned positions. */
final class LocalTraining {
    private LocalTraining() {
    }

    static Update run(Network network, Train request, HeldMasks held, int round, int device, Dataset data, DeviceSettings settings,
            Workbench bench) {
        long start = System.nanoTime();
        Session session = bench.session(ModelState.of(network, held.masks(), request.values()), Mode.TRAINING, request.batch());
        Epochs epochs = new Epochs(session, data, settings.optimizer(), settings.augmentation(), settings.seed(), "local", round, device);
        int[] parameters = request.growth().stream().mapToInt(GrowthRequest::parameter).toArray();
        TopK[] buffers = request.growth().stream().map(growth -> new TopK(growth.limit())).toArray(TopK[]::new);
        bench.account(MemoryCategory.OPTIMIZER, epochs.optimizerBytes());
        bench.account(MemoryCategory.TOP_K, Arrays.stream(buffers).mapToLong(TopK::bytes).sum());
        double lossSum = 0;
        for (int epoch = 1; epoch < request.epochs(); epoch++) {
            lossSum += epochs.run(request.learningRate());
        }
        lossSum += epochs.run(request.learningRate(), parameters, buffers);
        bench.account();
        ModelState trained = session.state();
        checkFinite(trained, lossSum);
        List<Growth> growth = new ArrayList<>();
        for (int i = 0; i < buffers.length; i++) {
            growth.add(ascending(parameters[i], buffers[i].sorted()));
        }
        return new Update(held.version(), data.count(), lossSum, System.nanoTime() - start, trained.allValues(), growth);
    }

    private static void checkFinite(ModelState trained, double lossSum) {
        if (!Double.isFinite(lossSum)) {
            throw new ArithmeticException("training gave the summed loss " + lossSum + "; use a smaller learning rate");
        }
        try {
            trained.check();
        } catch (IllegalStateException e) {
            throw (ArithmeticException) new ArithmeticException("training gave values that are not finite (" + e.getMessage()
                    + "); use a smaller learning rate").initCause(e);
        }
    }

    private static Growth ascending(int parameter, TopK.Entries entries) {
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
        return new Growth(parameter, indices, values);
    }
}
