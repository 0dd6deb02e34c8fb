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
    /** A Dirichlet split in which some device has fewer samples is drawn again, unless another smallest share is asked for. */
    public static final int USUAL_SMALLEST_SHARE = 10;
    /** After so many unusable draws a Dirichlet split is given up. */
    public static final int MAXIMUM_DRAWS = 1_000;

    private Partitions() {
    }

    /**
     * Equal shares of a random order; sizes differ by at most one.
     *
     * @param count samples of the data set
     * @param devices K, at least 1
     * @param seed of the random order
     * @return K lists, ascending
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

    /**
     * As {@link #dirichlet(int[], int, int, double, int, long)}, with the labels of the data set and the usual smallest share.
     *
     * @param dataset what is split
     * @param devices K
     * @param alpha α, positive and finite
     * @param seed of all draws
     * @return K lists, ascending
     */
    public static Partition dirichlet(Dataset dataset, int devices, double alpha, long seed) {
        return dirichlet(dataset, devices, alpha, USUAL_SMALLEST_SHARE, seed);
    }

    /**
     * As {@link #dirichlet(int[], int, int, double, int, long)}, with the labels of the data set.
     *
     * @param dataset what is split
     * @param devices K
     * @param alpha α, positive and finite
     * @param smallestShare samples that every device must have, at least 1
     * @param seed of all draws
     * @return K lists, ascending
     */
    public static Partition dirichlet(Dataset dataset, int devices, double alpha, int smallestShare, long seed) {
        return dirichlet(dataset, devices, alpha, smallestShare, ShortShares.REDRAW, seed);
    }

    /**
     * The same, with a rule for devices that are short.
     *
     * @param dataset what is split
     * @param devices K
     * @param alpha α, positive and finite
     * @param smallestShare samples that every device must have, at least 1
     * @param shortShares what becomes of a draw in which some device has fewer
     * @param seed of all draws
     * @return K lists, ascending
     * @throws DataException as {@link #dirichlet(int[], int, int, double, int, long)}; with {@link ShortShares#FILL} hardly but for too
     *         few samples
     */
    public static Partition dirichlet(Dataset dataset, int devices, double alpha, int smallestShare, ShortShares shortShares, long seed) {
        return dirichlet(dataset.labels(), dataset.classes(), devices, alpha, smallestShare, shortShares, seed);
    }

    /**
     * As {@link #dirichlet(int[], int, int, double, int, long)}, with the usual smallest share.
     *
     * @param labels one a sample
     * @param classes labels run from 0 to one less
     * @param devices K
     * @param alpha α, positive and finite
     * @param seed of all draws
     * @return K lists, ascending
     */
    public static Partition dirichlet(int[] labels, int classes, int devices, double alpha, long seed) {
        return dirichlet(labels, classes, devices, alpha, USUAL_SMALLEST_SHARE, seed);
    }

    /**
     * The usual uneven split: class by class, the samples in random order are cut in proportions drawn from Dirichlet(α·1_K), where devices
     * that already hold at least N/K samples get nothing; the whole draw is repeated until the smallest device has its share. A draw takes
     * O(N + K · classes).
     *
     * @param labels one a sample, N together
     * @param classes labels run from 0 to one less
     * @param devices K
     * @param alpha α: small is skewed, large is even; positive and finite
     * @param smallestShare samples that every device must have, at least 1; it changes no split that has them anyway
     * @param seed of all draws
     * @return K lists, ascending
     * @throws DataException if N &lt; smallestShare·K, a label is out of range, or 1,000 draws gave no usable split, or the first ones were
     *         all far from one
     * @throws IllegalArgumentException if K, α or the smallest share is not positive
     */
    public static Partition dirichlet(int[] labels, int classes, int devices, double alpha, int smallestShare, long seed) {
        return dirichlet(labels, classes, devices, alpha, smallestShare, ShortShares.REDRAW, seed);
    }

    /** The same, with a rule for devices that are short. */
    static Partition dirichlet(int[] labels, int classes, int devices, double alpha, int smallestShare, ShortShares shortShares,
            long seed) {
        checkDevices(devices);
        if (!(alpha > 0) || !Double.isFinite(alpha)) {
            throw new IllegalArgumentException("Dirichlet α is " + alpha + ", expected a positive finite number");
        }
        if (smallestShare < 1) {
            throw new IllegalArgumentException("smallest share of a device is " + smallestShare + ", expected at least 1");
        }
        if ((long) smallestShare * devices > labels.length) {
            throw new DataException("cannot split N = " + labels.length + " samples between K = " + devices + " devices, expected at least "
                    + smallestShare + " each; use fewer devices (devices)" + (devices > labels.length ? ""
                    : " or a smallest share of at most " + labels.length / devices + " (smallest-share)"));
        }
        int[][] byClass = indicesByClass(labels, classes);
        int fewestShort = Integer.MAX_VALUE;
        int draws = 0;
        while (draws < MAXIMUM_DRAWS && !hopeless(draws, fewestShort)) {
            ShareDraw draw = ShareDraw.of(byClass, devices, alpha, RandomStream.of(seed, "partition-dirichlet", draws++));
            int shortOf = draw.devicesBelow(smallestShare);
            if (shortOf == 0) {
                return draw.partition();
            }
            if (shortShares == ShortShares.FILL && draw.complete()) {
                return draw.filled(smallestShare, RandomStream.of(seed, "partition-dirichlet-fill", draws));
            }
            fewestShort = Math.min(fewestShort, shortOf);
        }
        throw new DataException("no usable Dirichlet split of N = " + labels.length + " samples between K = " + devices
                + " devices with α = " + alpha + " in " + draws + " draws: " + (fewestShort == 1 ? "some device" : fewestShort
                + " devices or more") + " always had fewer than " + smallestShare
                + " samples; use fewer devices (devices), a larger α (alpha), short-shares = fill (from the largest shares)"
                + (smallestShare == 1 ? "" : ", a smaller smallest share (smallest-share)") + " or equal shares (partition = iid)");
    }

    /**
     * Whether so many draws, every one of which left so many devices short, say that no later one will be usable: with a mean of λ devices
     * short about one draw in e^λ is, and λ is then above 30 or 20. With thousands of devices every draw takes its time.
     */
    private static boolean hopeless(int draws, int fewestShort) {
        return draws >= 20 && fewestShort >= 25 || draws >= 100 && fewestShort >= 12;
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

    private static int[] sorted(int[] values, int from, int to) {
        int[] part = Arrays.copyOfRange(values, from, to);
        Arrays.sort(part);
        return part;
    }
}
