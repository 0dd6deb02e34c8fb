package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits a training set between devices: every sample goes to exactly one of them, and equal seeds give equal splits on every machine. The
 * indices of each device are in ascending order.
 */
public final class Partitions {
    /** A Dirichlet split in which some device has fewer samples is drawn again. */
    public static final int MINIMUM_DEVICE_SAMPLES = 10;
    /** After so many unusable draws a Dirichlet split is given up. */
    public static final int MAXIMUM_DRAWS = 1_000;

    private Partitions() {
    }

    /**
     * Equal shares of a random order; sizes differ by at most one.
     *
     * @param count samples of the data set
     * @throws DataException if there are more devices than samples
     */
    public static Partition iid(int count, int devices, long seed) {
        checkDevices(devices);
        if (devices > count) {
            throw new DataException("cannot split " + count + " samples between " + devices
                    + " devices, expected at least one sample each");
        }
        int[] order = new int[count];
        Arrays.setAll(order, i -> i);
        RandomStream.of(seed, "partition-iid").shuffle(order);
        List<int[]> lists = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            int from = (int) ((long) count * device / devices);
            int to = (int) ((long) count * (device + 1) / devices);
            lists.add(sorted(order, from, to));
        }
        return new Partition(lists);
    }

    /** As {@link #dirichlet(int[], int, int, double, long)}, with the labels of the data set. */
    public static Partition dirichlet(Dataset dataset, int devices, double alpha, long seed) {
        return dirichlet(dataset.labels(), dataset.classes(), devices, alpha, seed);
    }

    /**
     * The usual uneven split: class by class, the samples in random order are cut in proportions drawn from Dirichlet(α·1_K), where devices
     * that already hold at least N/K samples get nothing; the whole draw is repeated until the smallest device has 10 samples.
     *
     * @param labels one a sample, N together
     * @param classes labels run from 0 to one less
     * @param devices K
     * @param alpha α: small is skewed, large is even; positive and finite
     * @throws DataException if N &lt; 10·K, a label is out of range, or 1,000 draws gave no usable split
     * @throws IllegalArgumentException if K or α is not positive
     */
    public static Partition dirichlet(int[] labels, int classes, int devices, double alpha, long seed) {
        checkDevices(devices);
        if (!(alpha > 0) || !Double.isFinite(alpha)) {
            throw new IllegalArgumentException("Dirichlet α is " + alpha + ", expected a positive finite number");
        }
        if ((long) MINIMUM_DEVICE_SAMPLES * devices > labels.length) {
            throw new DataException("cannot split N = " + labels.length + " samples between K = " + devices + " devices, expected at least "
                    + MINIMUM_DEVICE_SAMPLES + " each; use fewer devices");
        }
        int[][] byClass = indicesByClass(labels, classes);
        for (int draw = 0; draw < MAXIMUM_DRAWS; draw++) {
            Partition partition = draw(byClass, labels.length, devices, alpha, RandomStream.of(seed, "partition-dirichlet", draw));
            if (partition != null) {
                return partition;
            }
        }
        throw new DataException("no usable Dirichlet split of N = " + labels.length + " samples between K = " + devices
                + " devices with α = " + alpha + " in " + MAXIMUM_DRAWS + " draws: some device always had fewer than "
                + MINIMUM_DEVICE_SAMPLES + " samples; use fewer devices or a larger α");
    }

    private static void checkDevices(int devices) {
        if (devices < 1) {
            throw new IllegalArgumentException("number of devices is " + devices + ", expected at least 1");
        }
    }

    /** The positions of each class, ascending. */
    static int[][] indicesByClass(int[] labels, int classes) {
        int[] counts = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new DataException("sample " + i + " has label " + labels[i] + ", expected 0 to " + (classes - 1));
            }
            counts[labels[i]]++;
        }
        int[][] byClass = new int[classes][];
        Arrays.setAll(byClass, c -> new int[counts[c]]);
        for (int i = labels.length - 1; i >= 0; i--) {
            byClass[labels[i]][--counts[labels[i]]] = i;
        }
        return byClass;
    }

    /** One draw over all classes, or null if it is not usable. */
    private static Partition draw(int[][] byClass, int samples, int devices, double alpha, RandomStream random) {
        int[][] held = new int[devices][samples / devices + 1];
        int[] sizes = new int[devices];
        for (int[] ofClass : byClass) {
            if (ofClass.length == 0) {
                continue;
            }
            int[] order = ofClass.clone();
            random.shuffle(order);
            double[] proportions = drawProportions(sizes, samples, alpha, random);
            if (proportions == null) {
                return null;
            }
            int from = 0;
            for (int device = 0; device < devices; device++) {
                int to = cut(proportions, device, order.length);
                held[device] = append(held[device], sizes[device], order, from, to);
                sizes[device] += to - from;
                from = to;
            }
        }
        List<int[]> lists = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            if (sizes[device] < MINIMUM_DEVICE_SAMPLES) {
                return null;
            }
            lists.add(sorted(held[device], 0, sizes[device]));
        }
        return new Partition(lists);
    }

    /** Cumulative proportions of the devices, full ones left out, or null if no mass remains. */
    private static double[] drawProportions(int[] sizes, int samples, double alpha, RandomStream random) {
        int devices = sizes.length;
        double[] mass = new double[devices];
        double largest = Double.NEGATIVE_INFINITY;
        for (int device = 0; device < devices; device++) {
            double logGamma = GammaVariates.nextLog(alpha, random);
            boolean full = (long) sizes[device] * devices >= samples;
            mass[device] = full ? Double.NEGATIVE_INFINITY : logGamma;
            largest = Math.max(largest, mass[device]);
        }
        if (!Double.isFinite(largest)) {
            return null;
        }
        // Relative to the largest mass, so that a tiny α leaves at least one device with a proportion.
        double sum = 0;
        for (int device = 0; device < devices; device++) {
            sum += StrictMath.exp(mass[device] - largest);
            mass[device] = sum;
        }
        for (int device = 0; device < devices; device++) {
            mass[device] /= sum;
        }
        return mass;
    }

    /** Where the device's share of a class ends; exact at 1, so that rounding never gives a sample to a full device at the end. */
    private static int cut(double[] cumulative, int device, int count) {
        return cumulative[device] >= 1 ? count : (int) StrictMath.floor(cumulative[device] * count);
    }

    private static int[] append(int[] held, int size, int[] order, int from, int to) {
        int[] target = held;
        if (size + to - from > held.length) {
            target = Arrays.copyOf(held, Math.max(2 * held.length, size + to - from));
        }
        System.arraycopy(order, from, target, size, to - from);
        return target;
    }

    private static int[] sorted(int[] values, int from, int to) {
        int[] part = Arrays.copyOfRange(values, from, to);
        Arrays.sort(part);
        return part;
    }
}
