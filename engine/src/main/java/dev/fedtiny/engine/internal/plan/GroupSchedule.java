package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Takes image groups through the steps of an operator, and then through sums over the groups, by all threads at once. As many groups as
 * the threads can take in whole rounds are taken whole, by one thread each. The rest are shared, all of them where threads outnumber
 * groups: every step of such a group is cut into ranges of channels, which go to whoever is free, and the group's next step begins when
 * the last range is done; meanwhile its threads help with other groups.
 *
 * <p>Each thread begins with groups, or ranges, of its own, the same ones in every operator, since their maps may still lie in its cache;
 * then it takes what others have not begun, since two processors are seldom equally fast for long. A share of a sum takes the groups in
 * order, each as soon as the steps have left it, so one thread adds while another prepares, and bits do not depend on threads: every output
 * has one owner, and every sum one order.
 */
final class GroupSchedule {
    /** Sums over groups, cut into shares that do not depend on each other. */
    interface Sums {
        int shares();

        /** Adds a group, which the steps have put into a slot. */
        void add(int share, int group, int slot);

        PassKind kind();
    }

    /** Where a group lies in scratch while it is under way. */
    enum Slots {
        /** In a slot of the thread that begins it, or, where there are fewer groups than threads, of its own number. */
        UNDER_WAY,
        /** In a slot of its own number: groups lie beside each other afterwards. */
        ALL
    }

    /** Longs from one group's progress to the next: a cache line. */
    private static final int LINE = 8;
    /** A shared group's progress: one more than the step under way, how many of its ranges are taken, and how many are done. */
    private static final int STEP_SHIFT = 32;
    private static final int TAKEN_SHIFT = 16;
    private static final int COUNT = 0xffff;

    private final Workers workers;
    private final Workers.Task task = this::work;
    /** The next whole group, where they are taken in order, and the next shared one that waits for a slot. */
    private final AtomicInteger nextWhole = new AtomicInteger();
    private final AtomicInteger nextShared = new AtomicInteger();
    /** The number of the last step in which a whole group, or a range of a shared one, was taken; steps of all runs are numbered. */
    private AtomicLongArray takenGroups = new AtomicLongArray(0);
    private AtomicLongArray takenRanges = new AtomicLongArray(0);
    private AtomicLongArray progress = new AtomicLongArray(0);
    /** The slot that a shared group lies in. */
    private AtomicIntegerArray slots = new AtomicIntegerArray(0);
    /** For each share of the sums twice the groups it has, and one more while the next is being added. */
    private AtomicIntegerArray sharesProgress = new AtomicIntegerArray(0);
    /** For each group one more than the slot it lies in, 0 before the steps are done. */
    private AtomicIntegerArray prepared = new AtomicIntegerArray(0);
    private long firstNumber;
    private long lastNumber;
    private Meter meter;
    private Team.GroupTask[] steps;
    /** Null where nothing is summed over groups. */
    private Sums sums;
    private int groups;
    /** Threads at work: all, or the caller alone. */
    private int threads;
    /** Groups before this one are taken whole. */
    private int whole;
    private boolean slotIsGroup;
    /** Places in {@link #takenRanges} for each shared group. */
    private int mostRanges;
    private volatile boolean failed;

    GroupSchedule(Workers workers) {
        this.workers = workers;
    }

    /**
     * Takes groups {@code [0, count)} through everything.
     *
     * @param atWork how many threads share the work: all, or one, the caller
     * @param into sums over the groups, or null
     * @param newMeter asked at every step; null where nothing is measured
     */
    void run(Team.GroupTask[] all, Sums into, int count, Slots place, int atWork, Meter newMeter) {
        threads = atWork;
        steps = all;
        sums = into;
        groups = count;
        meter = newMeter;
        whole = count - count % threads;
        slotIsGroup = place == Slots.ALL || count < threads;
        firstNumber = lastNumber + 1;
        lastNumber += all.length;
        failed = false;
        nextWhole.set(0);
        nextShared.set(whole);
        if (takenGroups.length() < count) {
            takenGroups = new AtomicLongArray(count);
            prepared = new AtomicIntegerArray(count);
        }
        beginShared();
        beginSums();
        if (threads < workers.count()) {
            work(0, 1);
        } else {
            workers.run(task);
        }
    }

