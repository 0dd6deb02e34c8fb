package dev.fedtiny.engine.measure;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.runtime.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Measures operators: time, multiply-adds, traffic, allocation. Given to a session it is asked at every operator; a session without one
 * pays a null check an operator and nothing else. Every worker has a slot of its own, written by it alone and emptied by the caller when
 * the work is back, so workers do not contend. Measuring allocates nothing; naming a new operator does. One team of workers at a time,
 * read by its caller; not thread-safe otherwise.
 */
public final class Meter {
    private static final PassKind[] KINDS = PassKind.values();
    /** Longs before and behind a slot's figures, so that no two slots share a cache line. */
    private static final int PADDING = 16;
    private static final int LAST_NANOS = PADDING;
    private static final int LAST_BYTES = PADDING + 1;
    private static final int FIRST_LAP = PADDING + 2;
    private static final int LAP_FIELDS = 3;

    private static final int CALLS = 0;
    private static final int THREAD_NANOS = 1;
    private static final int NANOS = 2;
    private static final int USEFUL = 3;
    private static final int EXECUTED = 4;
    private static final int DENSE = 5;
    private static final int TRAFFIC = 6;
    private static final int ALLOCATED = 7;
    private static final int FIELDS = 8;

    private final List<String> names = new ArrayList<>();
    private final Set<String> reserved = new HashSet<>();
    private final long[][] slots;
    private final TeamClock clock;
    private final long[] openThreadNanos = new long[KINDS.length];
    private final Workers.Task timed = this::runTimed;
    private long[] totals = new long[0];
    private Workers.Task task;
    private PassKind taskKind;
    private int open = -1;
    private long openedAt;
    private OperatorEvent operatorEvent;
    private StepEvent stepEvent;
    private long steps;
    private long images;
    private long stepNanos;
    private long meteredNanos;
    private long steppedNanos;
    private long cpuNanos;
    private boolean inStep;
    private long stepStart;
    private long stepMetered;
    private long stepCpu;

    /**
     * A meter for sessions on these workers.
     *
     * @param workers whose threads do the work
     */
    public Meter(Workers workers) {
        Given.notNull(workers, "meter: workers", "threads of the sessions that it measures");
        slots = new long[workers.count()][FIRST_LAP + LAP_FIELDS * KINDS.length + PADDING];
        clock = new TeamClock(workers);
    }

    /** {@return threads it has slots for} */
    public int threads() {
        return slots.length;
    }

    /**
     * {@return the number of an operator, a new one for a new name}
     *
     * @param name of a layer or of another kind of work
     */
    public int operator(String name) {
        Given.notNull(name, "meter: name", "that of a layer or of another kind of work");
        int known = names.indexOf(name);
        if (known >= 0) {
            return known;
        }
        names.add(name);
        totals = Arrays.copyOf(totals, names.size() * KINDS.length * FIELDS);
        return names.size() - 1;
    }

    /**
     * {@return the number of work beside layers, a new one for a new name, which no layer of a session has: a session that is measured
     * later calls a layer of that name otherwise}
     *
     * @param name of the work
     */
    public int reserve(String name) {
        int operator = operator(name);
        reserved.add(name);
        return operator;
    }

    /**
     * {@return whether a name was reserved}
     *
     * @param name of a layer
     */
    public boolean isReserved(String name) {
        return reserved.contains(name);
    }

    private void check(int operator) {
        if (operator < 0 || operator >= names.size()) {
            throw new IllegalArgumentException("meter: there is no operator " + operator + " among " + names.size()
                    + "; ask for its number by its name, operator(name)");
        }
    }

    private void checkOpen() {
        if (open < 0) {
            throw new IllegalStateException("meter: no operator is open; open one first");
        }
    }

