package dev.fedtiny.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Networks of the first release keep their fingerprints: otherwise its checkpoints would be those of another network. */
class NetworkFingerprintTest {
    private static String of(String architecture) {
        Network network = new NetworkSpec(Architecture.ofKey(architecture), new Shape(3, 32, 32), 8, 10).build();
        return Long.toHexString(NetworkFingerprint.of(network));
    }

    /** Every kind of layer that is in none of the architectures. */
    private static Network others(double dropout, int extent) {
        Network.Builder builder = Network.builder(new Shape(2, 4, 4)).block("x");
        int x = builder.globalAveragePool(builder.conv2d("c", 0, 4, 3, 1, 1, true, true));
        x = builder.repeat(builder.dropout(x, dropout), extent, extent);
        builder.linear("f", builder.globalAveragePool(x), 3, true, true);
        return builder.build();
    }

    @Test
    void networksOfTheFirstReleaseKeepTheirs() {
        assertEquals(List.of("3095360b205da815", "1541191282350620"),
                Stream.of("resnet18", "vgg11").map(NetworkFingerprintTest::of).toList());
        assertEquals("9afa882dbf01f054", Long.toHexString(NetworkFingerprint.of(others(0.5, 2))));
    }

    @Test
    void whatChangesTheNetworkChangesTheFingerprint() {
        assertNotEquals(NetworkFingerprint.of(others(0.5, 2)), NetworkFingerprint.of(others(0.25, 2)));
        assertNotEquals(NetworkFingerprint.of(others(0.5, 2)), NetworkFingerprint.of(others(0.5, 3)));
    }
}
