package dev.fedtiny.experiment;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * Tells how long steps of runs will take by how long others took. Steps of one method and one kind take time in proportion to their FLOPs;
 * the last {@value #REMEMBERED} of them say how much, so that a machine that has become slower or faster is noticed. A kind that has not
 * been seen yet is judged by its FLOPs and the time that rounds of any kind took for theirs. Looks at no clock. Not thread-safe.
 */
public final class Pace {
    private static final int REMEMBERED = 10;

    /** Steps that take different time for the same FLOPs. */
    public enum Kind {
        /** Everything before the first round: pretraining, scores, stage one. */
        START,
        /** A round whose masks stay. */
        ROUND,
        /** A round that adjusts masks. */
        ADJUSTMENT,
        /** Passes over test images and devices' own, after rounds that are evaluated. */
        EVALUATION
    }

    /**
     * A step of a run.
     *
     * @param method of the run
     * @param kind what is done
     * @param flops expected of all devices together, of an {@link Kind#EVALUATION} of its passes; of a {@link Kind#START} any constant
     */
    public record Step(String method, Kind kind, double flops) {
        /** Checks the range. */
        public Step {
            if (!(flops >= 0) || Double.isInfinite(flops)) {
                throw new IllegalArgumentException("step of " + flops + " FLOPs, expected a number of at least 0");
            }
        }
    }

    /**
     * What there is to do.
     *
     * @param steps in order
     * @param atMost whether the run may end before its last round, since it is good enough or becomes no better
     */
    public record Plan(List<Step> steps, boolean atMost) {
        /** Keeps its own list. */
        public Plan {
            steps = List.copyOf(steps);
        }
    }

    private record Sort(String method, Kind kind) {
    }

    private record Timed(double flops, double seconds) {
    }

    private final Map<Sort, Deque<Timed>> seen = new LinkedHashMap<>();

    /** Nothing has been seen yet. */
    public Pace() {
    }

    /**
     * Notes how long a step took.
     *
     * @param step which
     * @param seconds wall time, at least 0
     */
    public void measured(Step step, double seconds) {
        Deque<Timed> same = seen.computeIfAbsent(new Sort(step.method(), step.kind()), _ -> new ArrayDeque<>());
        if (same.size() == REMEMBERED) {
            same.removeFirst();
        }
        same.addLast(new Timed(step.flops(), seconds));
    }

    /**
     * How long some steps will take.
     *
     * @param steps yet to be done
     * @return seconds; empty where one of them is of a sort of which nothing can be said yet
     */
    public OptionalDouble seconds(Collection<Step> steps) {
        double sum = 0;
        for (Step step : steps) {
            OptionalDouble one = seconds(step);
            if (one.isEmpty()) {
                return one;
            }
            sum += one.getAsDouble();
        }
        return OptionalDouble.of(sum);
    }

    private OptionalDouble seconds(Step step) {
        List<List<Sort>> nearest = List.of(
                sorts(sort -> sort.method().equals(step.method()) && sort.kind() == step.kind()),
                sorts(sort -> sort.method().equals(step.method()) && sort.kind() != Kind.START && step.kind() != Kind.START),
                sorts(sort -> sort.kind() == step.kind()),
                sorts(sort -> sort.kind() != Kind.START && step.kind() != Kind.START));
        return nearest.stream().filter(sorts -> !sorts.isEmpty()).findFirst()
                .map(sorts -> OptionalDouble.of(secondsAtPaceOf(sorts, step))).orElse(OptionalDouble.empty());
    }

    private List<Sort> sorts(Predicate<Sort> which) {
        return seen.keySet().stream().filter(which).toList();
    }

    private double secondsAtPaceOf(List<Sort> sorts, Step step) {
        List<Timed> all = new ArrayList<>();
        sorts.forEach(sort -> all.addAll(seen.get(sort)));
        double seconds = all.stream().mapToDouble(Timed::seconds).sum();
        double flops = all.stream().mapToDouble(Timed::flops).sum();
        return flops > 0 ? seconds / flops * step.flops() : seconds / all.size();
    }
}
