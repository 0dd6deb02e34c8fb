package dev.fedtiny.engine.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("once")
@Timeout(120)
class GroupScheduleTest {
    private static final int[] EXTENTS = {7, 16};
    private static final int[] UNITS = {1, 4};

    /** Two steps and sums that note what they are asked for, and dawdle where they are told to. */
    private static final class Notes implements GroupSchedule.Sums {
        final List<List<Integer>> added = new ArrayList<>();
        final int groups;
        /** For each step and group the channels that were computed. */
        final AtomicIntegerArray[] computed;
        final AtomicIntegerArray slots;
        /** Groups under way in each slot: those that not all shares have yet. */
        final AtomicIntegerArray occupied;
        final AtomicIntegerArray addedTo;
        final AtomicInteger calls = new AtomicInteger();
        int slowWorker = -1;
        int failingGroup = -1;
        int failingStep;
        int failingShare = -1;
        volatile String wrong;

        Notes(int shares, int groups, int threads) {
            this.groups = groups;
            for (int share = 0; share < shares; share++) {
                added.add(new ArrayList<>());
            }
            computed = new AtomicIntegerArray[] {new AtomicIntegerArray(groups), new AtomicIntegerArray(groups)};
            slots = new AtomicIntegerArray(groups);
            addedTo = new AtomicIntegerArray(groups);
            occupied = new AtomicIntegerArray(Math.max(groups, threads));
        }

        Team.GroupTask[] steps() {
            return new Team.GroupTask[] {new Noted(0), new Noted(1)};
        }

        void check(boolean holds, String what) {
            if (!holds) {
                wrong = what;
            }
        }

        private final class Noted implements Team.GroupTask {
            final int step;

            Noted(int step) {
                this.step = step;
            }

            @Override
            public void run(int group, int slot, int from, int to) {
                if (calls.incrementAndGet() % 8 == slowWorker) {
                    LockSupport.parkNanos(500_000);
                }
                if (group == failingGroup && step == failingStep) {
                    throw new IllegalArgumentException("step of group " + group);
                }
                check(from < to && from % UNITS[step] == 0 && (to % UNITS[step] == 0 || to == EXTENTS[step]), "range " + from + ", " + to);
                if (slots.compareAndSet(group, 0, slot + 1)) {
                    check(occupied.incrementAndGet(slot) == 1 || added.isEmpty(), "two groups in slot " + slot);
                }
                check(slots.get(group) == slot + 1, "two slots for group " + group);
                check(step == 0 || computed[0].get(group) == EXTENTS[0], "step 1 of group " + group + " before step 0 was through");
                computed[step].addAndGet(group, to - from);
            }

            @Override
            public int extent() {
                return EXTENTS[step];
            }

            @Override
            public int unit() {
                return UNITS[step];
            }

            @Override
            public PassKind[] kinds() {
                return new PassKind[] {PassKind.VALUE};
            }
        }

        @Override
        public int shares() {
            return added.size();
        }

        @Override
        public void add(int share, int group, int slot) {
            check(computed[1].get(group) == EXTENTS[1], "group " + group + " added before it was prepared");
            check(slots.get(group) == slot + 1, "group " + group + " added from another slot");
            if (share == failingShare && group == groups / 2) {
                throw new IllegalArgumentException("sum " + share);
            }
            added.get(share).add(group);
            if (addedTo.incrementAndGet(group) == added.size()) {
                occupied.decrementAndGet(slot);
            }
        }

        @Override
        public PassKind kind() {
            return PassKind.BACKWARD_WEIGHT;
        }

        void checkWhole() {
            assertEquals(null, wrong);
            for (int group = 0; group < groups; group++) {
                assertEquals(EXTENTS[0], computed[0].get(group), "group " + group);
                assertEquals(EXTENTS[1], computed[1].get(group), "group " + group);
            }
            for (List<Integer> share : added) {
                assertEquals(IntStream.range(0, groups).boxed().toList(), share);
            }
        }
    }