    private void beginShared() {
        int shared = groups - whole;
        if (shared == 0) {
            return;
        }
        mostRanges = 0;
        for (Team.GroupTask step : steps) {
            mostRanges = Math.max(mostRanges, ranges(step));
        }
        if (progress.length() < shared * LINE) {
            progress = new AtomicLongArray(shared * LINE);
            slots = new AtomicIntegerArray(shared);
        }
        if (takenRanges.length() < shared * mostRanges) {
            takenRanges = new AtomicLongArray(shared * mostRanges);
        }
        for (int i = 0; i < shared; i++) {
            progress.set(i * LINE, 0);
        }
        if (slotIsGroup) {
            for (int group = whole; group < groups; group++) {
                open(group, group);
            }
            nextShared.set(groups);
        }
    }

    private void beginSums() {
        if (sums == null) {
            return;
        }
        for (int group = 0; group < groups; group++) {
            prepared.set(group, 0);
        }
        if (sharesProgress.length() < sums.shares()) {
            sharesProgress = new AtomicIntegerArray(sums.shares());
        }
        for (int share = 0; share < sums.shares(); share++) {
            sharesProgress.set(share, 0);
        }
    }

    private void work(int worker, int count) {
        try {
            if (meter != null) {
                meter.begin(worker);
            }
            int held = -1;
            int polls = 0;
            while (!failed) {
                held = held >= 0 && isThrough(held) ? -1 : held;
                int group = held < 0 ? takeGroup(worker) : -1;
                if (group >= 0) {
                    begin(group, worker);
                    held = slotIsGroup || sums == null && group < whole ? -1 : group;
                    polls = 0;
                } else if (takeRange(worker) || addOne(worker)) {
                    polls = 0;
                } else if (held < 0 && isFinished()) {
                    return;
                } else {
                    workers.pause(polls++);
                    if (meter != null) {
                        // Waiting is nobody's work.
                        meter.begin(worker);
                    }
                }
            }
        } catch (Throwable e) {
            // The others would wait for what this worker has taken.
            failed = true;
            throw e;
        }
    }

    /** The next group for a worker whose slot is free, or −1. */
    private int takeGroup(int worker) {
        int group = sums == null ? takeOwn(worker) : takeNext(nextWhole, whole);
        return group >= 0 ? group : takeNext(nextShared, groups);
    }

    private static int takeNext(AtomicInteger next, int end) {
        int group = next.get() < end ? next.getAndIncrement() : end;
        return group < end ? group : -1;
    }

    /** A whole group: a worker's own ones first, then the others' last ones. */
    private int takeOwn(int worker) {
        for (int group = worker; group < whole; group += threads) {
            if (takes(takenGroups, group, firstNumber)) {
                return group;
            }
        }
        for (int group = whole - 1; group >= 0; group--) {
            if (takes(takenGroups, group, firstNumber)) {
                return group;
            }
        }
        return -1;
    }

    /** Takes what was last taken in an earlier step: a thread that is still looking at one that is over must not take it again. */
    private static boolean takes(AtomicLongArray taken, int index, long number) {
        long last = taken.get(index);
        return last < number && taken.compareAndSet(index, last, number);
    }

    private void begin(int group, int worker) {
        int slot = slotIsGroup ? group : worker;
        if (group >= whole) {
            open(group, slot);
            return;
        }
        for (Team.GroupTask step : steps) {
            run(step, group, slot, 0, step.extent(), worker);
        }
        if (sums != null) {
            prepared.set(group, slot + 1);
        }
    }

    private void run(Team.GroupTask step, int group, int slot, int from, int to, int worker) {
        step.run(group, slot, from, to);
        if (meter != null) {
            meter.lap(worker, Team.last(step));
        }
    }

    /** Lets threads take ranges of a shared group. */
    private void open(int group, int slot) {
        slots.set(group - whole, slot);
        progress.set((group - whole) * LINE, 1L << STEP_SHIFT);
    }

    /** Ranges that a step of a shared group is cut into, all threads' together. */
    private int ranges(Team.GroupTask step) {
        int threadsAGroup = Math.ceilDiv(threads, groups - whole);
        return Math.min(COUNT, Math.min(units(step), step.ranges() * threadsAGroup));
    }

