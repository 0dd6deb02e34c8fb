package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Shares the steps of an operator between threads, so that every output has one owner and results do not depend on how many threads
 * there are: whole image groups where there are enough of them, else channel ranges of one group after the other. Two processors are
 * seldom equally fast for long: a thread that is done with its own groups, or ranges, takes what others have not begun.
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

        /** Ranges that each thread's channels are cut into where there are too few groups. */
        default int ranges() {
            return RANGES;
        }
    }

    /** With two threads, one of which is half as fast, that one is left with three of eight. */
    private static final int RANGES = 4;

    public final Workers workers;
    /** Null where nothing is measured. */
    public Meter meter;
    private final GroupPipeline pipeline;
    private final Workers.Task byGroup = this::runGroups;
    private final Workers.Task byChannel = this::runChannels;
    private GroupTask[] steps;
    /** The last round in which each group, or range, was taken. */
    private AtomicIntegerArray taken = new AtomicIntegerArray(0);
    private int round;
    private int groups;
    private boolean slotIsWorker;
    private GroupTask step;
    private int group;

    public Team(Workers workers) {
        this.workers = workers;
        this.pipeline = new GroupPipeline(workers);
    }

    /** Runs the steps on the groups of the pass; a group's slot is its worker's number. */
    void eachGroup(Step step, GroupTask[] all) {
        run(step, all, true);
    }

    /** Runs the steps on the groups of the pass, of each in a slot of its own number: they lie beside each other afterwards. */
    void allGroups(Step step, GroupTask[] all) {
        run(step, all, false);
    }

    private void run(Step step, GroupTask[] all, boolean workerSlots) {
        steps = all;
        groups = step.pass.groups();
        slotIsWorker = workerSlots;
        if (meter == null) {
            share(all);
            return;
        }
        meter.open(step.operator);
        share(all);
        count(step, all);
        meter.close();
    }

    /** Runs the steps on the groups of the pass, of which there is at least one a worker, and adds each group to the sums, in order. */
    void pipeline(Step step, GroupTask[] all, GroupPipeline.Sums sums) {
        int count = step.pass.groups();
        if (meter == null) {
            pipeline.run(all, sums, count, null);
            return;
        }
        meter.open(step.operator);
        pipeline.run(all, sums, count, meter);
        count(step, all);
        step.count(meter, sums.kind());
        meter.close();
    }

    private void count(Step step, GroupTask[] all) {
        for (GroupTask one : all) {
            for (PassKind kind : one.kinds()) {
                step.count(meter, kind);
            }
        }
    }

    /** Runs a task of a step on all workers. */
    void run(Step step, PassKind kind, Workers.Task task) {
        if (meter == null) {
            workers.run(task);
            return;
        }
        meter.open(step.operator);
        meter.run(workers, kind, task);
        step.count(meter, kind);
        meter.close();
    }

    /** Runs a task of a step, several things, on all workers: it tells when it has done one ({@link #lap}), and the last is told here. */
    void run(Step step, PassKind[] kinds, Workers.Task task) {
        if (meter == null) {
            workers.run(task);
            return;
        }
        meter.open(step.operator);
        meter.run(workers, kinds[kinds.length - 1], task);
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

    private void share(GroupTask[] all) {
        if (groups >= workers.count()) {
            begin(groups);
            workers.run(byGroup);
            return;
        }
        for (int g = 0; g < groups; g++) {
            for (GroupTask one : all) {
                step = one;
                group = g;
                begin(ranges());
                workers.run(byChannel);
            }
        }
    }

    /** So many groups or ranges wait to be taken. */
    private void begin(int count) {
        if (taken.length() < count) {
            taken = new AtomicIntegerArray(count);
        }
        round++;
    }

    private boolean takes(int next) {
        return taken.get(next) != round && taken.getAndSet(next, round) != round;
    }

    /** Ranges of the step, all threads' together. */
    private int ranges() {
        return step.ranges() * workers.count();
    }

    /** A worker's own groups, the same ones in every operator, since their maps may still lie in its cache; then the others' last ones. */
    private void runGroups(int worker, int count) {
        if (meter != null) {
            meter.begin(worker);
        }
        for (int g = worker; g < groups; g += count) {
            take(g, worker);
        }
        for (int g = groups - 1; g >= 0; g--) {
            take(g, worker);
        }
    }

    private void take(int next, int worker) {
        if (!takes(next)) {
            return;
        }
        for (GroupTask one : steps) {
            one.run(next, slotIsWorker ? worker : next, 0, one.extent());
            if (meter != null) {
                meter.lap(worker, last(one));
            }
        }
    }

    /** A worker's own ranges, about the same channels in every step; then the others' last ones. */
    private void runChannels(int worker, int count) {
        if (meter != null) {
            meter.begin(worker);
        }
        for (int range = worker * step.ranges(); range < (worker + 1) * step.ranges(); range++) {
            takeRange(range, worker);
        }
        for (int range = ranges() - 1; range >= 0; range--) {
            takeRange(range, worker);
        }
    }

    private void takeRange(int range, int worker) {
        int units = Math.ceilDiv(step.extent(), step.unit());
        int from = (int) ((long) units * range / ranges()) * step.unit();
        int to = Math.min(step.extent(), (int) ((long) units * (range + 1) / ranges()) * step.unit());
        if (from < to && takes(range)) {
            step.run(group, slotIsWorker ? 0 : group, from, to);
            if (meter != null) {
                meter.lap(worker, last(step));
            }
        }
    }
}
