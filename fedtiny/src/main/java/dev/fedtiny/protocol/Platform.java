package dev.fedtiny.protocol;

import dev.fedtiny.engine.runtime.Kernels;
import java.nio.charset.StandardCharsets;

/**
 * What decides whether two machines compute the same bits.
 *
 * @param release of this software; at most 64 bytes in UTF-8
 * @param fusedMultiplyAdd whether the hardware fuses multiply and add
 */
public record Platform(String release, boolean fusedMultiplyAdd) {
    /** The most bytes of a release name. */
    static final int MAXIMUM_RELEASE_BYTES = 64;
    /** The release of this source tree. */
    public static final String RELEASE = "0.1.0";

    /** Checks the length. */
    public Platform {
        if (release.getBytes(StandardCharsets.UTF_8).length > MAXIMUM_RELEASE_BYTES) {
            throw new IllegalArgumentException("release name has more than " + MAXIMUM_RELEASE_BYTES + " bytes");
        }
    }

    /** In words. */
    @Override
    public String toString() {
        return "release " + release + (fusedMultiplyAdd ? " with" : " without") + " fused multiply-add";
    }

    /** {@return this machine, with this release} */
    public static Platform here() {
        return new Platform(RELEASE, Kernels.current().fusedMultiplyAdd());
    }
}
