package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** What becomes of a draw in which some device has fewer samples than the smallest share. */
public enum ShortShares {
    /** It is drawn again: the split has the distribution of the draws that are usable, which with thousands of devices may be none. */
    REDRAW,
    /** Devices that are short get samples at random from whoever has most at that moment: a split that exists wherever samples suffice. */
    FILL;

    /**
     * Gives devices that are short what they lack.
     *
     * @param lists samples of each device, together at least {@code smallestShare} a device; changed
     * @param smallestShare samples that every device must have
     * @param random says which samples change hands
     * @return the devices' lists, each ascending
     */
    static Partition fill(List<int[]> lists, int smallestShare, RandomStream random) {
        int[] counts = lists.stream().mapToInt(list -> list.length).toArray();
        int[] sizes = counts.clone();
        // The largest first; of equal ones the first.
        PriorityQueue<Integer> givers = new PriorityQueue<>(
                Comparator.<Integer>comparingInt(device -> -counts[device]).thenComparingInt(device -> device));
        for (int device = 0; device < counts.length; device++) {
            if (counts[device] > smallestShare) {
                givers.add(device);
            }
        }
        for (int taker = 0; taker < sizes.length; taker++) {
            if (sizes[taker] < smallestShare) {
                int[] filled = Arrays.copyOf(lists.get(taker), smallestShare);
                for (int place = sizes[taker]; place < smallestShare; place++) {
                    int giver = givers.remove();
                    int given = random.nextInt(counts[giver]);
                    int[] list = lists.get(giver);
                    filled[place] = list[given];
                    list[given] = list[--counts[giver]];
                    if (counts[giver] > smallestShare) {
                        givers.add(giver);
                    }
                }
                lists.set(taker, filled);
                counts[taker] = smallestShare;
            }
        }
        for (int device = 0; device < counts.length; device++) {
            lists.set(device, Arrays.copyOf(lists.get(device), counts[device]));
            Arrays.sort(lists.get(device));
        }
        return new Partition(lists);
    }
}
