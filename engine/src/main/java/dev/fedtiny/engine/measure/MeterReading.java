package dev.fedtiny.engine.measure;

import dev.fedtiny.engine.internal.check.Given;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BinaryOperator;
import java.util.function.ToLongFunction;

/**
 * A meter's figures at one moment: an immutable value.
 *
 * @param operators passes that were called, operators in the order they became known, passes in the order of {@link PassKind}
 * @param steps steps that were marked by {@link Meter#beginStep} and {@link Meter#endStep}
 * @param images images of those steps
 * @param stepNanos wall time of those steps
 * @param meteredNanos what operators took of that time
 * @param cpuNanos processor time of the team's threads in those steps, spinning included; absent where the JVM does not tell
 */
public record MeterReading(List<OperatorCost> operators, long steps, long images, long stepNanos, long meteredNanos,
        OptionalLong cpuNanos) {
    /** Nothing measured. */
    public static final MeterReading NONE = new MeterReading(List.of(), 0, 0, 0, 0, OptionalLong.empty());

    private record Key(String operator, PassKind pass) {
    }

    /** Keeps its own copy. */
    public MeterReading {
        Given.notNull(operators, "meter reading: operators", "figures of operators; none where nothing was measured");
        Given.notNull(cpuNanos, "meter reading: cpuNanos", "the processor time; empty where it is not known");
        operators = List.copyOf(operators);
    }

    /**
     * {@return what steps took beyond their operators: checks, clearing, and waiting between hand-outs} {@code meteredNanos + restNanos =
     * stepNanos}.
     */
    public long restNanos() {
        return stepNanos - meteredNanos;
    }

    /**
     * {@return one figure over all operators}
     *
     * @param figure one of the counts
     */
    public long total(ToLongFunction<OperatorCost> figure) {
        Given.notNull(figure, "meter reading: figure", "one of the counts, as OperatorCost::nanos");
        return operators.stream().mapToLong(figure).reduce(0, Math::addExact);
    }

    /**
     * {@return one figure over all operators of a pass}
     *
     * @param pass of which passes
     * @param figure one of the counts
     */
    public long total(PassKind pass, ToLongFunction<OperatorCost> figure) {
        Given.notNull(pass, "meter reading: pass", "of which passes");
        Given.notNull(figure, "meter reading: figure", "one of the counts, as OperatorCost::nanos");
        return operators.stream().filter(o -> o.pass() == pass).mapToLong(figure).reduce(0, Math::addExact);
    }

    /** {@return the passes added up over operators, in the order of {@link PassKind}; the operator is called {@code all}} */
    public List<OperatorCost> byPass() {
        List<OperatorCost> sums = new ArrayList<>();
        for (PassKind pass : PassKind.values()) {
            operators.stream().filter(o -> o.pass() == pass).reduce(OperatorCost::plus).ifPresent(sum -> sums.add(new OperatorCost("all",
                    pass, sum.calls(), sum.threadNanos(), sum.nanos(), sum.usefulMacs(), sum.executedMacs(), sum.denseMacs(),
                    sum.trafficBytes(), sum.allocatedBytes())));
        }
        return sums;
    }

    /**
     * {@return both together, for example of several devices}
     *
     * @param other a reading of another meter
     */
    public MeterReading plus(MeterReading other) {
        Given.notNull(other, "meter reading: other", "a reading of another meter");
        return new MeterReading(joined(other, OperatorCost::plus), Exact.sum("steps", steps, other.steps),
                Exact.sum("images", images, other.images), Exact.sum("time of steps", stepNanos, other.stepNanos),
                Exact.sum("time of operators", meteredNanos, other.meteredNanos), cpuNanos.isEmpty() ? other.cpuNanos
                : OptionalLong.of(Exact.sum("processor time", cpuNanos.getAsLong(), other.cpuNanos.orElse(0))));
    }

    /**
     * {@return what came since an earlier reading of the same meter}
     *
     * @param earlier of the same meter
     */
    public MeterReading since(MeterReading earlier) {
        Given.notNull(earlier, "meter reading: earlier", "an earlier reading of the same meter");
        List<OperatorCost> rest = joined(earlier, OperatorCost::minus).stream().filter(o -> o.calls() > 0).toList();
        return new MeterReading(rest, steps - earlier.steps, images - earlier.images, stepNanos - earlier.stepNanos,
                meteredNanos - earlier.meteredNanos, cpuNanos.isEmpty() ? cpuNanos
                : OptionalLong.of(cpuNanos.getAsLong() - earlier.cpuNanos.orElse(0)));
    }

    private List<OperatorCost> joined(MeterReading other, BinaryOperator<OperatorCost> how) {
        Map<Key, OperatorCost> all = new LinkedHashMap<>();
        operators.forEach(o -> all.put(new Key(o.operator(), o.pass()), o));
        other.operators.forEach(o -> all.merge(new Key(o.operator(), o.pass()), o, how));
        return List.copyOf(all.values());
    }
}
