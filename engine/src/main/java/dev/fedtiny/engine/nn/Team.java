package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.runtime.Workers;

/**
 * Shares the steps of an operator between threads, so that every output has one owner and results do not depend on how many threads
 * there are: whole image groups where there are enough of them, else channel ranges of one group after the other.
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

        /** A share of channels begins at a multiple of this. */
        default int unit() {
            return 1;
        }
    }

    final Workers workers;
    private final Workers.Task byGroup = this::runGroups;
    private final Workers.Task byChannel = this::runChannels;
    private Step[] steps;
    private int firstGroup;
    private int lastGroup;
    private boolean slotIsWorker;
    private Step step;
    private int group;

    Team(Workers workers) {
        this.workers = workers;
    }

    /** Runs the steps on groups {@code [first, last)}; a group's slot is its worker's number. */
    void forward(Step[] all, int first, int last) {
        run(all, first, last, true);
    }

    /** Runs the steps on groups {@code [first, last)}; a group's slot is its distance from the first. */
    void wave(Step[] all, int first, int last) {
        run(all, first, last, false);
    }

    private void run(Step[] all, int first, int last, boolean workerSlots) {
        steps = all;
        firstGroup = first;
        lastGroup = last;
        slotIsWorker = workerSlots;
        if (workers.count() == 1 || last - first >= workers.count()) {
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

    private void runGroups(int worker, int count) {
        int groups = lastGroup - firstGroup;
        int end = firstGroup + (int) ((long) groups * (worker + 1) / count);
        for (int g = firstGroup + (int) ((long) groups * worker / count); g < end; g++) {
            int slot = slotIsWorker ? worker : g - firstGroup;
            for (Step one : steps) {
                one.run(g, slot, 0, one.extent());
            }
        }
    }

    private void runChannels(int worker, int count) {
        int units = Math.ceilDiv(step.extent(), step.unit());
        int from = (int) ((long) units * worker / count) * step.unit();
        int to = Math.min(step.extent(), (int) ((long) units * (worker + 1) / count) * step.unit());
        if (from < to) {
            step.run(group, slotIsWorker ? 0 : group - firstGroup, from, to);
        }
    }
}
