package dev.fedtiny.engine.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tensors share floats where their lifetimes allow it, and only there. */
class ArenaPlanTest {
    private static final class Tensor {
        final int floats;
        final int first;
        final int last;
        float[] data;
        int origin;

        Tensor(int floats, int first, int last) {
            this.floats = floats;
            this.first = first;
            this.last = last;
        }

        void take(float[] array, int at) {
            data = array;
            origin = at;
        }

        boolean collides(Tensor other) {
            boolean together = first <= other.last && other.first <= last;
            return together && data == other.data && origin < other.origin + other.floats && other.origin < origin + floats;
        }
    }

    private static List<Tensor> random(int count, long seed) {
        RandomStream random = RandomStream.of(seed, "arena");
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int first = random.nextInt(20);
            tensors.add(new Tensor(8 * (1 + random.nextInt(9)), first, first + random.nextInt(8)));
        }
        return tensors;
    }

    private static ArenaPlan plan(List<Tensor> tensors, long limit) {
        ArenaPlan plan = new ArenaPlan(limit);
        tensors.forEach(t -> plan.request(t.floats, t.first, t.last, t::take));
        plan.layOut();
        return plan;
    }

    /** What is left is the largest place, begins with a cache line, collides with nothing and makes nothing larger. */
    @Test
    void whatIsLeftIsTaken() {
        for (long seed = 0; seed < 50; seed++) {
            List<Tensor> tensors = random(40, seed);
            ArenaPlan plan = plan(tensors, seed % 2 == 0 ? 1 << 20 : 200);
            long bytes = plan.bytes();
            List<Tensor> rests = new ArrayList<>();
            for (int step = 0; step < 28; step++) {
                Tensor[] rest = new Tensor[1];
                long floats = plan.fill(step, step, (array, at) -> rest[0].take(array, at));
                rest[0] = new Tensor((int) floats, step, step);
                if (floats > 0) {
                    assertFalse(plan.fit(floats + 16, step, step, (array, at) -> {
                    }), "a larger place");
                    rests.add(rest[0]);
                }
            }
            assertTrue(rests.size() > 10);
            assertEquals(bytes, plan.bytes());
            plan.allocate();
            for (Tensor rest : rests) {
                assertEquals(0, (rest.origin - Arrays32.ORIGIN) % 16);
                assertTrue(rest.origin + rest.floats <= rest.data.length);
                tensors.forEach(tensor -> assertFalse(rest.collides(tensor)));
            }
        }
    }

    private static long mostAtOnce(List<Tensor> tensors) {
        long most = 0;
        for (int step = 0; step < 30; step++) {
            int now = step;
            most = Math.max(most, tensors.stream().filter(t -> t.first <= now && now <= t.last).mapToLong(t -> t.floats).sum());
        }
        return most;
    }

    @Test
    void nothingThatLivesTogetherOverlaps() {
        for (int seed = 0; seed < 50; seed++) {
            for (long limit : new long[] {1 << 20, 100}) {
                List<Tensor> tensors = random(40, seed);
                ArenaPlan plan = plan(tensors, limit);
                assertTrue(plan.floats() >= mostAtOnce(tensors));
                assertTrue(plan.floats() < tensors.stream().mapToLong(t -> t.floats).sum());
                plan.allocate();
                for (Tensor tensor : tensors) {
                    assertEquals(0, (tensor.origin - Arrays32.ORIGIN) % 8);
                    assertTrue(tensor.origin + tensor.floats <= tensor.data.length && tensor.data.length <= limit + Arrays32.ORIGIN);
                    assertTrue(tensors.stream().noneMatch(other -> other != tensor && tensor.collides(other)));
                }
            }
        }
    }

    @Test
    void deadPlaceIsTakenAgain() {
        List<Tensor> tensors = List.of(new Tensor(80, 0, 3), new Tensor(40, 4, 9), new Tensor(40, 4, 9), new Tensor(16, 0, 9));
        ArenaPlan plan = plan(tensors, 1000);
        assertEquals(96, plan.floats());
        assertEquals(4 * (96 + Arrays32.ORIGIN), plan.bytes());
        Tensor guest = new Tensor(80, 10, 10);
        assertFalse(plan.fit(8, 5, 5, guest::take), "everything is in use at step 5");
        assertTrue(plan.fit(80, 10, 10, guest::take));
        assertEquals(96, plan.floats());
        plan.allocate();
        assertSame(tensors.getFirst().data, guest.data);
    }

    @Test
    void withdrawnRequestsNeedNothing() {
        ArenaPlan plan = new ArenaPlan(1000);
        Tensor tensor = new Tensor(64, 0, 5);
        ArenaPlan.Request request = plan.request(64, 0, 5, tensor::take);
        plan.request(8, 2, 3, new Tensor(8, 2, 3)::take);
        assertEquals(72, plan.layOut());
        plan.withdraw(request);
        assertEquals(8, plan.layOut());
    }
}
