package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Shares the steps of an operator between threads, so that every output has one owner and results do not depend on how many threads
 * there are: whole image groups where there are enough of them, else channel ranges of one group after the other. Two processors are
 * seldom equally fast for long: a thread that is done with its own groups takes what others have not begun.
 */
final class Team {
    /** A part of an operator on one image group: channels are independent of each other, steps are not. */
    interface Step {
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

        /** A share of channels begins at a multiple of this. */
        default int unit() {
            return 1;
        }
    }

    final Workers workers;
    /** Null where nothing is measured. */
    Meter meter;
    private final GroupPipeline pipeline;
    private final Workers.Task byGroup = this::runGroups;
    private final Workers.Task byChannel = this::runChannels;
    private Step[] steps;
    /** The last round in which each group was taken. */
    private AtomicIntegerArray taken = new AtomicIntegerArray(0);
    private int round;
    private int firstGroup;
    private int lastGroup;
    private boolean slotIsWorker;
    private Step step;
    private int group;

    Team(Workers workers) {
        this.workers = workers;
        this.pipeline = new GroupPipeline(workers);
    }

    /** Runs the steps on groups {@code [first, last)}; a group's slot is its worker's number. */
    void forward(Stage stage, Step[] all, int first, int last) {
        run(stage, all, first, last, true);
    }

    /** Runs the steps on groups {@code [first, last)}; a group's slot is its distance from the first. */
    void wave(Stage stage, Step[] all, int first, int last) {
        run(stage, all, first, last, false);
    }

    private void run(Stage stage, Step[] all, int first, int last, boolean workerSlots) {
        steps = all;
        firstGroup = first;
        lastGroup = last;
        slotIsWorker = workerSlots;
        if (meter == null) {
            share(all, first, last);
            return;
        }
        meter.open(stage.operator);
        share(all, first, last);
        count(stage, all, first, last);
        meter.close();
    }

    /** Runs the steps on groups {@code [0, groups)}, of which there is at least one a worker, and adds each group to the sums, in order. */
    void pipeline(Stage stage, Step[] all, GroupPipeline.Sums sums, int groups) {
        if (meter == null) {
            pipeline.run(all, sums, groups, null);
            return;
        }
        meter.open(stage.operator);
        pipeline.run(all, sums, groups, meter);
        count(stage, all, 0, groups);
        stage.count(meter, sums.kind(), 0, groups);
        meter.close();
    }

    private void count(Stage stage, Step[] all, int first, int last) {
        for (Step one : all) {
            for (PassKind kind : one.kinds()) {
                stage.count(meter, kind, first, last);
            }
        }
    }

    /** Runs a task of a stage on all workers, as work on the groups {@code [first, last)}. */
    void run(Stage stage, PassKind kind, int first, int last, Workers.Task task) {
        if (meter == null) {
            workers.run(task);
            return;
        }
        meter.open(stage.operator);
        meter.run(workers, kind, task);
        if (first < last) {
            stage.count(meter, kind, first, last);
        }
        meter.close();
    }

    /** Runs a task of a stage on all workers, as work on the whole batch. */
    void run(Stage stage, PassKind kind, Workers.Task task) {
        run(stage, kind, 0, stage.pass.groups(), task);
    }

    /** Runs a task that belongs to no stage on all workers. */
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

    static PassKind last(Step step) {
        PassKind[] kinds = step.kinds();
        return kinds[kinds.length - 1];
    }

    private void share(Step[] all, int first, int last) {
        if (workers.count() == 1 || last - first >= workers.count()) {
            if (taken.length() < last) {
                taken = new AtomicIntegerArray(last);
            }
            round++;
            workers.run(byGroup);
            return;
        }
        for (int g = first; g < last; g++) {
            for (Step one : all) {
                step = one;
                group = g;
                workers.run(byChannel);
            }
        }
    }

    /** A worker's own groups, the same ones in every operator, since their maps may still lie in its cache; then the others' last ones. */
    private void runGroups(int worker, int count) {
        if (meter != null) {
            meter.begin(worker);
        }
        int groups = lastGroup - firstGroup;
        int from = (int) ((long) groups * worker / count);
        int to = (int) ((long) groups * (worker + 1) / count);
        for (int i = from; i < to; i++) {
            take(firstGroup + i, worker);
        }
        for (int i = from - 1; i >= to - groups; i--) {
            take(firstGroup + Math.floorMod(i, groups), worker);
        }
    }

    private void take(int next, int worker) {
        if (taken.getAndSet(next, round) == round) {
            return;
        }
        int slot = slotIsWorker ? worker : next - firstGroup;
        for (Step one : steps) {
            one.run(next, slot, 0, one.extent());
            if (meter != null) {
                meter.lap(worker, last(one));
            }
        }
    }

    private void runChannels(int worker, int count) {
        int units = Math.ceilDiv(step.extent(), step.unit());
        int from = (int) ((long) units * worker / count) * step.unit();
        int to = Math.min(step.extent(), (int) ((long) units * (worker + 1) / count) * step.unit());
        if (from < to) {
            if (meter != null) {
                meter.begin(worker);
            }
            step.run(group, slotIsWorker ? 0 : group - firstGroup, from, to);
            if (meter != null) {
                meter.lap(worker, last(step));
            }
        }
    }
}