    /**
     * The caller begins to hand out work of an operator; ends with {@link #close}. An operator that was opened and, because its work
     * failed, never closed, is forgotten.
     *
     * @param operator a number that {@link #operator} gave
     * @throws IllegalArgumentException if it gave no such number, as in every method that is given one
     */
    public void open(int operator) {
        check(operator);
        if (open >= 0) {
            for (long[] slot : slots) {
                Arrays.fill(slot, 0);
            }
        }
        open = operator;
        operatorEvent = FlightRecords.beginOperator();
        openedAt = System.nanoTime();
    }

    /**
     * A worker begins its share.
     *
     * @param worker its number in the team
     */
    public void begin(int worker) {
        long[] slot = slots[worker];
        slot[LAST_BYTES] = clock.allocatedByThisThread();
        slot[LAST_NANOS] = System.nanoTime();
    }

    /**
     * What a worker did since {@link #begin} or the last lap belongs to a pass.
     *
     * @param worker its number in the team
     * @param kind of the pass
     */
    public void lap(int worker, PassKind kind) {
        Given.notNull(kind, "meter: kind", "the kind of the pass");
        long[] slot = slots[worker];
        int at = FIRST_LAP + LAP_FIELDS * kind.ordinal();
        long now = System.nanoTime();
        long bytes = clock.allocatedByThisThread();
        slot[at]++;
        slot[at + 1] += now - slot[LAST_NANOS];
        slot[at + 2] += bytes - slot[LAST_BYTES];
        slot[LAST_NANOS] = now;
        slot[LAST_BYTES] = bytes;
    }

    /**
     * Counts work of the open operator; figures as in {@link OperatorCost}.
     *
     * @param kind of the pass
     * @param useful multiply-adds that the mathematics asks for
     * @param executed multiply-adds that were done
     * @param dense multiply-adds of the same layer without pruning
     * @param traffic bytes read and written
     */
    public void count(PassKind kind, long useful, long executed, long dense, long traffic) {
        Given.notNull(kind, "meter: kind", "the kind of the pass");
        checkOpen();
        int at = (open * KINDS.length + kind.ordinal()) * FIELDS;
        totals[at + USEFUL] = Math.addExact(totals[at + USEFUL], useful);
        totals[at + EXECUTED] = Math.addExact(totals[at + EXECUTED], executed);
        totals[at + DENSE] = Math.addExact(totals[at + DENSE], dense);
        totals[at + TRAFFIC] = Math.addExact(totals[at + TRAFFIC], traffic);
    }

    /**
     * The caller has the work back: the times of all workers go to the open operator.
     *
     * @throws IllegalStateException if none is open, as in every method that counts for it
     */
    public void close() {
        checkOpen();
        long wall = System.nanoTime() - openedAt;
        Arrays.fill(openThreadNanos, 0);
        long all = 0;
        int base = open * KINDS.length;
        for (long[] slot : slots) {
            for (int kind = 0; kind < KINDS.length; kind++) {
                int lap = FIRST_LAP + LAP_FIELDS * kind;
                if (slot[lap] > 0) {
                    int at = (base + kind) * FIELDS;
                    totals[at + CALLS] += slot[lap];
                    totals[at + THREAD_NANOS] += slot[lap + 1];
                    totals[at + ALLOCATED] += slot[lap + 2];
                    // A call is at least a nanosecond, so that a coarse clock cannot lose its share.
                    openThreadNanos[kind] += slot[lap + 1] + 1;
                    all += slot[lap + 1] + 1;
                    Arrays.fill(slot, lap, lap + LAP_FIELDS, 0);
                }
            }
        }
        if (all > 0) {
            share(base, wall, all);
            meteredNanos += wall;
        }
        if (operatorEvent != null) {
            operatorEvent.finish(names.get(open), KINDS[longest()], all);
            operatorEvent = null;
        }
        open = -1;
    }

