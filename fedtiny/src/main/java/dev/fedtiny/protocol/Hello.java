package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A device presents itself. Payload: fingerprint (8), fused multiply-add (1), samples (4), development samples (4), release length (1) and
 * release (UTF-8).
 *
 * @param networkFingerprint see {@link NetworkFingerprint}
 * @param platform what decides whether its bits equal those of other machines
 * @param samples n_k, at least 1
 * @param developmentSamples how many of them are used for BN selection, at least 1
 */
public record Hello(long networkFingerprint, Platform platform, int samples, int developmentSamples) implements DeviceMessage {
    @Override
    public MessageKind kind() {
        return MessageKind.HELLO;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        byte[] release = platform.release().getBytes(StandardCharsets.UTF_8);
        writer.int64(networkFingerprint).int8(platform.fusedMultiplyAdd() ? 1 : 0).int32(samples).int32(developmentSamples)
                .int8(release.length).bytes(release);
    }

    /**
     * A device with this network.
     *
     * @param networkFingerprint see {@link NetworkFingerprint}
     * @param platform what the device must compute with, where that matters
     * @param counts what samples it may state
     */
    public record Expected(long networkFingerprint, Optional<Platform> platform, SampleCounts.Range counts) implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.HELLO;
        }

        @Override
        public Hello read(PayloadReader reader, Network network) {
            long fingerprint = reader.int64();
            if (fingerprint != networkFingerprint) {
                throw reader.content("the device has another network (fingerprint " + Long.toHexString(fingerprint) + ", expected "
                        + Long.toHexString(networkFingerprint) + "); give server and device the same configuration");
            }
            boolean fused = reader.int8In("fused multiply-add", 1) == 1;
            int samples = reader.int32In("samples", counts.least(), counts.most());
            int development = counts.split().size(samples);
            reader.int32In("development samples", development, development);
            int length = reader.int8In("release length", Platform.MAXIMUM_RELEASE_BYTES);
            String release = new String(reader.bytes(length), StandardCharsets.US_ASCII).replaceAll("[^\\x20-\\x7e]", "?");
            Platform theirs = new Platform(release, fused);
            if (platform.isPresent() && !platform.get().equals(theirs)) {
                throw reader.content("the device computes other bits (" + theirs + ", here " + platform.get()
                        + "), and this run promises the same bits whoever does the work; use devices of the same release and kind of "
                        + "processor");
            }
            return new Hello(fingerprint, theirs, samples, development);
        }

        @Override
        public long longestPayload(Network network) {
            return 8 + 1 + 4 + 4 + 1 + Platform.MAXIMUM_RELEASE_BYTES;
        }
    }
}
