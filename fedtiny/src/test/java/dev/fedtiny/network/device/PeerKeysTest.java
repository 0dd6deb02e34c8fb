package dev.fedtiny.network.device;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SignedKeys;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.privacy.SumParty;
import dev.fedtiny.privacy.SumRefusedException;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A server that puts keys of its own between devices is found out by them. */
class PeerKeysTest {
    private final SumId sum = SumId.random();
    private final DeviceKey other = DeviceKey.generate();

    private ShownKeys keys() {
        return new SumParty(sum, 7, SecureAggregation.USUAL).shown();
    }

    private static String refusal(PeerKeys peers, SumId sum, int device, SignedKeys keys) {
        return assertThrows(SumRefusedException.class, () -> peers.check(sum, device, keys)).getMessage();
    }

    @Test
    void keysThatTheirDeviceDidNotSignAreRefused() {
        PeerKeys peers = new PeerKeys(DeviceKey.generate(), Set.of());
        SignedKeys signed = new PeerKeys(other, Set.of()).sign(sum, 7, keys());
        peers.check(sum, 7, signed);
        assertTrue(refusal(peers, sum, 7, new SignedKeys(keys(), signed.identity(), signed.signature())).contains("not signed by it"));
        assertTrue(refusal(peers, sum, 8, signed).contains("not signed by it"), "of another number");
        assertTrue(refusal(peers, SumId.random(), 7, signed).contains("not signed by it"), "replayed from another sum");
        assertTrue(refusal(peers, sum, 7, new SignedKeys(signed.keys(), new byte[0], new byte[0]))
                .contains("not signed by it"), "unsigned");
    }

    /** The man in the middle signs with a key of his own: it is not the one that the device showed before. */
    @Test
    void anotherLastingKeyIsRefused() {
        PeerKeys peers = new PeerKeys(DeviceKey.generate(), Set.of());
        peers.check(sum, 7, new PeerKeys(other, Set.of()).sign(sum, 7, keys()));
        DeviceKey between = DeviceKey.generate();
        String reason = refusal(peers, sum, 7, new PeerKeys(between, Set.of()).sign(sum, 7, keys()));
        assertTrue(reason.contains(other.shown().id()) && reason.contains(between.shown().id()), reason);
    }

    @Test
    void strangersAreRefusedWherePeersAreNamed() {
        PeerKeys peers = new PeerKeys(DeviceKey.generate(), Set.of(other.shown().id()));
        peers.check(sum, 7, new PeerKeys(other, Set.of()).sign(sum, 7, keys()));
        assertTrue(refusal(peers, sum, 9, new PeerKeys(DeviceKey.generate(), Set.of()).sign(sum, 9, keys()))
                .contains("none of those that this device was told"));
        // A stranger leaves nothing behind: whoever has its number next may be one that was named.
        PeerKeys first = new PeerKeys(DeviceKey.generate(), Set.of(other.shown().id()));
        refusal(first, sum, 7, new PeerKeys(DeviceKey.generate(), Set.of()).sign(sum, 7, keys()));
        first.check(sum, 7, new PeerKeys(other, Set.of()).sign(sum, 7, keys()));
    }
}
