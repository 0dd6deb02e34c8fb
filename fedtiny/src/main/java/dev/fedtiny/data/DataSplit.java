package dev.fedtiny.data;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Function;

/**
 * Who gets which training images: positions in one training set, of the server's public images and of every device's.
 *
 * @param publicSet positions of D_s, ascending; none of them is a device's. Copied on the way in and out
 * @param devices positions of every device's images
 */
public record DataSplit(int[] publicSet, Partition devices) {
    /**
     * Checks that nobody's images are public.
     *
     * @throws DataException if there is no public image, one stands twice, or a device has it too
     */
    public DataSplit {
        publicSet = publicSet.clone();
        if (publicSet.length == 0) {
            throw new DataException("the public set is empty, expected at least one image");
        }
        BitSet isPublic = new BitSet();
        for (int index : publicSet) {
            if (index < 0 || isPublic.get(index)) {
                throw new DataException("the public set has image " + index + (index < 0 ? ", expected 0 or more" : " twice"));
            }
            isPublic.set(index);
        }
        for (int device = 0; device < devices.devices(); device++) {
            for (int index : devices.indices(device)) {
                if (isPublic.get(index)) {
                    throw new DataException("image " + index + " is public and belongs to device " + device
                            + " too; no device may have a public image");
                }
            }
        }
    }

    /**
     * As {@link #draw(Dataset, int, boolean, long, Function)}, with a public set that is needed.
     *
     * @param train all training images
     * @param publicPerClass public images of each class
     * @param seed of the draw of the public images
     * @param partition splits the training images that are not public
     * @return positions in {@code train}
     * @throws DataException if a class has fewer images, or none are left for devices
     */
    public static DataSplit draw(Dataset train, int publicPerClass, long seed, Function<Dataset, Partition> partition) {
        return draw(train, publicPerClass, true, seed, partition);
    }

    /**
     * Sets the public images apart and splits the rest.
     *
     * @param publicPerClass public images of each class
     * @param needed whether something is going to be learned from the public images; see {@link PublicSet#split}
     * @param partition splits the training images that are not public
     * @param train all training images
     * @param seed of the draw of the public images
     * @return positions in {@code train}
     * @throws DataException if a class has fewer images and they are needed, or none are left for devices
     */
    public static DataSplit draw(Dataset train, int publicPerClass, boolean needed, long seed, Function<Dataset, Partition> partition) {
        IndexSplit split = PublicSet.split(train, publicPerClass, seed, needed);
        int[] rest = split.rest();
        if (rest.length == 0) {
            throw new DataException("the public set takes all " + train.count() + " training images; use fewer a class");
        }
        Partition parts = partition.apply(train.subset(rest));
        return new DataSplit(split.chosen(), new Partition(parts.deviceIndices().stream()
                .map(indices -> Arrays.stream(indices).map(i -> rest[i]).toArray()).toList()));
    }

    /** {@return A fresh copy of the public positions} */
    @Override
    public int[] publicSet() {
        return publicSet.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DataSplit that && Arrays.equals(publicSet, that.publicSet) && devices.equals(that.devices);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(publicSet) + devices.hashCode();
    }

    @Override
    public String toString() {
        return "DataSplit of " + publicSet.length + " public images and " + devices;
    }
}
