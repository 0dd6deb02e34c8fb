package dev.fedtiny.method;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a method has to say of a round that other methods do not: an object in the round's line of {@code metrics.jsonl}.
 *
 * @param name of the object, other than all names that stand in such lines
 * @param values by name, in their order; those that are not finite are left out
 */
public record RoundFigures(String name, Map<String, Number> values) {
    /** Keeps its own copy. */
    public RoundFigures {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
