package dev.fedtiny.engine.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class GroupPipelineTest {
    private static final int EXTENT = 7;

    /** Steps and sums that note what they are asked for, and dawdle where they are told to. */
    private static final class Notes implements Team.GroupTask, GroupPipeline.Sums {
        final List<List<Integer>> added = new ArrayList<>();
        final List<Integer> slots;
        final AtomicIntegerArray prepared;
        int slowWorker = -1;
        int failingGroup = -1;
        int failingShare = -1;
        volatile boolean early;

        Notes(int shares, int groups, int workers) {
            for (int share = 0; share < shares; share++) {
                added.add(new ArrayList<>());
            }
            slots = Collections.synchronizedList(new ArrayList<>(Collections.nCopies(groups, -1)));
            prepared = new AtomicIntegerArray(Math.max(groups, workers));
        }

        @Override
        public void run(int group, int slot, int from, int to) {
            if (slot == slowWorker) {
                LockSupport.parkNanos(1_000_000);
            }
            if (group == failingGroup) {
                throw new IllegalArgumentException("step of group " + group);
            }
            assertEquals(0, from);
            assertEquals(EXTENT, to);
            slots.set(group, slot);
            prepared.incrementAndGet(group);
        }

        @Override
        public int extent() {
            return EXTENT;
        }

        @Override
        public PassKind[] kinds() {
            return new PassKind[] {PassKind.VALUE};
        }

        @Override
        public int shares() {
            return added.size();
        }

        @Override
        public void add(int share, int group, int slot) {
            early |= prepared.get(group) != 1 || slots.get(group) != slot;
            if (share == failingShare && group == slots.size() / 2) {
                throw new IllegalArgumentException("sum " + share);
            }
            added.get(share).add(group);
        }

        @Override
        public PassKind kind() {
            return PassKind.BACKWARD_WEIGHT;
        }
    }

    /** One pipeline for several rounds, as a session has it; a different worker is slow in each. */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 5, 1", "2, 2, 4", "2, 8, 4", "3, 8, 6", "4, 5, 1", "4, 16, 8"})
    void everyShareGetsTheGroupsInOrder(int threads, int groups, int shares) {
        try (Workers workers = Workers.of(threads)) {
            GroupPipeline pipeline = new GroupPipeline(workers);
            for (int round = 0; round < 20; round++) {
                Notes notes = new Notes(shares, groups, threads);
                notes.slowWorker = round % (threads + 1);
                pipeline.run(new Team.GroupTask[] {notes}, notes, groups, null);
                List<Integer> all = IntStream.range(0, groups).boxed().toList();
                for (List<Integer> share : notes.added) {
                    assertEquals(all, share);
                }
                assertTrue(!notes.early, "a group was added before it was prepared, or from another slot");
            }
        }
    }

    /** With fewer groups after more, and fewer shares after more. */
    @Test
    void sizesMayChange() {
        try (Workers workers = Workers.of(2)) {
            GroupPipeline pipeline = new GroupPipeline(workers);
            for (int[] size : new int[][] {{8, 4}, {2, 1}, {9, 6}, {3, 2}}) {
                Notes notes = new Notes(size[1], size[0], 2);
                pipeline.run(new Team.GroupTask[] {notes}, notes, size[0], null);
                assertEquals(size[0], notes.added.getLast().size());
            }
        }
    }

    /** Whoever waits for a worker that failed is let go, and the next round is whole. */
    @ParameterizedTest
    @CsvSource({"3, -1", "0, -1", "7, -1", "-1, 0", "-1, 3"})
    void failuresEndTheRound(int failingGroup, int failingShare) {
        try (Workers workers = Workers.of(3)) {
            GroupPipeline pipeline = new GroupPipeline(workers);
            Notes failing = new Notes(4, 8, 3);
            failing.failingGroup = failingGroup;
            failing.failingShare = failingShare;
            assertThrows(IllegalStateException.class, () -> pipeline.run(new Team.GroupTask[] {failing}, failing, 8, null));
            Notes whole = new Notes(4, 8, 3);
            pipeline.run(new Team.GroupTask[] {whole}, whole, 8, null);
            assertEquals(8, whole.added.getFirst().size());
        }
    }
}
