package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.runtime.Workers;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Takes the bands of a single image through steps that follow on each other, a thread a band. A thread goes through all of them without
 * looking at the other's band, and waits only where a step sees that band's edge ({@link InputPort#crosses}): until the other thread has
 * packed it, in the same step. So one thread may be some steps behind the other, and what it uses must lie apart
 * from what the other one writes: maps of bands have an arena a band ({@link PlanMemory}), scratch is cut into pieces that lie alike in all
 * steps ({@link Workspace}), and edges change about between two places.
 *
 * <p>A team of one thread takes the bands in turn. Costs some microseconds a meeting; allocates nothing.
 */
final class ImageBands {
    private static final int BANDS = 2;
    /** Longs from one band's count of meetings to the other's: two cache lines, which processors fetch together. */
    private static final int APART = 16;

    private final Team team;
    private final Workers.Task task = this::work;
    /** How many meetings a band has come to. */
    private final AtomicLongArray came = new AtomicLongArray((BANDS + 1) * APART);
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

    /** The first step from {@code from} on whose output does not lie in bands. */
    static int end(List<Step> steps, int from) {
        int end = from;
        while (end < steps.size() && steps.get(end).isBanded()) {
            end++;
        }
        return end;
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
            step.beginBand(band);
            if (step.crosses()) {
                meetings++;
                came.setRelease(band * APART, meetings);
                if (!meet(1 - band, meetings)) {
                    return;
                }
                if (team.meter != null) {
                    // Waiting is nobody's work.
                    team.meter.begin(band);
                }
            }
            step.endBand(band);
        }
    }

    /** Waits until the other band has come to a meeting; whether it has. */
    private boolean meet(int other, long meetings) {
        int polls = 0;
        while (came.getAcquire(other * APART) < meetings) {
            if (failed) {
                return false;
            }
            team.workers.pause(polls++);
        }
        return true;
    }
}
