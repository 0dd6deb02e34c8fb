package dev.fedtiny.method;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.IndexSplit;
import dev.fedtiny.data.Partition;
import dev.fedtiny.data.PublicSet;
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
     */
    public static FederatedData split(TrainTest data, int publicPerClass, long seed, Function<Dataset, Partition> partition) {
        IndexSplit split = PublicSet.split(data.train(), publicPerClass, seed);
        if (split.rest().length == 0) {
            throw new DataException("the public set takes all " + data.train().count() + " training images; use fewer a class");
        }
        Dataset rest = data.train().subset(split.rest());
        Partition parts = partition.apply(rest);
        List<Dataset> devices = IntStream.range(0, parts.devices()).mapToObj(device -> parts.localData(rest, device)).toList();
        return new FederatedData(data.train().subset(split.chosen()), devices, data.test());
    }
}
