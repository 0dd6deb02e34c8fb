package dev.fedtiny.privacy;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A device's half of one secure sum (Bonawitz et al., "Practical Secure Aggregation for Privacy-Preserving Machine Learning", CCS 2017,
 * figure 4, without its round of consistency; on the graph of Bell et al., CCS 2020), in four steps, each of them once: show keys, share
 * secrets, mask values, help to take masks off. Every refusal ends it. What the server must not learn is refused here: a device tells of
 * each neighbour a share of the seed or of the masking key, never of both, and nothing where more neighbours are missing than the rules
 * allow. Not thread-safe.
 */
public final class SumParty {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SEED = "seed";
    private static final String SEED_SHARE = "share of a seed";
    private static final String KEY_SHARE = "share of a key";

    /** How far it is. */
    private enum Step {
        SHOWN, SHARED, MASKED, OVER
    }

    private final SumId sum;
    private final int device;
    private final SecureAggregation rules;
    private final AgreementKey sealing = AgreementKey.generate();
    private final AgreementKey masking = AgreementKey.generate();
    private final byte[] seed = new byte[Derivation.KEY_BYTES];
    private SortedMap<Integer, ShownKeys> shown = new TreeMap<>();
    private NeighbourGraph graph;
    private byte[] ownSeedShare;
    private TreeSet<Integer> members = new TreeSet<>();
    private Step step = Step.SHOWN;

    /**
     * Begins with fresh keys.
     *
     * @param sum its name
     * @param device this device's number
     * @param rules that the server is held to
     */
    public SumParty(SumId sum, int device, SecureAggregation rules) {
        this.sum = sum;
        this.device = device;
        this.rules = rules;
        RANDOM.nextBytes(seed);
    }

    /**
     * Which sum it is.
     *
     * @return its name
     */
    public SumId sum() {
        return sum;
    }

    /**
     * What all may know of its keys.
     *
     * @return the public halves
     */
    public ShownKeys shown() {
        return new ShownKeys(sealing.shown(), masking.shown());
    }

    private void advance(Step from, Step to, String what) {
        if (step != from) {
            step = Step.OVER;
            throw new SumRefusedException("device " + device + " was asked to " + what + " out of turn, or twice; a sum goes through its "
                    + "steps once");
        }
        step = to;
    }

    private SumRefusedException refused(String reason) {
        step = Step.OVER;
        return new SumRefusedException("device " + device + " refuses: " + reason);
    }

    /**
     * Shares its secrets out. Cost: an agreement and a box a neighbour.
     *
     * @param all what the devices of the sum have shown, this one's as it showed it
     * @return sealed shares, and commitments
     * @throws SumRefusedException if its own keys were changed, a key is no key or stands there twice, or there are too few devices
     */
    public SharedSecrets share(SortedMap<Integer, ShownKeys> all) {
        advance(Step.SHOWN, Step.SHARED, "share its secrets");
        if (!shown().equals(all.get(device))) {
            throw refused("the keys that the server shows for it are not its own");
        }
        if (all.size() < rules.smallest()) {
            throw refused("a sum of " + all.size() + " devices, expected at least " + rules.smallest());
        }
        if (all.values().stream().flatMap(keys -> List.of(keys.sealing(), keys.masking()).stream()).map(Arrays::toString).distinct()
                .count() != 2L * all.size()) {
            throw refused("a key is shown twice, expected a fresh one of every device");
        }
        shown = new TreeMap<>(all);
        graph = graph(sum, shown, rules);
        List<Integer> holders = graph.holders(device);
        int threshold = rules.shares(holders.size());
        byte[][] seeds = SecretShares.split(seed, holders.size(), threshold);
        byte[][] keys = SecretShares.split(masking.secret(), holders.size(), threshold);
        List<byte[]> seedCommitments = new ArrayList<>();
        List<byte[]> keyCommitments = new ArrayList<>();
        List<byte[]> boxes = new ArrayList<>();
        for (int i = 0; i < holders.size(); i++) {
            seedCommitments.add(seedShare(seeds[i], sum, device, i));
            keyCommitments.add(keyShare(keys[i], sum, device, i));
            int holder = holders.get(i);
            if (holder == device) {
                ownSeedShare = seeds[i];
            } else {
                byte[] both = Arrays.copyOf(seeds[i], 2 * SharedSecrets.SHARE_BYTES);
                System.arraycopy(keys[i], 0, both, SharedSecrets.SHARE_BYTES, SharedSecrets.SHARE_BYTES);
                boxes.add(ShareBox.seal(agree(sealing, shown.get(holder).sealing(), holder), sum, device, holder, both));
            }
        }
        return new SharedSecrets(seed(seed, sum, device), seedCommitments, keyCommitments, boxes);
    }

    private byte[] agree(AgreementKey key, byte[] other, int holder) {
        try {
            return key.agree(other);
        } catch (IllegalArgumentException e) {
            throw refused("of device " + holder + " " + e.getMessage());
        }
    }

