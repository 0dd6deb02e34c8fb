package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The pathological split of McMahan et al. (AISTATS 2017): images sorted by label are cut into K·s shards of equal size, up to one image,
 * and every device gets s of them at random, so that it sees about s classes. Inside a class the order is random.
 */
public final class ShardSplit implements PartitionScheme {
    /** s. */
    public static final SettingSpec<Integer> SHARDS = SettingSpec.whole("shards-per-device", "2",
            "shards: pieces of the images sorted by class that every device gets", new Numbers.Whole(1, Numbers.MOST_WHOLE, "shards"));

    /** For the service loader. */
    public ShardSplit() {
    }

    @Override
    public String name() {
        return "shards";
    }

    @Override
    public String description() {
        return "pathological: shards-per-device pieces of the images sorted by class";
    }

    @Override
    public List<SettingSpec<?>> settings() {
        return List.of(SHARDS);
    }

    @Override
    public Map<String, Number> parameters(SettingValues settings) {
        return Map.of("shardsPerDevice", (long) settings.get(SHARDS));
    }

    @Override
    public Partition split(Dataset images, int devices, SettingValues settings, long seed) {
        return split(images.labels(), images.classes(), devices, settings.get(SHARDS), seed);
    }

    /**
     * The same of labels. O(N log N).
     *
     * @param labels one a sample
     * @param classes labels run from 0 to one less
     * @param devices K
     * @param shards s, of every device
     * @param seed of the order inside classes and of who gets what
     * @return K lists, ascending
     * @throws DataException if there are fewer samples than shards
     */
    static Partition split(int[] labels, int classes, int devices, int shards, long seed) {
        long pieces = (long) devices * shards;
        if (pieces > labels.length) {
            throw new DataException("cannot cut N = " + labels.length + " samples into K·s = " + devices + "·" + shards + " = " + pieces
                    + " shards, expected at least one sample in each; use fewer devices (devices) or at most "
                    + labels.length / devices + " shards a device (" + SHARDS.key() + ")");
        }
        RandomStream random = RandomStream.of(seed, "partition-shards");
        int[] sorted = new int[labels.length];
        int count = 0;
        for (int[] ofClass : Partitions.indicesByClass(labels, classes)) {
            random.shuffle(ofClass);
            System.arraycopy(ofClass, 0, sorted, count, ofClass.length);
            count += ofClass.length;
        }
        int[] deal = new int[(int) pieces];
        Arrays.setAll(deal, i -> i);
        random.shuffle(deal);
        List<int[]> lists = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            int[] list = new int[0];
            for (int s = 0; s < shards; s++) {
                long piece = deal[device * shards + s];
                int from = (int) (labels.length * piece / pieces);
                int to = (int) (labels.length * (piece + 1) / pieces);
                int before = list.length;
                list = Arrays.copyOf(list, before + to - from);
                System.arraycopy(sorted, from, list, before, to - from);
            }
            Arrays.sort(list);
            lists.add(list);
        }
        return new Partition(lists);
    }
}
