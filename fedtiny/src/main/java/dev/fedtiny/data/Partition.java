package dev.fedtiny.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Which samples each device has: positions in one data set, none of them twice, at least one a device. Arrays are copied on the way in and
 * out, so a partition never changes.
 *
 * @param deviceIndices one array a device
 */
public record Partition(List<int[]> deviceIndices) {
    /**
     * Checks and copies the lists.
     *
     * @throws IllegalArgumentException if there is no device, a device has no samples, or an index is negative or stands twice
     */
    public Partition {
        deviceIndices = copy(deviceIndices);
        if (deviceIndices.isEmpty()) {
            throw new IllegalArgumentException("partition has no devices, expected at least one");
        }
        BitSet seen = new BitSet();
        for (int device = 0; device < deviceIndices.size(); device++) {
            if (deviceIndices.get(device).length == 0) {
                throw new IllegalArgumentException("device " + device + " has no samples, expected at least one");
            }
            for (int index : deviceIndices.get(device)) {
                if (index < 0 || seen.get(index)) {
                    throw new IllegalArgumentException("device " + device + " has sample " + index
                            + (index < 0 ? ", expected 0 or more" : ", which stands in the partition twice"));
                }
                seen.set(index);
            }
        }
    }

    private static List<int[]> copy(List<int[]> lists) {
        List<int[]> copies = new ArrayList<>(lists.size());
        lists.forEach(list -> copies.add(list.clone()));
        return List.copyOf(copies);
    }

    /** {@return fresh copies of all lists} */
    @Override
    public List<int[]> deviceIndices() {
        return copy(deviceIndices);
    }

    /** {@return number of devices K} */
    public int devices() {
        return deviceIndices.size();
    }

    /**
     * A fresh copy of one device's list.
     *
     * @param device from 0, below {@link #devices()}
     * @return positions in the data set, ascending
     */
    public int[] indices(int device) {
        return deviceIndices.get(device).clone();
    }

    /**
     * How many samples a device has, n_k.
     *
     * @param device from 0, below {@link #devices()}
     * @return at least 1
     */
    public int size(int device) {
        return deviceIndices.get(device).length;
    }

    /** {@return how many samples all devices have together} */
    public int totalSize() {
        return deviceIndices.stream().mapToInt(list -> list.length).sum();
    }

    /**
     * A device's samples as a view of the data set that was split; pixels are shared.
     *
     * @param dataset the one that was split
     * @param device from 0, below {@link #devices()}
     * @return its images
     */
    public Dataset localData(Dataset dataset, int device) {
        return dataset.subset(deviceIndices.get(device));
    }

    /**
     * How many samples of each class each device has: a fresh array, devices × classes.
     *
     * @param dataset the one that was split
     * @return counts {@code [device][class]}
     */
    public int[][] classHistogram(Dataset dataset) {
        int[][] histogram = new int[devices()][];
        for (int device = 0; device < histogram.length; device++) {
            histogram[device] = new int[dataset.classes()];
            for (int index : deviceIndices.get(device)) {
                histogram[device][dataset.label(index)]++;
            }
        }
        return histogram;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Partition that && Arrays.deepEquals(deviceIndices.toArray(), that.deviceIndices.toArray());
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(deviceIndices.toArray());
    }

    @Override
    public String toString() {
        return "Partition of " + totalSize() + " samples, per device " + deviceIndices.stream().map(list -> list.length).toList();
    }
}
