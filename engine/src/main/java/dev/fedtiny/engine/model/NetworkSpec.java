package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A known architecture and the numbers that fix it; small enough to travel in a file's metadata.
 *
 * @param architecture which network
 * @param input C × H × W of an image
 * @param width channels of the first stage, or units of the widest layers ({@link Architecture}); LeNets and small CNNs ignore it
 * @param classes logits, or maps of a network that classifies pixels; an autoencoder ignores them
 */
public record NetworkSpec(Architecture architecture, Shape input, int width, int classes) {
    /** Checks the ranges. */
    public NetworkSpec {
        Given.notNull(architecture, "network: architecture", "a known one, for example Architecture.RESNET18");
        Given.notNull(input, "network: input", "the shape of the images");
        if (width < 1 || classes < 1) {
            throw new IllegalArgumentException("network: width " + width + " and classes " + classes + " must be at least 1");
        }
    }

    /** {@return the network, built anew; equal specifications give equal networks} */
    public Network build() {
        return architecture.build(this);
    }

    /**
     * {@return its numbers as entries of a file's metadata: {@code architecture}, {@code input} (CxHxW), {@code width}, {@code classes}}
     */
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("architecture", architecture.key());
        metadata.put("input", input.channels() + "x" + input.height() + "x" + input.width());
        metadata.put("width", Integer.toString(width));
        metadata.put("classes", Integer.toString(classes));
        return metadata;
    }

    /**
     * Reads what {@link #toMetadata()} wrote.
     *
     * @param metadata of a file; other entries are ignored
     * @return the specification
     * @throws IllegalArgumentException naming the entry that is missing or malformed
     */
    public static NetworkSpec ofMetadata(Map<String, String> metadata) {
        Given.notNull(metadata, "network spec: metadata", "the entries that toMetadata gave");
        String[] extents = entry(metadata, "input").split("x", -1);
        if (extents.length != 3) {
            throw new IllegalArgumentException("metadata 'input' is '" + metadata.get("input") + "', expected CxHxW, for example 3x32x32");
        }
        Shape input = new Shape(number("input", extents[0]), number("input", extents[1]), number("input", extents[2]));
        return new NetworkSpec(Architecture.ofKey(entry(metadata, "architecture")), input, number("width", entry(metadata, "width")),
                number("classes", entry(metadata, "classes")));
    }

    private static String entry(Map<String, String> metadata, String key) {
        String value = metadata.get(key);
        if (value == null) {
            throw new IllegalArgumentException("metadata has no '" + key + "'; the file was not written by this engine");
        }
        return value;
    }

    private static int number(String key, String text) {
        try {
            int number = Integer.parseInt(text);
            if (number < 1) {
                throw new IllegalArgumentException("metadata '" + key + "' has " + number + ", must be at least 1");
            }
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("metadata '" + key + "' has '" + text + "', expected a whole number of at most 32 bits", e);
        }
    }
}