    /** Divides the wall time by thread time; what rounding leaves goes to the longest pass. */
    private void share(int base, long wall, long all) {
        long left = wall;
        for (int kind = 0; kind < KINDS.length; kind++) {
            if (openThreadNanos[kind] > 0) {
                long part = (long) ((double) wall * openThreadNanos[kind] / all);
                totals[(base + kind) * FIELDS + NANOS] += part;
                left -= part;
            }
        }
        totals[(base + longest()) * FIELDS + NANOS] += left;
    }

    private int longest() {
        int longest = 0;
        for (int kind = 1; kind < KINDS.length; kind++) {
            longest = openThreadNanos[kind] > openThreadNanos[longest] ? kind : longest;
        }
        return longest;
    }

    /**
     * What is open turns out to be the work of another operator.
     *
     * @param operator a number that {@link #operator} gave
     */
    public void rename(int operator) {
        check(operator);
        checkOpen();
        open = operator;
    }

    /**
     * Begins work that the caller does alone; ends with {@link #stop}.
     *
     * @param operator a number that {@link #operator} gave
     */
    public void start(int operator) {
        open(operator);
        begin(0);
    }

    /**
     * Ends work that the caller did alone, of so many bytes of traffic.
     *
     * @param kind of the pass
     * @param traffic bytes read and written
     */
    public void stop(PassKind kind, long traffic) {
        Given.notNull(kind, "meter: kind", "the kind of the pass");
        lap(0, kind);
        count(kind, 0, 0, 0, traffic);
        close();
    }

    /**
     * Runs a task on all workers as one pass of the open operator.
     *
     * @param workers whose threads do the work
     * @param kind of the pass
     * @param work what every worker does of it
     */
    public void run(Workers workers, PassKind kind, Workers.Task work) {
        Given.notNull(workers, "meter: workers", "whose threads do the work");
        Given.notNull(kind, "meter: kind", "the kind of the pass");
        Given.notNull(work, "meter: work", "what every worker does of it");
        task = work;
        taskKind = kind;
        workers.run(timed);
    }

    private void runTimed(int worker, int workers) {
        begin(worker);
        task.run(worker, workers);
        lap(worker, taskKind);
    }

    /** A step begins: what follows until {@link #endStep} is its time. */
    public void beginStep() {
        inStep = true;
        stepEvent = FlightRecords.beginStep();
        stepMetered = meteredNanos;
        stepCpu = clock.cpuNanos();
        stepStart = System.nanoTime();
    }

    /**
     * A step ends.
     *
     * @param count images of it
     * @throws IllegalStateException if none has begun
     */
    public void endStep(int count) {
        if (!inStep) {
            throw new IllegalStateException("meter: a step ends that has not begun; call beginStep first");
        }
        inStep = false;
        long wall = System.nanoTime() - stepStart;
        long cpu = clock.cpuNanos() - stepCpu;
        steps++;
        images += count;
        stepNanos += wall;
        cpuNanos += cpu;
        steppedNanos += meteredNanos - stepMetered;
        if (stepEvent != null) {
            stepEvent.finish(count, wall - (meteredNanos - stepMetered), cpu);
            stepEvent = null;
        }
    }

    /** {@return what was measured so far, as a new value} Not while an operator is open. */
    public MeterReading read() {
        List<OperatorCost> costs = new ArrayList<>();
        for (int operator = 0; operator < names.size(); operator++) {
            for (PassKind kind : KINDS) {
                int at = (operator * KINDS.length + kind.ordinal()) * FIELDS;
                if (totals[at + CALLS] > 0) {
                    costs.add(new OperatorCost(names.get(operator), kind, totals[at + CALLS], totals[at + THREAD_NANOS], totals[at + NANOS],
                            totals[at + USEFUL], totals[at + EXECUTED], totals[at + DENSE], totals[at + TRAFFIC], totals[at + ALLOCATED]));
                }
            }
        }
        return new MeterReading(costs, steps, images, stepNanos, steppedNanos, clock.tellsCpu() ? OptionalLong.of(cpuNanos)
                : OptionalLong.empty());
    }
}
