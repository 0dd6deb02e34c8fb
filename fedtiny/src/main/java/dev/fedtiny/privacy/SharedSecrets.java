package dev.fedtiny.privacy;

import java.util.List;

/**
 * A device's secrets, shared out: nobody who has less than a threshold of the shares learns anything from this.
 *
 * @param seed commitment to the seed of its own mask, {@value #COMMITMENT_BYTES} bytes
 * @param seedShares commitments to the shares of that seed, one a holder
 * @param keyShares commitments to the shares of its masking key's secret half, one a holder
 * @param boxes both shares of a neighbour, sealed for it, one a neighbour in ascending order, {@value #BOX_BYTES} bytes each
 */
public record SharedSecrets(byte[] seed, List<byte[]> seedShares, List<byte[]> keyShares, List<byte[]> boxes) {
    /** Bytes of a commitment. */
    public static final int COMMITMENT_BYTES = 32;
    /** Bytes of a share. */
    public static final int SHARE_BYTES = AgreementKey.BYTES;
    /** Bytes of two shares, sealed. */
    public static final int BOX_BYTES = 2 * SHARE_BYTES + ShareBox.TAG_BYTES;

    /** Keeps its own lists, and checks the lengths. */
    public SharedSecrets {
        seedShares = List.copyOf(seedShares);
        keyShares = List.copyOf(keyShares);
        boxes = List.copyOf(boxes);
        if (seedShares.size() != keyShares.size() || boxes.size() != seedShares.size() - 1) {
            throw new IllegalArgumentException("shares of " + seedShares.size() + " and " + keyShares.size() + " holders in " + boxes.size()
                    + " boxes, expected one box less");
        }
    }
}
