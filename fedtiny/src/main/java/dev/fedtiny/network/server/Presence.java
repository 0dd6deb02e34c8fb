package dev.fedtiny.network.server;

import dev.fedtiny.federation.Capacity;
import dev.fedtiny.protocol.Platform;
import java.time.Instant;

/**
 * A device that has presented itself.
 *
 * @param member who it is
 * @param bearer SHA-256 of what it shows with every request
 * @param instance which life of the device: another one remembers nothing of this
 * @param expires when it must present itself again
 * @param platform what it computes with
 * @param samples n_k as it stated
 * @param capacity what it says that it can hold
 */
record Presence(Member member, String bearer, String instance, Instant expires, Platform platform, int samples, Capacity capacity) {
}
