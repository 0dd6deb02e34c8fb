package dev.fedtiny.benchmarks.comparison;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.method.FederatedData;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Images for any number of devices out of few: all devices have as many, drawn with repetitions, and pixels are there once. */
public final class DealtImages {
    private static final int TEST_IMAGES = 100;

    private DealtImages() {
    }

    /**
     * Deals them out; the same ones to a device every time. A class that is rare stays rare.
     *
     * @param all to draw from, at least 100 of either part
     * @param devices how many
     * @param images of every device
     * @return theirs, and the first hundred of each part as public set and for tests
     */
    public static FederatedData deal(TrainTest all, int devices, int images) {
        List<Dataset> shares = new ArrayList<>(devices);
        for (int device = 0; device < devices; device++) {
            RandomStream random = RandomStream.of(1, "many-devices", device);
            int[] chosen = IntStream.generate(() -> random.nextInt(all.train().count())).limit(images).toArray();
            shares.add(all.train().subset(chosen));
        }
        int[] first = IntStream.range(0, TEST_IMAGES).toArray();
        return new FederatedData(all.train().subset(first), shares, all.test().subset(first));
    }
}
