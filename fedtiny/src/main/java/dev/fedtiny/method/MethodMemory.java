package dev.fedtiny.method;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** What a method remembers beyond the model: one record a sort, so that a checkpoint can hold each of them. */
public sealed interface MethodMemory {
    /** Nothing. */
    record None() implements MethodMemory {
    }

    /**
     * Which positions each layer's last adjustment grew, to tell later how many of them lasted.
     *
     * @param positions ascending flat indices by parameter, for layers adjusted at least once; not copied, not to be changed
     */
    record Grown(Map<Integer, int[]> positions) implements MethodMemory {
        /** Keeps its own map, in parameter order. */
        public Grown {
            positions = Collections.unmodifiableMap(new TreeMap<>(positions));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Grown that && positions.keySet().equals(that.positions.keySet())
                    && positions.keySet().stream().allMatch(p -> Arrays.equals(positions.get(p), that.positions.get(p)));
        }

        @Override
        public int hashCode() {
            return positions.keySet().hashCode();
        }
    }
}
