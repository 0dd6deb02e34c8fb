package dev.fedtiny.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What {@link Aggregation#heldBytes} says is what the server really holds: counted array by array. */
class HeldUpdatesTest {
    private static final int[] LENGTHS = {70, 1, 129};
    private static final int VALUES = 200;

    private static List<float[]> update(int device) {
        List<float[]> update = new ArrayList<>();
        for (int length : LENGTHS) {
            float[] values = new float[length];
            Arrays.fill(values, device + 0.5f);
            update.add(values);
        }
        return update;
    }

    private static Aggregation.Average held(Aggregation rule, int devices) {
        Baseline before = new Baseline(update(0), Collections.nCopies(LENGTHS.length, Parameter.Kind.BIAS));
        Aggregation.Average average = rule.average(before);
        for (int device = 1; device <= devices; device++) {
            average.add(rule.weight(3), update(device));
        }
        return average;
    }

    /** Bytes of all arrays of numbers that can be reached. */
    private static long bytes(Object from, Set<Object> seen) throws ReflectiveOperationException {
        if (from == null || !seen.add(from)) {
            return 0;
        }
        if (from.getClass().isArray()) {
            Class<?> of = from.getClass().componentType();
            int length = Array.getLength(from);
            if (of == float.class || of == long.class) {
                return length * (of == float.class ? 4L : 8L);
            }
            long sum = 0;
            for (int i = 0; i < length && !of.isPrimitive(); i++) {
                sum += bytes(Array.get(from, i), seen);
            }
            return sum;
        }
        if (from instanceof Iterable<?> all) {
            long sum = 0;
            for (Object one : all) {
                sum += bytes(one, seen);
            }
            return sum;
        }
        long sum = 0;
        for (Field field : from.getClass().getDeclaredFields()) {
            if (from.getClass().getName().startsWith("dev.fedtiny.federation") && !Modifier.isStatic(field.getModifiers())
                    && !field.getType().isPrimitive()) {
                field.setAccessible(true);
                sum += bytes(field.get(from), seen);
            }
        }
        return sum;
    }

    @Test
    void coordinateWiseRulesHoldEveryUpdate() throws ReflectiveOperationException {
        for (Aggregation rule : List.of(new Aggregation.Median(), new Aggregation.TrimmedMean(0.2))) {
            for (int devices : new int[] {1, 7}) {
                long held = bytes(held(rule, devices), Collections.newSetFromMap(new IdentityHashMap<>()));
                assertEquals(rule.heldBytes(VALUES, devices), held, rule + " of " + devices);
            }
        }
    }

    @Test
    void aMeanHoldsItsSumsWhateverTheDevices() throws ReflectiveOperationException {
        Aggregation rule = new Aggregation.Mean();
        for (int devices : new int[] {1, 7}) {
            assertEquals(16L * VALUES, bytes(held(rule, devices), Collections.newSetFromMap(new IdentityHashMap<>())));
        }
        assertEquals(16L * VALUES, rule.heldBytes(VALUES, 1));
        assertTrue(rule.heldBytes(VALUES, 1000) == rule.heldBytes(VALUES, 1));
    }
}
