package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Takes image groups through steps that do not depend on each other, and then through sums that do: a share of a sum takes the groups in
 * order, so that its bits do not depend on threads. A worker takes the next group through the steps, in scratch of its own, and adds it to
 * each share as soon as that has the group before. So one worker adds while another prepares, nobody waits for the slower one at every
 * group, and what a group left in a processor's cache is mostly read by that processor. Who waits adds what others have prepared.
 */
final class GroupPipeline {
    /** Sums over groups, cut into shares that do not depend on each other. */
    interface Sums {
        int shares();

        /** Adds a group, which the steps have put into a slot. */
        void add(int share, int group, int slot);

        PassKind kind();
    }

    private final Workers workers;
    private final Workers.Task task = this::work;
    private final AtomicInteger next = new AtomicInteger();
    /** For each share twice the groups it has, and one more while the next is being added. */
    private AtomicIntegerArray progress = new AtomicIntegerArray(0);
    /** For each group one more than the slot it lies in, 0 before the steps are done. */
    private AtomicIntegerArray prepared = new AtomicIntegerArray(0);
    private Meter meter;
    private Team.GroupTask[] steps;
    private Sums sums;
    private int groups;
    private volatile boolean failed;

    GroupPipeline(Workers workers) {
        this.workers = workers;
    }

    /**
     * Takes groups {@code [0, count)} through everything; a group's slot is its worker's number.
     *
     * @param newMeter asked at every step; null where nothing is measured
     */
    void run(Team.GroupTask[] all, Sums into, int count, Meter newMeter) {
        steps = all;
        sums = into;
        groups = count;
        meter = newMeter;
        if (prepared.length() < count) {
            prepared = new AtomicIntegerArray(count);
        }
        for (int group = 0; group < count; group++) {
            prepared.set(group, 0);
        }
        if (progress.length() < into.shares()) {
            progress = new AtomicIntegerArray(into.shares());
        }
        for (int share = 0; share < into.shares(); share++) {
            progress.set(share, 0);
        }
        next.set(0);
        failed = false;
        workers.run(task);
    }

    private void work(int worker, int count) {
        try {
            if (meter != null) {
                meter.begin(worker);
            }
            for (int group = next.getAndIncrement(); group < groups; group = next.getAndIncrement()) {
                for (Team.GroupTask step : steps) {
                    step.run(group, worker, 0, step.extent());
                    if (meter != null) {
                        meter.lap(worker, Team.last(step));
                    }
                }
                prepared.set(group, worker + 1);
                addThrough(group, worker);
            }
            addThrough(groups - 1, worker);
        } catch (Throwable e) {
            // The others would wait for what this worker has taken.
            failed = true;
            throw e;
        }
    }

    /** Adds whatever can be added until all shares have the groups up to one. */
    private void addThrough(int group, int worker) {
        int polls = 0;
        while (!added(group) && !failed) {
            if (addOne(group, worker)) {
                polls = 0;
            } else {
                workers.pause(polls++);
                if (meter != null) {
                    // Waiting is nobody's work.
                    meter.begin(worker);
                }
            }
        }
    }

    private boolean added(int group) {
        for (int share = 0; share < sums.shares(); share++) {
            if (progress.get(share) <= 2 * group + 1) {
                return false;
            }
        }
        return true;
    }

    /** Adds one group, not behind {@code last}, to one share, where there is one that waits for nothing. */
    private boolean addOne(int last, int worker) {
        for (int share = 0; share < sums.shares(); share++) {
            int state = progress.get(share);
            int group = state >> 1;
            if ((state & 1) == 0 && group <= last && prepared.get(group) != 0 && progress.compareAndSet(share, state, state + 1)) {
                sums.add(share, group, prepared.get(group) - 1);
                if (meter != null) {
                    meter.lap(worker, sums.kind());
                }
                progress.set(share, state + 2);
                return true;
            }
        }
        return false;
    }
}
