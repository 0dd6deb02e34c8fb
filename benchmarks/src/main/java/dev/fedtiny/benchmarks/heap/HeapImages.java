package dev.fedtiny.benchmarks.heap;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DatasetDescription;
import dev.fedtiny.data.DatasetKind;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.engine.runtime.RandomStream;
import java.util.List;

/** Random images of the size of CIFAR-10's: neither time nor memory of a step depends on what is on them. */
public final class HeapImages {
    /** Classes there are. */
    public static final int CLASSES = 10;
    private static final int SIDE = 32;
    private static final int CHANNELS = 3;

    private HeapImages() {
    }

    /** So many images, classes in turn. */
    public static Dataset random(int count, int seed) {
        RandomStream random = RandomStream.of(seed, "floor-images");
        byte[][] pixels = new byte[count][CHANNELS * SIDE * SIDE];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % CLASSES;
            for (int j = 0; j < pixels[i].length; j++) {
                pixels[i][j] = (byte) random.nextInt(256);
            }
        }
        return Dataset.of(new DatasetDescription(DatasetKind.CUSTOM, CHANNELS, SIDE, SIDE, CLASSES, List.of(), Normalization.CIFAR10),
                pixels, labels);
    }
}
