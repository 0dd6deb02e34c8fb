package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.TopK;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The account of a session's memory is what its arrays come to. */
class LedgerTest {
    private static final MemoryCategory[] OTHERS = {MemoryCategory.OPTIMIZER, MemoryCategory.TOP_K, MemoryCategory.MESSAGES};

    @ParameterizedTest
    @MethodSource("dev.fedtiny.engine.session.Forms#all")
    void theAccountIsTheArraysThatCanBeReached(AlgorithmPolicy algorithms) {
        Sample sample = Sample.of(TestNetworks.even(), Sparsity.THIRTY_PERCENT, 20, 1);
        for (Mode mode : Mode.values()) {
            try (Workers workers = Workers.of(2);
                    Session session = Session.open(sample.state(), mode, 24, workers, algorithms)) {
                assertEquals(arrayBytes(session, sample.state().network(), workers), session.bytes(), mode.toString());
                assertEquals(session.bytes(), session.ledger().liveByCategory().values().stream().mapToLong(b -> b).sum());
            }
        }
    }

    @Test
    void everyCategoryIsItsArrays() {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 20, 2);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 24)) {
            Map<MemoryCategory, Long> live = session.ledger().liveByCategory();
            long values = 0;
            long gradients = 0;
            for (int p = 0; p < session.network().parameters().size(); p++) {
                values += 4L * session.values(p).length;
                gradients += session.gradient(p) == null ? 0 : 4L * session.gradient(p).length;
            }
            long dense = 4L * 4 * Math.ceilDiv(5, 4) * 9;
            // The last layer is kept densely or not, as its density says; its bias has one partial sum a group and row.
            assertTrue(live.get(MemoryCategory.VALUES) == values || live.get(MemoryCategory.VALUES) == values + dense);
            assertEquals(gradients + 8L * 3 * 5, live.get(MemoryCategory.GRADIENTS));
            assertEquals(4L * session.input().length + 4L * session.labels().length, live.get(MemoryCategory.BATCH));
            for (MemoryCategory other : OTHERS) {
                assertEquals(0, live.get(other));
            }
            long before = session.ledger().live(MemoryCategory.WORKSPACE);
            sample.feed(session);
            session.forward(20);
            session.backward(new int[] {session.network().indexOf("main.weight")}, new TopK[] {new TopK(4)});
            assertTrue(session.ledger().live(MemoryCategory.WORKSPACE) > before, "growth enlarges the scratch");
            assertEquals(arrayBytes(session, session.network(), session.workers()), session.bytes());
        }
    }

    @Test
    void peaksStay() {
        MemoryLedger ledger = new MemoryLedger();
        ledger.add(MemoryCategory.BATCH, 10);
        ledger.add(MemoryCategory.BATCH, -4);
        ledger.add(MemoryCategory.TOP_K, 3);
        assertEquals(9, ledger.live());
        assertEquals(10, ledger.peak());
        assertEquals(6, ledger.live(MemoryCategory.BATCH));
        assertEquals(10, ledger.peak(MemoryCategory.BATCH));
        Map<MemoryCategory, Long> both = new EnumMap<>(Map.of(MemoryCategory.BATCH, 1L, MemoryCategory.TOP_K, 8L));
        ledger.set(both);
        assertEquals(9, ledger.live());
        assertEquals(10, ledger.peak());
        ledger.resetPeak();
        assertEquals(9, ledger.peak());
        assertEquals(1, ledger.peakByCategory().get(MemoryCategory.BATCH));
        assertThrows(IllegalArgumentException.class, () -> ledger.add(MemoryCategory.MESSAGES, -1));
    }

    /** Bytes of all numeric arrays that are reachable, but for what belongs to others. */
    private static long arrayBytes(Object root, Object... excluded) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Collections.addAll(seen, excluded);
        Deque<Object> waiting = new ArrayDeque<>();
        waiting.add(root);
        long bytes = 0;
        while (!waiting.isEmpty()) {
            Object next = waiting.remove();
            if (!seen.add(next)) {
                continue;
            }
            if (next.getClass().isArray()) {
                bytes += arrayBytes(next, waiting);
            } else if (next.getClass().getName().startsWith("dev.fedtiny.")) {
                fields(next, waiting);
            } else if (next instanceof Iterable<?> many) {
                many.forEach(waiting::add);
            } else if (next instanceof Map<?, ?> map) {
                waiting.addAll(map.values());
            }
        }
        return bytes;
    }

    private static long arrayBytes(Object array, Deque<Object> waiting) {
        Class<?> type = array.getClass().getComponentType();
        if (type.isPrimitive()) {
            long size = type == long.class || type == double.class ? 8 : type == float.class || type == int.class ? 4 : 1;
            return size * Array.getLength(array);
        }
        for (Object element : (Object[]) array) {
            if (element != null) {
                waiting.add(element);
            }
        }
        return 0;
    }

    private static void fields(Object object, Deque<Object> waiting) {
        for (Class<?> type = object.getClass(); type != Object.class && type != Enum.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    try {
                        field.setAccessible(true);
                        Object value = field.get(object);
                        if (value != null) {
                            waiting.add(value);
                        }
                    } catch (IllegalAccessException e) {
                        throw new AssertionError(e);
                    }
                }
            }
        }
    }
}
