package dev.fedtiny.engine.internal.plan;

import static dev.fedtiny.engine.tensor.Layout.BANDS;

import dev.fedtiny.engine.runtime.Workers;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Takes a single image that lies in bands through steps that follow on each other, on two threads. A thread goes through all of them with
 * its own band without looking at the other one's, and waits only where it needs what that thread has written: where a step sees the other
 * band's edge ({@link InputPort#crosses}), until that is packed, in the same step. Of maps too small for bands each thread computes half of
 * the channels, from all channels of what they read, which both lay out for themselves, since what is stored is less to fetch from the
 * other's cache than what is laid out: such a step waits for the one before ({@link Step#waits}).
 *
 * <p>One thread may be some steps ahead of the other, and what it writes must lie apart from what the other one uses: maps of bands have an
 * arena a band ({@link PlanMemory}), scratch is cut into pieces that lie alike in all steps ({@link Workspace}), and edges change about
 * between two places. Other maps are written by steps that wait first, and so does the step behind such a step: then nobody is still at
 * the one before.
 *
 * <p>A team of another size takes the bands by as many threads as it has, at most two, and leaves all other steps to {@link Team}. A
 * meeting costs some microseconds; nothing is allocated.
 */
final class ImageBands {
    /** Longs from one band's count of meetings to the other's: two cache lines, which processors fetch together. */
    private static final int APART = 16;

    private final Team team;
    private final Workers.Task task = this::work;
    /** How many meetings a band has come to. */
    private final AtomicLongArray came = new AtomicLongArray(BANDS * APART);
    private List<Step> steps;
    private int first;
    private int end;
    private volatile boolean failed;

    ImageBands(Team team) {
        this.team = team;
    }

    /** Gives steps that see edges their places for them, by turns. */
    static void placeEdges(List<Step> steps) {
        int turn = 0;
        for (Step step : steps) {
            if (step.crosses()) {
                int floats = 0;
                for (InputPort input : step.inputs) {
                    floats = input.placeEdges(turn, floats);
                }
                step.edgeFloats = floats;
                turn = 1 - turn;
            }
        }
    }

    /** The first step from {@code from} on that bands are not taken through. */
    int end(List<Step> all, int from) {
        int last = from;
        while (last < all.size() && (all.get(last).isBanded() || sharesHalves(all.get(last)))) {
            last++;
        }
        return last;
    }

    /** Whether each of two threads computes a half of a step's channels, from an input that both lay out. */
    boolean sharesHalves(Step step) {
        return team.workers.count() == BANDS && !step.isBanded() && step.sharesChannels();
    }

    /** Takes both bands through steps {@code [from, to)}. */
    void run(List<Step> all, int from, int to) {
        for (int i = from; i < to; i++) {
            all.get(i).bindBands();
        }
        steps = all;
        if (team.meter == null) {
            run(from, to);
            return;
        }
        for (int i = from; i < to; i++) {
            team.meter.open(all.get(i).operator);
            run(i, i + 1);
            team.count(all.get(i), all.get(i).forwardSteps());
            team.meter.close();
        }
    }

    private void run(int from, int to) {
        first = from;
        end = to;
        failed = false;
        for (int band = 0; band < BANDS; band++) {
            came.set(band * APART, 0);
        }
        team.workers.run(task);
    }

    private void work(int worker, int workers) {
        if (worker >= BANDS) {
            return;
        }
        if (team.meter != null) {
            team.meter.begin(worker);
        }
        try {
            if (workers == 1) {
                takeBoth();
            } else {
                take(worker);
            }
        } catch (Throwable e) {
            // The other thread would wait for this one.
            failed = true;
            throw e;
        }
    }

    private void takeBoth() {
        for (int i = first; i < end; i++) {
            for (int band = 0; band < BANDS; band++) {
                steps.get(i).beginBand(band);
            }
            for (int band = 0; band < BANDS; band++) {
                steps.get(i).endBand(band);
            }
        }
    }

    private void take(int band) {
        long meetings = 0;
        for (int i = first; i < end; i++) {
            Step step = steps.get(i);
            // What a step without bands reads of both, the next one may write to.
            boolean waits = step.waits() || i > first && !steps.get(i - 1).isBanded();
            if (waits && !meet(band, ++meetings)) {
                return;
            }
            step.beginBand(band);
            if (step.crosses() && !meet(band, ++meetings)) {
                return;
            }
            step.endBand(band);
        }
    }

    /** Tells the other thread that this one has come so far, and waits until that one has; whether it has. */
    private boolean meet(int band, long meetings) {
        came.setRelease(band * APART, meetings);
        int polls = 0;
        while (came.getAcquire((1 - band) * APART) < meetings) {
            if (failed) {
                return false;
            }
            team.workers.pause(polls++);
        }
        if (team.meter != null) {
            // Waiting is nobody's work.
            team.meter.begin(band);
        }
        return true;
    }
}
