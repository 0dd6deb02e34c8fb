package dev.fedtiny.privacy;

/** How a device shows that keys are its own, and what it makes of those that others show. */
public interface PeerIdentity {
    /** Devices of one process, or of processes that one program started: nobody is between them. */
    PeerIdentity NONE = new PeerIdentity() {
        @Override
        public SignedKeys sign(SumId sum, int device, ShownKeys keys) {
            return new SignedKeys(keys, new byte[0], new byte[0]);
        }

        @Override
        public void check(SumId sum, int device, SignedKeys keys) {
            // There is nothing to check them against.
        }
    };

    /**
     * Signs this device's keys.
     *
     * @param sum its name
     * @param device this device's number
     * @param keys what it shows
     * @return the keys with a signature, or without one
     */
    SignedKeys sign(SumId sum, int device, ShownKeys keys);

    /**
     * Checks another device's keys.
     *
     * @param sum its name
     * @param device the other's number
     * @param keys as the server handed them on
     * @throws SumRefusedException if they are not that device's
     */
    void check(SumId sum, int device, SignedKeys keys);
}
