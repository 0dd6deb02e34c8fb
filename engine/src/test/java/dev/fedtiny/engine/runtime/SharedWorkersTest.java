package dev.fedtiny.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** One team and several callers: they take turns, and what would wait for itself is told. */
class SharedWorkersTest {
    /** Runs something in several threads and answers what they failed with. */
    private static List<Throwable> inThreads(int count, boolean virtual, Runnable work) throws InterruptedException {
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Runnable guarded = () -> {
                try {
                    work.run();
                } catch (Throwable e) {
                    synchronized (failures) {
                        failures.add(e);
                    }
                }
            };
            threads.add(virtual ? Thread.ofVirtual().start(guarded) : Thread.ofPlatform().start(guarded));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return failures;
    }

    @Test
    void callersTakeTurns() throws InterruptedException {
        for (boolean virtual : new boolean[] {false, true}) {
            for (int size = 2; size <= 3; size++) {
                int count = size;
                try (Workers workers = Workers.of(count)) {
                    AtomicInteger inside = new AtomicInteger();
                    int[] runs = new int[count * 16];
                    List<Throwable> failures = inThreads(3, virtual, () -> {
                        for (int task = 0; task < 300; task++) {
                            workers.run((worker, all) -> {
                                if (inside.incrementAndGet() > all) {
                                    throw new IllegalStateException("two tasks at a time");
                                }
                                runs[worker * 16]++;
                                inside.decrementAndGet();
                            });
                        }
                    });
                    assertEquals(List.of(), failures);
                    for (int worker = 0; worker < count; worker++) {
                        assertEquals(900, runs[worker * 16]);
                    }
                }
            }
        }
    }

    @Test
    void whoHasAcquiredTheTeamKeepsIt() throws InterruptedException {
        try (Workers workers = Workers.of(2)) {
            AtomicInteger others = new AtomicInteger();
            workers.acquire();
            workers.run((worker, count) -> { });
            Thread other = Thread.ofPlatform().start(() -> workers.run((worker, count) -> others.incrementAndGet()));
            while (other.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            workers.run((worker, count) -> { });
            assertEquals(0, others.get());
            workers.release();
            other.join();
            assertEquals(2, others.get());
        }
    }

    @Test
    void aTaskThatAsksItsOwnTeamIsTold() {
        try (Workers workers = Workers.of(2)) {
            for (int asking = 0; asking < 2; asking++) {
                int one = asking;
                IllegalStateException failure = assertThrows(IllegalStateException.class, () -> workers.run((worker, count) -> {
                    if (worker == one) {
                        workers.run((inner, all) -> { });
                    }
                }));
                assertTrue(failure.getMessage().contains("wait for itself"), failure.getMessage());
                workers.run((worker, count) -> { });
            }
        }
    }

    @Test
    void aTeamMayBeClosedFromWithinATaskWhichThenEnds() {
        for (int closing = 0; closing < 2; closing++) {
            int one = closing;
            Workers workers = Workers.of(2);
            AtomicInteger done = new AtomicInteger();
            workers.run((worker, count) -> {
                if (worker == one) {
                    workers.close();
                }
                done.incrementAndGet();
            });
            assertEquals(2, done.get());
            assertThrows(IllegalStateException.class, () -> workers.run((worker, count) -> { }));
        }
    }

    @Test
    void closingWaitsForTheTaskOfAnotherThread() throws InterruptedException {
        Workers workers = Workers.of(2);
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger done = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread caller = Thread.ofPlatform().start(() -> workers.run((worker, count) -> {
            begun.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                failure.set(e);
            }
            done.incrementAndGet();
        }));
        begun.await();
        Thread closer = Thread.ofPlatform().start(workers::close);
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        end.countDown();
        closer.join();
        caller.join();
        assertEquals(2, done.get());
        assertEquals(null, failure.get());
        assertThrows(IllegalStateException.class, () -> workers.run((worker, count) -> { }));
    }

    @Test
    void anInterruptNeitherEndsATaskNorGetsLost() {
        try (Workers workers = Workers.of(3)) {
            AtomicInteger done = new AtomicInteger();
            Thread.currentThread().interrupt();
            for (int task = 0; task < 50; task++) {
                workers.run((worker, count) -> {
                    if (worker > 0) {
                        Thread.currentThread().interrupt();
                    }
                    done.incrementAndGet();
                });
            }
            assertEquals(150, done.get());
            assertTrue(Thread.interrupted());
            assertFalse(Thread.interrupted());
            workers.run((worker, count) -> done.incrementAndGet());
            assertEquals(153, done.get());
        }
    }
}
