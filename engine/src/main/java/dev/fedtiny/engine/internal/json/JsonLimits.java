package dev.fedtiny.engine.internal.json;

/**
 * What a text may cost its reader. Memory is at most about the text's size in strings plus 100 bytes a value.
 *
 * @param maximumBytes length of the text in bytes
 * @param maximumDepth arrays and objects inside each other; a lone number has depth 0
 * @param maximumValues values of any kind, member names not counted
 */
public record JsonLimits(int maximumBytes, int maximumDepth, int maximumValues) {
    /** 16 MiB, 64 levels, one million values. */
    public static final JsonLimits DEFAULT = new JsonLimits(16 << 20, 64, 1_000_000);

    /** Checks the ranges. */
    public JsonLimits {
        if (maximumBytes < 1 || maximumDepth < 0 || maximumDepth > 1000 || maximumValues < 1) {
            throw new IllegalArgumentException("JSON limits: " + maximumBytes + " bytes, depth " + maximumDepth + ", " + maximumValues
                    + " values; bytes and values must be at least 1, the depth 0 to 1000");
        }
    }
}
