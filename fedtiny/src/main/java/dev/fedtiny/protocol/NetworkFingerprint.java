package dev.fedtiny.protocol;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** 64 bits that tell whether server and device mean the same network: parameter names, kinds, shapes and what may be pruned. */
public final class NetworkFingerprint {
    private NetworkFingerprint() {
    }

    /** The first eight bytes of a SHA-256 over the description of every parameter and layer. */
    public static long of(Network network) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Parameter parameter : network.parameters()) {
                digest.update((parameter.name() + ' ' + parameter.kind() + ' ' + parameter.shape() + ' ' + parameter.prunable() + '\n')
                        .getBytes(StandardCharsets.UTF_8));
            }
            network.layers().forEach(layer -> digest.update((layer + "\n").getBytes(StandardCharsets.UTF_8)));
            return ByteBuffer.wrap(digest.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
