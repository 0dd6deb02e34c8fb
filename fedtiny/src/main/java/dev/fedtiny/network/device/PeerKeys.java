package dev.fedtiny.network.device;

import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.DevicePublicKey;
import dev.fedtiny.privacy.PeerIdentity;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SignedKeys;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.privacy.SumRefusedException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a device knows of the others in secure sums: the lasting key that each number showed first, and, where the application named them,
 * whose ids may be there at all. A server that puts keys of its own in the place of a device's has to sign them with another lasting key,
 * which is refused from then on, or from the beginning where ids are named. Not thread-safe.
 */
final class PeerKeys implements PeerIdentity {
    private final DeviceKey own;
    private final Set<String> known;
    private final Map<Integer, byte[]> first = new HashMap<>();

    /**
     * Of nobody yet.
     *
     * @param own signs this device's keys
     * @param known ids of devices that may be in a sum; empty: any
     */
    PeerKeys(DeviceKey own, Set<String> known) {
        this.own = own;
        this.known = Set.copyOf(known);
    }

    @Override
    public SignedKeys sign(SumId sum, int device, ShownKeys keys) {
        return new SignedKeys(keys, Base64.getDecoder().decode(own.shown().text()), own.sign(SignedKeys.text(sum, device, keys)));
    }

    @Override
    public void check(SumId sum, int device, SignedKeys keys) {
        if (!keys.verify(sum, device)) {
            throw new SumRefusedException("the keys that device " + device + " is said to show for a secure sum are not signed by it");
        }
        if (!known.isEmpty() && !known.contains(id(keys.identity()))) {
            throw new SumRefusedException("device " + device + " has the id " + id(keys.identity())
                    + ", which is none of those that this device was told");
        }
        byte[] before = first.putIfAbsent(device, keys.identity());
        if (before != null && !Arrays.equals(before, keys.identity())) {
            throw new SumRefusedException("device " + device + " was " + id(before) + " and is now said to be " + id(keys.identity())
                    + ": somebody puts keys of another in the place of its own, or its place was given to another device; start this "
                    + "device anew if the operator says so");
        }
    }

    private static String id(byte[] identity) {
        return new DevicePublicKey(Base64.getEncoder().encodeToString(identity)).id();
    }
}
