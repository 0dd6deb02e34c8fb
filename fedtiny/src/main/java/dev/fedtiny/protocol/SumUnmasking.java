package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.SharedSecrets;
import dev.fedtiny.privacy.SumServer;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Shares that a device holds: of the seeds of those whose values have come, of the masking keys of those that are missing. Payload: shares
 * (4), for each its owner (4) and the share (32).
 *
 * @param shares by owner
 */
public record SumUnmasking(SortedMap<Integer, byte[]> shares) implements SecureAnswer {
    /** Keeps its own map. */
    public SumUnmasking {
        shares = Collections.unmodifiableSortedMap(new TreeMap<>(shares));
    }

    @Override
    public MessageKind kind() {
        return MessageKind.SUM_UNMASKING;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(shares.size());
        shares.forEach((owner, share) -> writer.int32(owner).bytes(share));
    }

    /**
     * Shares that a device was given.
     *
     * @param server knows what their owners committed to
     * @param device its number
     */
    public record Expected(SumServer server, int device) implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.SUM_UNMASKING;
        }

        @Override
        public SumUnmasking read(PayloadReader reader, Network network) {
            int count = reader.int32In("shares", 0, server.owed(device));
            reader.require((long) count * (4 + SharedSecrets.SHARE_BYTES));
            TreeMap<Integer, byte[]> shares = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                int owner = DeviceNumbers.readNext(reader, i == 0 ? -1 : shares.lastKey());
                byte[] share = reader.bytes(SharedSecrets.SHARE_BYTES);
                server.check(device, owner, share).ifPresent(wrong -> {
                    throw reader.content("device " + device + " gives " + wrong);
                });
                shares.put(owner, share);
            }
            return new SumUnmasking(shares);
        }

        @Override
        public long longestPayload(Network network) {
            return 4 + (4L + SharedSecrets.SHARE_BYTES) * server.owed(device);
        }
    }
}
