package dev.fedtiny.cluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a node says of itself.
 *
 * @param id of this life of the node: another after it was started again
 * @param name what messages call it
 * @param slots how many turns it works on at the same time
 * @param shares devices whose data it holds, ascending
 */
public record NodeFacts(String id, String name, int slots, List<Integer> shares) {
    /** Checks the range, and keeps its own list. */
    public NodeFacts {
        if (slots < 1) {
            throw new IllegalArgumentException("node '" + name + "' works on " + slots + " turns at the same time, expected at least 1");
        }
        shares = shares.stream().sorted().distinct().toList();
    }

    void write(DataOutputStream out) throws IOException {
        out.writeUTF(id);
        out.writeUTF(name);
        out.writeInt(slots);
        out.writeInt(shares.size());
        for (int device : shares) {
            out.writeInt(device);
        }
    }

    static NodeFacts read(DataInputStream in) throws IOException {
        String id = in.readUTF();
        String name = in.readUTF();
        int slots = in.readInt();
        TreeSet<Integer> shares = new TreeSet<>();
        for (int count = in.readInt(); count > 0; count--) {
            shares.add(in.readInt());
        }
        return new NodeFacts(id, name, slots, List.copyOf(shares));
    }

    /** Numbers of devices as people write them: {@code 0 to 3, 7}. */
    static String ranges(Collection<Integer> devices) {
        List<Integer> sorted = devices.stream().sorted().distinct().toList();
        return sorted.isEmpty() ? "none" : IntStream.range(0, sorted.size())
                .filter(i -> i == 0 || sorted.get(i) > sorted.get(i - 1) + 1).mapToObj(i -> {
                    int last = i;
                    while (last + 1 < sorted.size() && sorted.get(last + 1) == sorted.get(last) + 1) {
                        last++;
                    }
                    return last == i ? sorted.get(i).toString() : sorted.get(i) + " to " + sorted.get(last);
                }).collect(Collectors.joining(", "));
    }
}
