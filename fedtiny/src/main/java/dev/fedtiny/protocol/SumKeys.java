package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.AgreementKey;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SignedKeys;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a device shows of its keys for a secure sum. Payload: sealing key (32), masking key (32), length of its lasting key (1) and that,
 * length of the signature (1) and that.
 *
 * @param signed the keys
 */
public record SumKeys(SignedKeys signed) implements SecureAnswer {
    /** The most bytes of signed keys. */
    static final int MOST_BYTES = 2 * AgreementKey.BYTES + 2 + SignedKeys.MOST_IDENTITY_BYTES + SignedKeys.MOST_SIGNATURE_BYTES;

    @Override
    public MessageKind kind() {
        return MessageKind.SUM_KEYS;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        write(writer, signed);
    }

    static void write(PayloadWriter writer, SignedKeys signed) {
        writer.bytes(signed.keys().sealing()).bytes(signed.keys().masking()).int8(signed.identity().length).bytes(signed.identity())
                .int8(signed.signature().length).bytes(signed.signature());
    }

    static SignedKeys read(PayloadReader reader) {
        ShownKeys keys = new ShownKeys(reader.bytes(AgreementKey.BYTES), reader.bytes(AgreementKey.BYTES));
        byte[] identity = reader.bytes(reader.int8In("length of a lasting key", SignedKeys.MOST_IDENTITY_BYTES));
        return new SignedKeys(keys, identity, reader.bytes(reader.int8In("length of a signature", SignedKeys.MOST_SIGNATURE_BYTES)));
    }

    /**
     * Keys of a device for a sum.
     *
     * @param sum its name
     * @param device its number
     * @param identity the lasting key that the device must have signed with; empty where it has none
     */
    public record Expected(SumId sum, int device, Optional<byte[]> identity) implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.SUM_KEYS;
        }

        @Override
        public SumKeys read(PayloadReader reader, Network network) {
            SignedKeys signed = SumKeys.read(reader);
            if (!signed.keys().usable()) {
                throw reader.content("a key with which no secret can be agreed on");
            }
            if (identity.isPresent() && !(Arrays.equals(identity.get(), signed.identity()) && signed.verify(sum, device))) {
                throw new ProtocolException(Fault.CONTENT, "device " + device + " shows keys for a secure sum that it did not sign with "
                        + "the key it enrolled with");
            }
            return new SumKeys(signed);
        }

        @Override
        public long longestPayload(Network network) {
            return MOST_BYTES;
        }
    }
}