    /**
     * Masks values. Cost: an agreement a neighbour, then a stream a neighbour and its own.
     *
     * @param those devices that have shared their secrets: the sum is of these, or of fewer
     * @param summand what this device adds
     * @return its values under masks, to be read once
     * @throws SumRefusedException if too few neighbours are left
     * @throws ArithmeticException if a value has no place in the sum
     */
    public MaskedSummand mask(List<Integer> those, Summand summand) {
        advance(Step.SHARED, Step.MASKED, "mask its values");
        members = new TreeSet<>(those);
        if (members.size() != those.size() || !shown.keySet().containsAll(members) || !members.contains(device)) {
            throw refused("the devices of the sum are not among those that showed their keys, each once and itself one of them");
        }
        if (members.size() < rules.smallest()) {
            throw refused("a sum of " + members.size() + " devices, expected at least " + rules.smallest());
        }
        List<Integer> holders = graph.holders(device);
        long left = holders.stream().filter(members::contains).count();
        if (left < rules.shares(holders.size())) {
            throw refused(left + " of the " + holders.size() + " that hold shares of its secrets are left, expected "
                    + rules.shares(holders.size()));
        }
        summand.check(members.size());
        List<MaskStream> masks = new ArrayList<>();
        masks.add(new MaskStream(ownKey(seed, sum, device), true));
        for (int neighbour : graph.of(device)) {
            if (members.contains(neighbour)) {
                masks.add(new MaskStream(pairKey(agree(masking, shown.get(neighbour).masking(), neighbour), sum, device, neighbour),
                        device < neighbour));
            }
        }
        return new MaskedSummand(summand, summand.layout(members.size()), masks);
    }

    /**
     * Helps to take masks off: of every neighbour in the sum one share, of the seed where its values are there, of the masking key where
     * they are missing. Once: a second question, which could ask for the other secret, is refused.
     *
     * @param survivors devices whose values are in the sum
     * @param boxes that neighbours have sealed for this device
     * @return shares by their owner; none of those whose box is missing or cannot be opened
     * @throws SumRefusedException if too few devices, or too few of its neighbours, are left
     */
    public SortedMap<Integer, byte[]> unmask(List<Integer> survivors, Map<Integer, byte[]> boxes) {
        advance(Step.MASKED, Step.OVER, "take masks off");
        TreeSet<Integer> there = new TreeSet<>(survivors);
        if (there.size() != survivors.size() || !members.containsAll(there) || !there.contains(device)) {
            throw refused("the devices whose values are there are not devices of the sum, each once and itself one of them");
        }
        if (there.size() < rules.smallest()) {
            throw refused("a sum of " + there.size() + " devices, expected at least " + rules.smallest());
        }
        List<Integer> holders = graph.holders(device);
        long left = holders.stream().filter(there::contains).count();
        if (left < rules.shares(holders.size())) {
            throw refused(left + " of the " + holders.size() + " that hold shares of its secrets are left, expected "
                    + rules.shares(holders.size()));
        }
        SortedMap<Integer, byte[]> shares = new TreeMap<>();
        shares.put(device, ownSeedShare);
        for (int owner : graph.of(device)) {
            if (members.contains(owner) && boxes.containsKey(owner)) {
                opened(owner, boxes.get(owner)).ifPresent(both -> shares.put(owner, there.contains(owner)
                        ? Arrays.copyOf(both, SharedSecrets.SHARE_BYTES)
                        : Arrays.copyOfRange(both, SharedSecrets.SHARE_BYTES, 2 * SharedSecrets.SHARE_BYTES)));
            }
        }
        return shares;
    }

    private Optional<byte[]> opened(int owner, byte[] box) {
        return ShareBox.open(agree(sealing, shown.get(owner).sealing(), owner), sum, owner, device, box)
                .filter(both -> both.length == 2 * SharedSecrets.SHARE_BYTES);
    }

    /**
     * The graph that devices and server compute alike.
     *
     * @param sum its name
     * @param shown keys by device
     * @param rules with the number of neighbours
     * @return who masks against whom
     */
    static NeighbourGraph graph(SumId sum, SortedMap<Integer, ShownKeys> shown, SecureAggregation rules) {
        SortedMap<Integer, byte[]> keys = new TreeMap<>();
        shown.forEach((number, both) -> keys.put(number, both.bytes()));
        return new NeighbourGraph(sum, keys, rules.neighbours());
    }

    /** Key of the mask between two devices; the same for both. */
    static byte[] pairKey(byte[] agreed, SumId sum, int one, int other) {
        return Derivation.key(agreed, sum, "mask of a pair", Math.min(one, other), Math.max(one, other));
    }

    /** Key of a device's own mask. */
    static byte[] ownKey(byte[] seed, SumId sum, int device) {
        return Derivation.key(seed, sum, "own mask", device, device);
    }

    static byte[] seed(byte[] seed, SumId sum, int owner) {
        return Derivation.commitment(seed, sum, SEED, owner, 0);
    }

    static byte[] seedShare(byte[] share, SumId sum, int owner, int place) {
        return Derivation.commitment(share, sum, SEED_SHARE, owner, place);
    }

    static byte[] keyShare(byte[] share, SumId sum, int owner, int place) {
        return Derivation.commitment(share, sum, KEY_SHARE, owner, place);
    }
}
