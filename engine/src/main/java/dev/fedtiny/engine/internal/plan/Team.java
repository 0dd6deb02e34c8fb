package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;

/**
 * Runs the work of operators on threads, and tells the meter, where there is one, whose it was: steps on image groups by a
 * {@link GroupSchedule}, other tasks on all threads as they are.
 */
public final class Team {
    /** A part of an operator on one image group: channels are independent of each other, steps are not. */
    interface GroupTask {
        /**
         * Does the work of some channels.
         *
         * @param slot the piece of scratch that belongs to the group at this time
         */
        void run(int group, int slot, int from, int to);

        /** Channels in all. */
        int extent();

        /**
         * What its work counts as. Where it is several things the step tells when it has done one ({@link Team#lap}); the last is told
         * here.
         */
        PassKind[] kinds();

        /** A range of channels begins at a multiple of this. */
        default int unit() {
            return 1;
        }

        /** Ranges that each thread's channels of a shared group are cut into. */
        default int ranges() {
            return RANGES;
        }
    }

    /**
     * Multiply-adds of a pass below which one thread takes less time than two: what waking another one, and passing maps from one
     * processor's cache to the other's, takes does not depend on the density.
     */
    private static final long FEW_PRODUCTS = 12_000_000;
    /** With two threads, one of which is half as fast, that one is left with three of eight. */
    static final int RANGES = 4;

    public final Workers workers;
    /** Null where nothing is measured. */
    public Meter meter;
    private final GroupSchedule schedule;
    private boolean alone;

    public Team(Workers workers) {
        this.workers = workers;
        this.schedule = new GroupSchedule(workers);
    }

    /**
     * Leaves the work of the steps that follow to the calling thread, or shares it again.
     *
     * @param all multiply-adds of a pass in which every step needs all of what the one before it has computed, on whichever thread
     */
    void share(long all) {
        alone = all < FEW_PRODUCTS;
    }

    /** Runs the steps on the groups of the pass. */
    void eachGroup(Step step, GroupTask[] all) {
        run(step, all, null, GroupSchedule.Slots.UNDER_WAY);
    }

    /** Runs the steps on the groups of the pass, of each in a slot of its own number: they lie beside each other afterwards. */
    void allGroups(Step step, GroupTask[] all) {
        run(step, all, null, GroupSchedule.Slots.ALL);
    }

    /** Runs the steps on the groups of the pass, and adds each group to the sums, in order. */
    void eachGroup(Step step, GroupTask[] all, GroupSchedule.Sums sums) {
        run(step, all, sums, GroupSchedule.Slots.UNDER_WAY);
    }

    private void run(Step step, GroupTask[] all, GroupSchedule.Sums sums, GroupSchedule.Slots slots) {
        if (meter == null) {
            schedule.run(all, sums, step.pass.groups(), slots, threads(), null);
            return;
        }
        meter.open(step.operator);
        schedule.run(all, sums, step.pass.groups(), slots, threads(), meter);
        count(step, all);
        if (sums != null) {
            step.count(meter, sums.kind());
        }
        meter.close();
    }

    /** Counts each kind of work once, in however many tasks it is done. */
    void count(Step step, GroupTask[] all) {
        for (int i = 0; i < all.length; i++) {
            for (PassKind kind : all[i].kinds()) {
                if (!isAmong(all, i, kind)) {
                    step.count(meter, kind);
                }
            }
        }
    }

    /** Whether one of the first tasks does work of a kind. */
    private static boolean isAmong(GroupTask[] tasks, int first, PassKind kind) {
        for (int i = 0; i < first; i++) {
            for (PassKind other : tasks[i].kinds()) {
                if (other == kind) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Threads that the work of steps is shared out to. */
    int threads() {
        return alone ? 1 : workers.count();
    }

    private void onThreads(Workers.Task task) {
        if (alone) {
            task.run(0, 1);
        } else {
            workers.run(task);
        }
    }

    private void measured(PassKind kind, Workers.Task task) {
        if (alone) {
            meter.begin(0);
            task.run(0, 1);
            meter.lap(0, kind);
        } else {
            meter.run(workers, kind, task);
        }
    }

    /** Runs a task of a step. */
    void run(Step step, PassKind kind, Workers.Task task) {
        if (meter == null) {
            onThreads(task);
            return;
        }
        meter.open(step.operator);
        measured(kind, task);
        step.count(meter, kind);
        meter.close();
    }

    /** Runs a task of a step, several things: it tells when it has done one ({@link #lap}), and the last is told here. */
    void run(Step step, PassKind[] kinds, Workers.Task task) {
        if (meter == null) {
            onThreads(task);
            return;
        }
        meter.open(step.operator);
        measured(kinds[kinds.length - 1], task);
        for (PassKind kind : kinds) {
            step.count(meter, kind);
        }
        meter.close();
    }

    /** Runs a task that belongs to no step on all workers. */
    void run(int operator, PassKind kind, Workers.Task task) {
        if (meter == null) {
            workers.run(task);
            return;
        }
        meter.open(operator);
        meter.run(workers, kind, task);
        meter.close();
    }

    /** A worker has done something that is a pass of its own within a task. */
    void lap(int worker, PassKind kind) {
        if (meter != null) {
            meter.lap(worker, kind);
        }
    }

    /** The calling worker has done something that is a pass of its own within a step. */
    void lap(PassKind kind) {
        if (meter != null) {
            meter.lap(workers.current(), kind);
        }
    }

    /** The caller itself begins work of an operator, which ends with {@link #stop}. */
    void start(int operator) {
        if (meter != null) {
            meter.start(operator);
        }
    }

    void stop(PassKind kind, long traffic) {
        if (meter != null) {
            meter.stop(kind, traffic);
        }
    }

    static PassKind last(GroupTask step) {
        PassKind[] kinds = step.kinds();
        return kinds[kinds.length - 1];
    }
}