    /** One schedule for several rounds, as a session has it; somebody else is slow in each. */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 5, 1", "2, 1, 4", "2, 2, 4", "2, 3, 4", "2, 8, 4", "3, 8, 6", "4, 5, 1", "4, 16, 8", "5, 3, 2", "16, 8, 32",
        "16, 1, 4"})
    void everyShareGetsTheGroupsInOrder(int threads, int groups, int shares) {
        try (Workers workers = Workers.of(threads)) {
            GroupSchedule schedule = new GroupSchedule(workers);
            for (int round = 0; round < 20; round++) {
                Notes notes = new Notes(shares, groups, threads);
                notes.slowWorker = round % 9;
                schedule.run(notes.steps(), notes, groups, GroupSchedule.Slots.UNDER_WAY, threads, null);
                notes.checkWhole();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 1", "2, 5", "3, 8", "4, 4", "16, 8", "16, 5"})
    void everyChannelIsComputedOnce(int threads, int groups) {
        try (Workers workers = Workers.of(threads)) {
            GroupSchedule schedule = new GroupSchedule(workers);
            for (GroupSchedule.Slots slots : GroupSchedule.Slots.values()) {
                for (int round = 0; round < 20; round++) {
                    Notes notes = new Notes(0, groups, threads);
                    notes.slowWorker = round % 9;
                    schedule.run(notes.steps(), null, groups, slots, threads, null);
                    notes.checkWhole();
                    for (int group = 0; group < groups; group++) {
                        int slot = notes.slots.get(group) - 1;
                        assertEquals(slots == GroupSchedule.Slots.ALL ? group : Math.min(slot, threads - 1), slot);
                    }
                }
            }
        }
    }

    /** With fewer groups after more, fewer shares after more, and fewer steps after more. */
    @Test
    void sizesMayChange() {
        try (Workers workers = Workers.of(2)) {
            GroupSchedule schedule = new GroupSchedule(workers);
            for (int[] size : new int[][] {{8, 4}, {2, 1}, {1, 2}, {9, 6}, {1, 1}, {3, 2}}) {
                Notes notes = new Notes(size[1], size[0], 2);
                schedule.run(notes.steps(), notes, size[0], GroupSchedule.Slots.UNDER_WAY, 2, null);
                notes.checkWhole();
                Notes one = new Notes(0, size[0], 2);
                schedule.run(Arrays.copyOf(one.steps(), 1), null, size[0], GroupSchedule.Slots.UNDER_WAY, 2, null);
                assertEquals(EXTENTS[0] * size[0], IntStream.range(0, size[0]).map(one.computed[0]::get).sum());
            }
        }
    }

    /** Whoever waits for a worker that failed is let go, and the next round is whole. */
    @ParameterizedTest
    @CsvSource({"3, 8, 3, 0, -1", "3, 8, 0, 1, -1", "3, 8, 7, 0, -1", "3, 8, -1, 0, 0", "3, 8, -1, 0, 3", "4, 2, 0, 0, -1",
        "4, 2, 1, 1, -1", "4, 2, -1, 0, 2"})
    void failuresEndTheRound(int threads, int groups, int failingGroup, int failingStep, int failingShare) {
        try (Workers workers = Workers.of(threads)) {
            GroupSchedule schedule = new GroupSchedule(workers);
            Notes failing = new Notes(4, groups, threads);
            failing.failingGroup = failingGroup;
            failing.failingStep = failingStep;
            failing.failingShare = failingShare;
            assertThrows(IllegalStateException.class,
                    () -> schedule.run(failing.steps(), failing, groups, GroupSchedule.Slots.UNDER_WAY, threads, null));
            Notes whole = new Notes(4, groups, threads);
            schedule.run(whole.steps(), whole, groups, GroupSchedule.Slots.UNDER_WAY, threads, null);
            whole.checkWhole();
        }
    }

    /**
     * Eight groups on sixteen threads: all sixteen are at work at the same time, as often as there are ranges, and each computes as many
     * channels. A thread that has a range waits there until every other one has one, too.
     */
    @ParameterizedTest
    @CsvSource({"16, 8, 64, 1", "16, 4, 64, 1", "16, 1, 64, 1", "16, 8, 64, 8", "6, 3, 32, 4", "2, 1, 64, 4"})
    void threadsBeyondGroupsDoAsMuchAsTheOthers(int threads, int groups, int channels, int unit) {
        CyclicBarrier meeting = new CyclicBarrier(threads);
        List<Integer> working = Collections.synchronizedList(new ArrayList<>());
        AtomicIntegerArray computed = new AtomicIntegerArray(threads);
        try (Workers workers = Workers.of(threads)) {
            Team.GroupTask step = new Team.GroupTask() {
                @Override
                public void run(int group, int slot, int from, int to) {
                    computed.addAndGet(workers.current(), to - from);
                    working.add(workers.current());
                    try {
                        meeting.await();
                    } catch (InterruptedException | BrokenBarrierException e) {
                        throw new IllegalStateException(e);
                    }
                }

                @Override
                public int extent() {
                    return channels;
                }

                @Override
                public int unit() {
                    return unit;
                }

                @Override
                public PassKind[] kinds() {
                    return new PassKind[] {PassKind.VALUE};
                }
            };
            new GroupSchedule(workers).run(new Team.GroupTask[] {step, step}, null, groups, GroupSchedule.Slots.UNDER_WAY, threads, null);
        }
        assertFalse(working.isEmpty());
        for (int worker = 0; worker < threads; worker++) {
            assertEquals(2 * groups * channels / threads, computed.get(worker), "worker " + worker);
        }
    }
}
