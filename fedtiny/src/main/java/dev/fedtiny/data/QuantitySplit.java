package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Quantity skew (Li et al., "Federated Learning on Non-IID Data Silos: An Experimental Study", ICDE 2022): devices hold images of the same
 * distribution, but numbers of them in proportions drawn from Dirichlet(α·1_K), again until the smallest device has its share,
 * or filled up ({@link ShortShares}).
 */
public final class QuantitySplit implements PartitionScheme {
    /** For the service loader. */
    public QuantitySplit() {
    }

    @Override
    public String name() {
        return "quantity";
    }

    @Override
    public String description() {
        return "at random, numbers of images drawn by alpha";
    }

    @Override
    public List<SettingSpec<?>> settings() {
        return List.of(DirichletSplit.ALPHA, DirichletSplit.SMALLEST_SHARE, DirichletSplit.SHORT_SHARES);
    }

    @Override
    public Map<String, Number> parameters(SettingValues settings) {
        return DirichletSplit.drawn(settings);
    }

    @Override
    public Partition split(Dataset images, int devices, SettingValues settings, long seed) {
        return split(images.count(), devices, settings.get(DirichletSplit.ALPHA), settings.get(DirichletSplit.SMALLEST_SHARE),
                settings.get(DirichletSplit.SHORT_SHARES), seed);
    }

    /**
     * The same of any samples. A draw takes O(K).
     *
     * @param samples N
     * @param devices K
     * @param alpha α, above 0
     * @param smallestShare samples that every device must have, at least 1
     * @param shortShares what becomes of a draw in which some device has fewer
     * @param seed of the order and of all draws
     * @return K lists, ascending
     * @throws DataException if there are too few samples, or no draw gave every device its share
     */
    static Partition split(int samples, int devices, double alpha, int smallestShare, ShortShares shortShares, long seed) {
        if ((long) smallestShare * devices > samples) {
            throw new DataException("cannot split N = " + samples + " samples between K = " + devices + " devices, expected at least "
                    + smallestShare + " each; use fewer devices (devices)" + (devices > samples ? ""
                    : " or a smallest share of at most " + samples / devices + " (smallest-share)"));
        }
        for (int draw = 0; draw < Partitions.MAXIMUM_DRAWS; draw++) {
            int[] ends = ends(samples, devices, alpha, RandomStream.of(seed, "partition-quantity", draw));
            if (smallest(ends) >= smallestShare || shortShares == ShortShares.FILL) {
                List<int[]> lists = dealt(samples, ends, RandomStream.of(seed, "partition-quantity-order"));
                return smallest(ends) >= smallestShare ? new Partition(lists)
                        : ShortShares.fill(lists, smallestShare, RandomStream.of(seed, "partition-quantity-fill"));
            }
        }
        throw new DataException("no usable split by quantity of N = " + samples + " samples between K = " + devices + " devices with α = "
                + alpha + " in " + Partitions.MAXIMUM_DRAWS + " draws: some device always had fewer than " + smallestShare
                + " samples; use fewer devices (devices), a larger α (alpha), short-shares = fill (from the largest shares)"
                + (smallestShare == 1 ? "" : ", a smaller smallest share (smallest-share)") + " or equal shares (partition = iid)");
    }

    /** Where each device's share ends in an order of all samples. */
    private static int[] ends(int samples, int devices, double alpha, RandomStream random) {
        double[] mass = new double[devices];
        Arrays.setAll(mass, _ -> GammaVariates.nextLog(alpha, random));
        double largest = Arrays.stream(mass).max().orElseThrow();
        double[] cumulative = new double[devices];
        double sum = 0;
        for (int device = 0; device < devices; device++) {
            // Relative to the largest, so that a tiny α leaves at least one device with a proportion.
            sum += StrictMath.exp(mass[device] - largest);
            cumulative[device] = sum;
        }
        int[] ends = new int[devices];
        for (int device = 0; device < devices; device++) {
            ends[device] = device == devices - 1 ? samples : (int) StrictMath.floor(cumulative[device] / sum * samples);
        }
        return ends;
    }

    private static int smallest(int[] ends) {
        int smallest = ends[0];
        for (int device = 1; device < ends.length; device++) {
            smallest = Math.min(smallest, ends[device] - ends[device - 1]);
        }
        return smallest;
    }

    private static List<int[]> dealt(int samples, int[] ends, RandomStream random) {
        int[] order = new int[samples];
        Arrays.setAll(order, i -> i);
        random.shuffle(order);
        List<int[]> lists = new ArrayList<>();
        int from = 0;
        for (int end : ends) {
            int[] list = Arrays.copyOfRange(order, from, end);
            Arrays.sort(list);
            lists.add(list);
            from = end;
        }
        return lists;
    }
}