    /** The most units, of {@code units}, that one call of a step has which is cut into so many ranges a thread, of a batch of groups. */
    static int largestRange(int units, int ranges, int threads, int groups) {
        return groups >= threads ? units : Math.ceilDiv(units, Math.min(units, ranges * Math.ceilDiv(threads, groups)));
    }

    private static int units(Team.GroupTask step) {
        return Math.ceilDiv(step.extent(), step.unit());
    }

    /**
     * Does a range of a shared group, a worker's own ones first: if the ranges of all groups lie beside each other, each worker's are the
     * same part of them in every step; then the others' last ones.
     */
    private boolean takeRange(int worker) {
        int shared = groups - whole;
        for (int i = worker * shared / threads; i * threads < (worker + 1) * shared; i++) {
            long state = progress.get(i * LINE);
            if (waits(state)) {
                int ranges = ranges(step(state));
                int before = i * ranges;
                int to = Math.min(ranges, (worker + 1) * shared * ranges / threads - before);
                for (int range = Math.max(0, worker * shared * ranges / threads - before); range < to; range++) {
                    if (takes(takenRanges, i * mostRanges + range, number(state))) {
                        runRange(i, range, ranges, state, worker);
                        return true;
                    }
                }
            }
        }
        for (int i = shared - 1; i >= 0; i--) {
            long state = progress.get(i * LINE);
            if (waits(state)) {
                int ranges = ranges(step(state));
                for (int range = ranges - 1; range >= 0; range--) {
                    if (takes(takenRanges, i * mostRanges + range, number(state))) {
                        runRange(i, range, ranges, state, worker);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Whether a shared group's step may have ranges that nobody has taken. */
    private boolean waits(long state) {
        int step = (int) (state >>> STEP_SHIFT);
        return step > 0 && step <= steps.length && (state >>> TAKEN_SHIFT & COUNT) < ranges(step(state));
    }

    private Team.GroupTask step(long state) {
        return steps[(int) (state >>> STEP_SHIFT) - 1];
    }

    private long number(long state) {
        return firstNumber + (state >>> STEP_SHIFT) - 1;
    }

    private void runRange(int shared, int range, int ranges, long state, int worker) {
        progress.addAndGet(shared * LINE, 1L << TAKEN_SHIFT);
        Team.GroupTask step = step(state);
        int from = (int) ((long) units(step) * range / ranges) * step.unit();
        int to = Math.min(step.extent(), (int) ((long) units(step) * (range + 1) / ranges) * step.unit());
        run(step, whole + shared, slots.get(shared), from, to, worker);
        long now = progress.incrementAndGet(shared * LINE);
        if ((now & COUNT) == ranges) {
            long next = (now >>> STEP_SHIFT) + 1;
            if (next > steps.length && sums != null) {
                prepared.set(whole + shared, slots.get(shared) + 1);
            }
            progress.set(shared * LINE, next << STEP_SHIFT);
        }
    }

    /** Whether nothing of a group is needed any more, so that another may take its slot. */
    private boolean isThrough(int group) {
        return isPrepared(group) && (sums == null || isAdded(group));
    }

    private boolean isPrepared(int group) {
        return group < whole || progress.get((group - whole) * LINE) >>> STEP_SHIFT > steps.length;
    }

    private boolean isAdded(int group) {
        for (int share = 0; share < sums.shares(); share++) {
            if (sharesProgress.get(share) <= 2 * group + 1) {
                return false;
            }
        }
        return true;
    }

    /** Whether there is nothing to do for a worker any more; whole groups that others are at need no help. */
    private boolean isFinished() {
        for (int group = whole; group < groups; group++) {
            if (!isPrepared(group)) {
                return false;
            }
        }
        return sums == null || isAdded(groups - 1);
    }

    /** Adds one group to one share, where there is one that waits for nothing. */
    private boolean addOne(int worker) {
        if (sums == null) {
            return false;
        }
        for (int share = 0; share < sums.shares(); share++) {
            int state = sharesProgress.get(share);
            int group = state >> 1;
            if ((state & 1) == 0 && group < groups && prepared.get(group) != 0
                    && sharesProgress.compareAndSet(share, state, state + 1)) {
                sums.add(share, group, prepared.get(group) - 1);
                if (meter != null) {
                    meter.lap(worker, sums.kind());
                }
                sharesProgress.set(share, state + 2);
                return true;
            }
        }
        return false;
    }
}
