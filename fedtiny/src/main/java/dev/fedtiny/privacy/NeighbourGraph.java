package dev.fedtiny.privacy;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who masks against whom (Bell et al., "Secure Single-Server Aggregation with (Poly)Logarithmic Overhead", CCS 2020): a k-regular Harary
 * graph over a random order of the devices, in which everybody is joined to the k/2 before and the k/2 behind on a ring; a complete graph
 * where there are at most k others. The order follows from a hash over the name of the sum and all keys shown in it, so that every device
 * computes the same graph, and a server that knows no secret cannot choose it before the devices have shown theirs. Immutable.
 */
public final class NeighbourGraph {
    private final Map<Integer, List<Integer>> neighbours = new HashMap<>();

    /**
     * The graph of a sum.
     *
     * @param sum its name
     * @param keys what every device has shown, by number
     * @param degree k, even
     */
    public NeighbourGraph(SumId sum, SortedMap<Integer, byte[]> keys, int degree) {
        List<Integer> ring = ring(sum, keys);
        int count = ring.size();
        int reach = Math.min(degree / 2, count / 2);
        for (int place = 0; place < count; place++) {
            TreeSet<Integer> near = new TreeSet<>();
            if (count - 1 <= degree) {
                near.addAll(ring);
            } else {
                for (int step = 1; step <= reach; step++) {
                    near.add(ring.get((place + step) % count));
                    near.add(ring.get((place - step + count) % count));
                }
            }
            near.remove(ring.get(place));
            neighbours.put(ring.get(place), List.copyOf(near));
        }
    }

    private static List<Integer> ring(SumId sum, SortedMap<Integer, byte[]> keys) {
        MessageDigest digest = Derivation.digest();
        digest.update(sum.bytes());
        keys.forEach((device, key) -> {
            digest.update(number(device));
            digest.update(key);
        });
        byte[] seed = digest.digest();
        TreeMap<ByteBuffer, Integer> order = new TreeMap<>();
        for (int device : keys.keySet()) {
            MessageDigest place = Derivation.digest();
            place.update(seed);
            order.put(ByteBuffer.wrap(place.digest(number(device))), device);
        }
        return new ArrayList<>(order.values());
    }

    private static byte[] number(int device) {
        return ByteBuffer.allocate(4).putInt(device).array();
    }

    /**
     * A device's neighbours.
     *
     * @param device its number
     * @return ascending; none of a device that is not in the graph
     */
    public List<Integer> of(int device) {
        return neighbours.getOrDefault(device, List.of());
    }

    /**
     * Who holds shares of a device's secrets: its neighbours and it itself.
     *
     * @param device its number
     * @return ascending; the share of the one at place i has the number i + 1
     */
    public List<Integer> holders(int device) {
        List<Integer> holders = new ArrayList<>(of(device));
        holders.add(device);
        Collections.sort(holders);
        return holders;
    }
}
