package dev.fedtiny.network.server;

import dev.fedtiny.network.DevicePublicKey;

/**
 * A device that has a place in the federation.
 *
 * @param number its place, from 0 on, which it keeps for ever
 * @param key what it signs with
 */
record Member(int number, DevicePublicKey key) {
    /** A hash of the key. */
    String id() {
        return key.id();
    }
}
