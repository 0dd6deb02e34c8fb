package dev.fedtiny.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Teams of threads: everyone works once a task, what they wrote is seen, and failures arrive. */
class WorkersTest {
    @Test
    void everyWorkerDoesItsShareOfEveryTask() {
        for (int threads = 1; threads <= 4; threads++) {
            try (Workers workers = Workers.of(threads)) {
                int[] runs = new int[threads * 16];
                assertEquals(threads, workers.count());
                for (int task = 1; task <= 500; task++) {
                    workers.run((worker, count) -> runs[worker * 16] += count);
                    for (int worker = 0; worker < threads; worker++) {
                        assertEquals(task * threads, runs[worker * 16], "worker " + worker + " of " + threads);
                    }
                }
            }
        }
    }

    @Test
    void aFailureReachesTheCallerAndTheTeamGoesOn() {
        for (int failing = 0; failing < 3; failing++) {
            int bad = failing;
            IllegalArgumentException cause = new IllegalArgumentException("share " + bad);
            try (Workers workers = Workers.of(3)) {
                IllegalStateException error = assertThrows(IllegalStateException.class, () -> workers.run((worker, count) -> {
                    if (worker == bad) {
                        throw cause;
                    }
                }));
                assertSame(cause, error.getCause());
                assertTrue(error.getMessage().contains("share " + bad), error.getMessage());
                int[] done = new int[48];
                workers.run((worker, count) -> done[worker * 16] = 1);
                assertEquals(3, done[0] + done[16] + done[32]);
            }
        }
    }

    @Test
    void aLackOfMemoryIsWhatItIs() {
        for (int failing = 0; failing < 2; failing++) {
            int bad = failing;
            OutOfMemoryError lack = new OutOfMemoryError("share " + bad);
            try (Workers workers = Workers.of(2)) {
                assertSame(lack, assertThrows(OutOfMemoryError.class, () -> workers.run((worker, count) -> {
                    if (worker == bad) {
                        throw lack;
                    }
                })));
            }
        }
    }

    @Test
    void aClosedTeamRefusesWork() {
        Workers workers = Workers.of(2);
        workers.close();
        workers.close();
        assertThrows(IllegalStateException.class, () -> workers.run((worker, count) -> { }));
        String message = assertThrows(IllegalStateException.class, workers::release).getMessage();
        assertTrue(message.contains("not acquired"), message);
        assertThrows(IllegalArgumentException.class, () -> Workers.of(0));
    }
}
