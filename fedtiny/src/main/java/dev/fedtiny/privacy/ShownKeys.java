package dev.fedtiny.privacy;

import java.util.Arrays;

/**
 * What a device shows of its two keys for one sum.
 *
 * @param sealing public half of the key that shares are sealed with, {@link AgreementKey#BYTES}; not to be changed
 * @param masking public half of the key that masks are agreed on with, {@link AgreementKey#BYTES}; not to be changed
 */
public record ShownKeys(byte[] sealing, byte[] masking) {
    /** Checks the lengths. */
    public ShownKeys {
        if (sealing.length != AgreementKey.BYTES || masking.length != AgreementKey.BYTES) {
            throw new IllegalArgumentException("keys of " + sealing.length + " and " + masking.length + " bytes, expected "
                    + AgreementKey.BYTES);
        }
    }

    /**
     * Whether secrets can be agreed on with both. Cost: two agreements.
     *
     * @return no where a key is one of the few points that give the same secret to everybody
     */
    public boolean usable() {
        return AgreementKey.usable(sealing) && AgreementKey.usable(masking);
    }

    /**
     * Both keys, one behind the other.
     *
     * @return a new array
     */
    public byte[] bytes() {
        byte[] both = Arrays.copyOf(sealing, 2 * AgreementKey.BYTES);
        System.arraycopy(masking, 0, both, AgreementKey.BYTES, AgreementKey.BYTES);
        return both;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ShownKeys that && Arrays.equals(sealing, that.sealing) && Arrays.equals(masking, that.masking);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(masking);
    }
}
