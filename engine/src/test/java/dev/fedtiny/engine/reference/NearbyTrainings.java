package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * The training of a file of reference results in double, begun a little beside its weights and images: a few times what single precision
 * rounds them to. Where such trainings end far from each other, a value has come so near to a kink of a ReLU that single precision cannot
 * tell its side: a result in float32 is then right if it is that of one of them.
 */
public final class NearbyTrainings {
    /** Part of itself by which every weight and every image value is moved at most: three units in the last place of a float. */
    private static final double NOISE = 2e-7;

    private final SafetensorsFile file;
    private final ReferenceNetwork reference;
    private final double[][] start;
    private final double[][] masks;

    /** Trainings of the file's network by the file's settings, cross entropy and SGD; the state is where they begin. */
    public NearbyTrainings(SafetensorsFile file, ModelState state) {
        this.file = file;
        Network network = state.network();
        this.reference = new ReferenceNetwork(network);
        this.start = ReferenceNetwork.parameters(state);
        this.masks = new double[start.length][];
        for (int p = 0; p < masks.length; p++) {
            masks[p] = new double[start[p].length];
            for (int index : state.mask(p).indices()) {
                masks[p][index] = 1;
            }
        }
    }

    /** Parameters after the file's steps, dense, in {@code state_dict} order; try 0 begins where the file does. */
    public double[][] train(int seed) throws IOException {
        RandomStream random = RandomStream.of(seed, "nearby");
        double[][] parameters = new double[start.length][];
        Arrays.setAll(parameters, p -> moved(start[p], seed, random));
        int steps = Integer.parseInt(file.metadata().get("steps"));
        float[] images = file.readFloats("images");
        long[] targets = file.readLongs("targets");
        int batch = targets.length / steps;
        ReferenceOptimizer optimizer = ReferenceOptimizer.of(file);
        for (int step = 0; step < steps; step++) {
            int size = images.length / steps;
            int first = step * batch;
            int[] labels = new int[batch];
            Arrays.setAll(labels, i -> Math.toIntExact(targets[first + i]));
            double[] input = moved(ReferenceNetwork.toDouble(Arrays.copyOfRange(images, step * size, (step + 1) * size)), seed, random);
            ReferenceNetwork.Pass pass = reference.forward(Mode.TRAINING, parameters, input, batch);
            parameters = optimizer.step(pass.parametersAfter(), reference.gradients(pass, labels), masks);
        }
        return parameters;
    }

    /** What a network with such parameters answers to the file's input. */
    public double[] outputs(double[][] parameters) throws IOException {
        double[] input = ReferenceNetwork.toDouble(file.readFloats("input"));
        int images = Math.toIntExact(file.get("input").shape().getFirst());
        return reference.forward(Mode.INFERENCE, parameters, input, images).logits();
    }

    private static double[] moved(double[] values, int seed, RandomStream random) {
        double[] near = values.clone();
        for (int i = 0; seed > 0 && i < near.length; i++) {
            near[i] *= 1 + NOISE * (2 * random.nextDouble() - 1);
        }
        return near;
    }
}
