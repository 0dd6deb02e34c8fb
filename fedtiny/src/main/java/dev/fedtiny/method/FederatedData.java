package dev.fedtiny.method;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.DataSplit;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Partition;
import dev.fedtiny.data.TrainTest;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Who has which images.
 *
 * @param publicSet D_s, the server's; no device has any of them
 * @param devices one data set a device
 * @param test only for evaluating the global model
 */
public record FederatedData(Dataset publicSet, List<Dataset> devices, Dataset test) {
    /** Keeps its own copy of the list. */
    public FederatedData {
        devices = List.copyOf(devices);
        if (devices.isEmpty()) {
            throw new DataException("no device has data, expected at least one device");
        }
    }

    /**
     * Sets the public images apart and splits the rest.
     *
     * @param publicPerClass public images of each class
     * @param partition splits the training images that are not public
     * @param data both parts of the data set
     * @param seed of the draw of the public images
     * @return everybody's images
     */
    public static FederatedData split(TrainTest data, int publicPerClass, long seed, Function<Dataset, Partition> partition) {
        return of(data, DataSplit.draw(data.train(), publicPerClass, seed, partition));
    }

    /**
     * The images of a split of the training part; pixels are shared.
     *
     * @param data both parts of the data set
     * @param split positions in its training part
     * @return everybody's images
     */
    public static FederatedData of(TrainTest data, DataSplit split) {
        List<Dataset> devices = IntStream.range(0, split.devices().devices())
                .mapToObj(k -> split.devices().localData(data.train(), k)).toList();
        return new FederatedData(data.train().subset(split.publicSet()), devices, data.test());
    }
}
