package dev.fedtiny.privacy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The server's half of one secure sum: knows who is joined to whom, carries sealed shares, and takes the masks off the sum when enough
 * devices are left to help. Of a device whose values are in the sum it learns the seed of its own mask; of one that is missing the masking
 * key, from which the masks follow that others put on against it. Not thread-safe.
 */
public final class SumServer {
    private final SumId sum;
    private final SecureAggregation rules;
    private final SortedMap<Integer, ShownKeys> shown;
    private final NeighbourGraph graph;
    private final Map<Integer, SharedSecrets> shared = new HashMap<>();
    /** By owner, then by number of the share. */
    private final Map<Integer, Map<Integer, byte[]>> shares = new HashMap<>();
    private TreeSet<Integer> members = new TreeSet<>();
    private TreeSet<Integer> survivors = new TreeSet<>();

    /**
     * A sum of devices that have shown their keys.
     *
     * @param sum its name
     * @param rules the same as the devices'
     * @param shown keys by device
     */
    public SumServer(SumId sum, SecureAggregation rules, SortedMap<Integer, ShownKeys> shown) {
        this.sum = sum;
        this.rules = rules;
        this.shown = new TreeMap<>(shown);
        this.graph = SumParty.graph(sum, shown, rules);
    }

    /**
     * How many devices hold shares of a device's secrets, itself one of them.
     *
     * @param device its number
     * @return holders
     */
    public int holders(int device) {
        return graph.of(device).size() + 1;
    }

    /**
     * How many shares a device has to give back when masks are taken off, at most.
     *
     * @param device its number
     * @return its neighbours in the sum and itself
     */
    public int owed(int device) {
        return 1 + (int) graph.of(device).stream().filter(members::contains).count();
    }

    /**
     * Takes what a device has shared.
     *
     * @param device its number
     * @param secrets for each of its holders
     */
    public void shared(int device, SharedSecrets secrets) {
        shared.put(device, secrets);
    }

    /**
     * Who goes on: devices that have shared their secrets, as long as enough holders of each go on with them. From here on a device that
     * drops out is missing.
     *
     * @return ascending; fewer than the smallest sum where it cannot go on
     */
    public List<Integer> members() {
        members = new TreeSet<>(shared.keySet());
        while (members.removeIf(device -> !enough(device, members))) {
            // Who went may have held shares of others.
        }
        return List.copyOf(members);
    }

    private boolean enough(int device, TreeSet<Integer> there) {
        List<Integer> holders = graph.holders(device);
        return holders.stream().filter(there::contains).count() >= rules.shares(holders.size());
    }

    /**
     * Says whose values have come; nobody else's are taken from here on.
     *
     * @param devices ascending
     * @return why masks cannot be taken off; empty where they can, if these devices help
     */
    public Optional<String> came(List<Integer> devices) {
        survivors = new TreeSet<>(devices);
        if (survivors.size() < rules.smallest()) {
            return Optional.of(survivors.size() + " devices have sent their values, a secure sum needs " + rules.smallest());
        }
        for (int device : members) {
            if (!enough(device, survivors)) {
                List<Integer> holders = graph.holders(device);
                return Optional.of(holders.stream().filter(survivors::contains).count() + " of " + holders.size()
                        + " devices that hold shares of device " + device + "'s secrets are left, " + rules.shares(holders.size())
                        + " are needed to take masks off the sum");
            }
        }
        return Optional.empty();
    }

    /**
     * What other devices have sealed for a device.
     *
     * @param device whose values have come
     * @return boxes by owner
     */
    public SortedMap<Integer, byte[]> boxes(int device) {
        SortedMap<Integer, byte[]> boxes = new TreeMap<>();
        for (int owner : graph.of(device)) {
            if (members.contains(owner)) {
                boxes.put(owner, shared.get(owner).boxes().get(graph.of(owner).indexOf(device)));
            }
        }
        return boxes;
    }

    /**
     * Checks a share that a device gives back against what its owner committed to.
     *
     * @param device that gives it
     * @param owner whose secret it is a share of
     * @param share as it came
     * @return why it is not taken; empty where it is
     */
    public Optional<String> check(int device, int owner, byte[] share) {
        int place = graph.holders(owner).indexOf(device);
        if (place < 0 || !members.contains(owner) || owner == device && !survivors.contains(device)) {
            return Optional.of("a share of device " + owner + "'s secrets, of which it holds none");
        }
        boolean there = survivors.contains(owner);
        byte[] committed = (there ? shared.get(owner).seedShares() : shared.get(owner).keyShares()).get(place);
        byte[] found = there ? SumParty.seedShare(share, sum, owner, place) : SumParty.keyShare(share, sum, owner, place);
        return Arrays.equals(committed, found) ? Optional.empty()
                : Optional.of("a share of device " + owner + "'s secrets that is not the one it was given");
    }

    /**
     * Takes a share that was checked.
     *
     * @param device that gave it
     * @param owner whose secret it is a share of
     * @param share as it came
     */
    public void give(int device, int owner, byte[] share) {
        shares.computeIfAbsent(owner, _ -> new LinkedHashMap<>()).put(graph.holders(owner).indexOf(device) + 1, share);
    }

    /**
     * Takes the masks off. Cost: a stream over the whole vector for every device in the sum, and for every one that is missing an agreement
     * and a stream a neighbour.
     *
     * @param total of all vectors that came
     * @return the sum
     * @throws SumRefusedException if there are too few shares, a secret is not the one its owner committed to, or the sum is none
     */
    public OpenedSum open(MaskedTotal total) {
        List<MaskStream> masks = new ArrayList<>();
        for (int device : survivors) {
            byte[] seed = secret(device);
            if (!Arrays.equals(SumParty.seed(seed, sum, device), shared.get(device).seed())) {
                throw new SumRefusedException("the seed of device " + device + " is not the one it committed to: it shared out something "
                        + "else");
            }
            masks.add(new MaskStream(SumParty.ownKey(seed, sum, device), false));
        }
        for (int missing : members) {
            if (!survivors.contains(missing)) {
                AgreementKey key = AgreementKey.of(secret(missing));
                if (!Arrays.equals(key.shown(), shown.get(missing).masking())) {
                    throw new SumRefusedException("the masking key of device " + missing + " is not the one it showed: it shared out "
                            + "something else");
                }
                for (int neighbour : graph.of(missing)) {
                    if (survivors.contains(neighbour)) {
                        // What the neighbour has added is subtracted, and the other way round.
                        masks.add(new MaskStream(SumParty.pairKey(key.agree(shown.get(neighbour).masking()), sum, missing, neighbour),
                                neighbour > missing));
                    }
                }
            }
        }
        masks.forEach(total::apply);
        return total.opened(survivors.size());
    }

    private byte[] secret(int owner) {
        Map<Integer, byte[]> given = shares.getOrDefault(owner, Map.of());
        int needed = rules.shares(holders(owner));
        if (given.size() < needed) {
            throw new SumRefusedException(given.size() + " shares of device " + owner + "'s secrets came back, " + needed
                    + " are needed to take masks off the sum");
        }
        Map<Integer, byte[]> enough = new LinkedHashMap<>();
        given.forEach((number, share) -> {
            if (enough.size() < needed) {
                enough.put(number, share);
            }
        });
        return SecretShares.join(enough);
    }
}
