package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One draw of a Dirichlet split: every class in random order, and where in it each device's share ends. Devices' lists are only made of a
 * draw that is used.
 */
final class ShareDraw {
    private final List<int[]> orders = new ArrayList<>();
    private final List<int[]> ends = new ArrayList<>();
    private final int[] sizes;
    private boolean massLost;

    private ShareDraw(int devices) {
        this.sizes = new int[devices];
    }

    /**
     * Draws.
     *
     * @param byClass positions of each class
     * @param devices K
     * @param alpha α, positive and finite
     */
    static ShareDraw of(int[][] byClass, int devices, double alpha, RandomStream random) {
        ShareDraw draw = new ShareDraw(devices);
        int samples = Arrays.stream(byClass).mapToInt(ofClass -> ofClass.length).sum();
        for (int[] ofClass : byClass) {
            if (ofClass.length > 0 && !draw.massLost) {
                draw.add(ofClass.clone(), samples, alpha, random);
            }
        }
        return draw;
    }

    private void add(int[] order, int samples, double alpha, RandomStream random) {
        random.shuffle(order);
        double[] cumulative = proportions(samples, alpha, random);
        if (cumulative == null) {
            massLost = true;
            return;
        }
        int[] end = new int[sizes.length];
        int from = 0;
        for (int device = 0; device < end.length; device++) {
            // Exact at 1, so that rounding never gives a sample to a full device at the end.
            end[device] = cumulative[device] >= 1 ? order.length : (int) StrictMath.floor(cumulative[device] * order.length);
            sizes[device] += end[device] - from;
            from = end[device];
        }
        orders.add(order);
        ends.add(end);
    }

    /** Cumulative proportions of the devices, full ones left out, or null if no mass remains. */
    private double[] proportions(int samples, double alpha, RandomStream random) {
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

    /** How many devices have fewer samples; 1, as far as is known, where no device could take a class and the draw ended there. */
    int devicesBelow(int smallestShare) {
        return massLost ? 1 : (int) Arrays.stream(sizes).filter(size -> size < smallestShare).count();
    }

    /** Whether every class was given away. */
    boolean complete() {
        return !massLost;
    }

    /** The devices' lists, each ascending, after those that are short got what they lack ({@link ShortShares#FILL}). */
    Partition filled(int smallestShare, RandomStream random) {
        return ShortShares.fill(lists(), smallestShare, random);
    }

    /** The devices' lists, each ascending. */
    Partition partition() {
        return new Partition(lists());
    }

    private List<int[]> lists() {
        List<int[]> lists = new ArrayList<>(sizes.length);
        for (int device = 0; device < sizes.length; device++) {
            int[] list = new int[sizes[device]];
            int size = 0;
            for (int c = 0; c < orders.size(); c++) {
                int from = device == 0 ? 0 : ends.get(c)[device - 1];
                int count = ends.get(c)[device] - from;
                System.arraycopy(orders.get(c), from, list, size, count);
                size += count;
            }
            Arrays.sort(list);
            lists.add(list);
        }
        return lists;
    }
}
