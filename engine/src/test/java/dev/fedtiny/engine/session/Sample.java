package dev.fedtiny.engine.session;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.reference.ReferenceNetwork;
import dev.fedtiny.engine.reference.StorageReference;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A random state of a network with random images and labels.
 *
 * @param state weights of about unit gain, every γ, β, bias and running statistic away from its neutral value
 * @param images N,C,H,W
 * @param labels one an image
 */
public record Sample(ModelState state, float[] images, int[] labels) {
    /** Rounding in float stays below this part of a map's largest value, in the first layers, where most values are. */
    private static final double MARGIN = 2e-6;
    private static final int ATTEMPTS = 100;
    /** Single precision stays below this part of a map's largest value in shallow networks with small maps. */
    private static final double ROUNDING_MARGIN = 2e-7;
    private static final int ROUNDING_ATTEMPTS = 2_000;

    /** The sample of a seed. */
    public static Sample of(Network network, Sparsity sparsity, int count, long seed) {
        return of(network, sparsity, count, seed, network.classes());
    }

    /** The sample of a seed, with labels of so many classes: of a network with several outputs, which has no classes of its own. */
    public static Sample of(Network network, Sparsity sparsity, int count, long seed, int classes) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < network.parameters().size(); i++) {
            Parameter parameter = network.parameters().get(i);
            Mask mask = sparsity.mask(network, i, RandomStream.of(seed, "mask", i));
            RandomStream random = RandomStream.of(seed, "values", i);
            float[] kept = new float[mask.count()];
            for (int j = 0; j < kept.length; j++) {
                double value = random.nextGaussian();
                kept[j] = (float) switch (parameter.kind()) {
                    case CONVOLUTION_WEIGHT, LINEAR_WEIGHT -> value * Math.sqrt(1.5 / Math.max(1, mask.density() * parameter.columns()));
                    case GAMMA -> 1 + 0.2 * value;
                    case RUNNING_VARIANCE -> 1 + 0.3 * Math.abs(value);
                    case BIAS, BETA, RUNNING_MEAN -> 0.3 * value;
                };
            }
            masks.add(mask);
            values.add(kept);
        }
        RandomStream random = RandomStream.of(seed, "images");
        float[] images = new float[count * network.input().size()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        int[] labels = new int[count];
        for (int n = 0; n < count; n++) {
            labels[n] = random.nextInt(classes);
        }
        return new Sample(ModelState.of(network, masks, values), images, labels);
    }

    /**
     * The first sample in which no value lies so near to a kink of a ReLU or a max pool that rounding could send a gradient another way
     * than in double: there float and double differ without either being wrong. In a dense one every parameter has a gradient.
     */
    static Sample awayFromKinks(Network network, Sparsity sparsity, int count) {
        ReferenceNetwork reference = new ReferenceNetwork(network);
        for (int seed = 0; seed < ATTEMPTS; seed++) {
            Sample sample = of(network, sparsity, count, seed);
            var pass = reference.forward(Mode.TRAINING, sample.parameters(), sample.imagesAsDouble(), count);
            if (reference.margin(pass) > MARGIN && (sparsity != Sparsity.DENSE || isAlive(reference.gradients(pass, sample.labels)))) {
                return sample;
            }
        }
        throw new AssertionError("no sample of " + count + " images stays away from kinks; take fewer images or smaller ones");
    }

    /** The first sample with a margin in which no stored value lies so near to where rounding changes its mind either. */
    static Sample awayFromRounding(Network network, Sparsity sparsity, int count) {
        for (int seed = 0; seed < ROUNDING_ATTEMPTS; seed++) {
            Sample sample = of(network, sparsity, count, seed);
            StorageReference storage = StorageReference.bfloat16();
            ReferenceNetwork reference = new ReferenceNetwork(network, storage);
            var pass = reference.forward(Mode.TRAINING, sample.parameters(), sample.imagesAsDouble(), count);
            if (storage.margin() > ROUNDING_MARGIN && reference.margin(pass) > MARGIN) {
                double[][] gradients = reference.gradients(pass, sample.labels);
                if (storage.margin() > ROUNDING_MARGIN && isAlive(gradients)) {
                    return sample;
                }
            }
        }
        throw new AssertionError("no sample of " + count + " images stays away from where rounding changes; take fewer or smaller images");
    }

    private static boolean isAlive(double[][] gradients) {
        return Arrays.stream(gradients).allMatch(gradient -> gradient == null || Arrays.stream(gradient).anyMatch(value -> value != 0));
    }

    /** The parameters for the reference. */
    double[][] parameters() {
        return ReferenceNetwork.parameters(state);
    }

    /** The images for the reference. */
    double[] imagesAsDouble() {
        return ReferenceNetwork.toDouble(images);
    }

    /** Number of images. */
    public int count() {
        return labels.length;
    }

    /** Puts the sample into a session; lanes without an image hold NaN, which must not get anywhere. */
    public void feed(Session session) {
        if (session.options().images() instanceof ImageForm.Bytes form) {
            Arrays.fill(session.inputBytes(), (byte) 77);
            session.setImages(bytes(form), count());
        } else {
            Arrays.fill(session.input(), Float.NaN);
            session.setImages(images, count());
        }
        System.arraycopy(labels, 0, session.labels(), 0, count());
    }

    /** The same sample with random bytes for images, as what they stand for. */
    Sample ofBytes(ImageForm.Bytes form, long seed) {
        RandomStream random = RandomStream.of(seed, "bytes");
        float[] values = new float[images.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = form.value(channel(i), (byte) random.nextInt(256));
        }
        return new Sample(state, values, labels);
    }

    /** The bytes that stand for the images. */
    byte[] bytes(ImageForm.Bytes form) {
        byte[] bytes = new byte[images.length];
        for (int i = 0; i < bytes.length; i++) {
            while (Float.floatToRawIntBits(form.value(channel(i), bytes[i])) != Float.floatToRawIntBits(images[i])) {
                bytes[i]++;
            }
        }
        return bytes;
    }

    private int channel(int i) {
        return i / state.network().input().pixels() % state.network().input().channels();
    }
}
