package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.SharedSecrets;
import java.util.ArrayList;
import java.util.List;

/**
 * A device's secrets for a secure sum, shared out. Payload: commitment to the seed (32), holders h (4), commitments to the shares of the
 * seed (32·h) and of the key (32·h), sealed boxes for the neighbours (80·(h − 1)).
 *
 * @param secrets sealed and committed to
 */
public record SumShares(SharedSecrets secrets) implements SecureAnswer {
    @Override
    public MessageKind kind() {
        return MessageKind.SUM_SHARES;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.bytes(secrets.seed()).int32(secrets.seedShares().size());
        secrets.seedShares().forEach(writer::bytes);
        secrets.keyShares().forEach(writer::bytes);
        secrets.boxes().forEach(writer::bytes);
    }

    /**
     * Secrets shared among so many.
     *
     * @param holders the device and its neighbours
     */
    public record Expected(int holders) implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.SUM_SHARES;
        }

        @Override
        public SumShares read(PayloadReader reader, Network network) {
            byte[] seed = reader.bytes(SharedSecrets.COMMITMENT_BYTES);
            reader.int32In("holders of shares", holders, holders);
            return new SumShares(new SharedSecrets(seed, read(reader, holders, SharedSecrets.COMMITMENT_BYTES),
                    read(reader, holders, SharedSecrets.COMMITMENT_BYTES), read(reader, holders - 1, SharedSecrets.BOX_BYTES)));
        }

        private static List<byte[]> read(PayloadReader reader, int count, int bytes) {
            reader.require((long) count * bytes);
            List<byte[]> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(reader.bytes(bytes));
            }
            return all;
        }

        @Override
        public long longestPayload(Network network) {
            return SharedSecrets.COMMITMENT_BYTES + 4 + 2L * holders * SharedSecrets.COMMITMENT_BYTES
                    + (holders - 1L) * SharedSecrets.BOX_BYTES;
        }
    }
}
