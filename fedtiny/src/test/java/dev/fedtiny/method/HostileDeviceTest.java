package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One device of four lies in every round: it is named, and the model is that of the others. */
class HostileDeviceTest {
    private static final int LIAR = 1;
    private static final int ROUNDS = 4;
    private static final double DENSITY = 0.25;
    private static final Map<Method, TinyRuns.Run> LOST = new HashMap<>();

    static Stream<Method> methods() {
        var schedule = Optional.of(TinyRuns.EVERY_OTHER);
        return Stream.of(TinyRuns.fedTiny(Selection.NONE), new FedAvg(), new FlPqsu(DENSITY), new Snip(DENSITY, 3, ScoreScope.LAYER),
                new SynFlow(DENSITY, 10, ScoreScope.LAYER), new PruneFl(DENSITY, schedule, true), new FedDst(DENSITY, schedule),
                new FedSgc(DENSITY, schedule, 0.3, 0.4), new FedMef(DENSITY, schedule, 0.01, 0.3), new FedRts(DENSITY, schedule, 10, 0.5),
                new LotteryFl(DENSITY, 0.05, 0.4));
    }

    private static TinyRuns.Run run(Method method, TrainingPlan plan, MessageKind kind, UnaryOperator<Update> lie) {
        try (FederationContext context = FederationContext.over(plan, new LyingFleet(TinyRuns.fleet(plan), LIAR, kind,
                message -> lie.apply((Update) message)), TinyRuns.DATA, 1)) {
            return TinyRuns.run(method, context);
        }
    }

    /** The run of the three others. */
    private static TinyRuns.Run lost(Method method) {
        return LOST.computeIfAbsent(method, m -> run(m, TinyRuns.plan(ROUNDS), MessageKind.UPDATE, update -> null));
    }

    /** An update with other values; {@code change} is told the value and what sort of parameter it belongs to. */
    private static Update changed(Update update, Change change) {
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < update.values().size(); p++) {
            float[] array = update.values().get(p).clone();
            for (int i = 0; i < array.length; i++) {
                array[i] = change.of(array[i], TinyRuns.NETWORK.parameters().get(p).kind());
            }
            values.add(array);
        }
        return new Update(update.maskVersion(), update.samples(), update.lossSum(), update.nanos(), values, update.result());
    }

    private interface Change {
        float of(float value, Kind kind);
    }

    private static Update result(Update update, LocalResult result) {
        return new Update(update.maskVersion(), update.samples(), update.lossSum(), update.nanos(), update.values(), result);
    }

    /** What a device's update may become that is thrown away, and for what cause. */
    enum Lie {
        HUGE(Cause.OUTLIER, update -> changed(update, (value, kind) -> kind == Kind.RUNNING_VARIANCE ? value : 1e30f)),
        LARGEST(Cause.OUTLIER, update -> changed(update, (value, kind) -> Float.MAX_VALUE)),
        THOUSANDFOLD(Cause.OUTLIER, update -> changed(update, (value, kind) -> 1000 * value)),
        MEANS(Cause.OUTLIER, update -> changed(update, (value, kind) -> kind == Kind.RUNNING_MEAN ? 1e9f : value)),
        VARIANCES(Cause.OUTLIER, update -> changed(update, (value, kind) -> kind == Kind.RUNNING_VARIANCE ? 1e20f : value)),
        NEGATIVE_VARIANCE(Cause.REJECTED, update -> changed(update, (value, kind) -> kind == Kind.RUNNING_VARIANCE ? -1 : value)),
        NOT_A_NUMBER(Cause.REJECTED, update -> changed(update, (value, kind) -> Float.NaN)),
        INFINITE(Cause.REJECTED, update -> changed(update, (value, kind) -> Float.NEGATIVE_INFINITY)),
        HUGE_LOSS(Cause.REJECTED, update -> new Update(update.maskVersion(), update.samples(), 1e300, update.nanos(), update.values(),
                update.result())),
        MANY_SAMPLES(Cause.REJECTED, update -> new Update(update.maskVersion(), Integer.MAX_VALUE, update.lossSum(), update.nanos(),
                update.values(), update.result()));

        final Cause cause;
        final UnaryOperator<Update> lie;

        Lie(Cause cause, UnaryOperator<Update> lie) {
            this.cause = cause;
            this.lie = lie;
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void whatIsOutOfAllProportionCostsItsSenderTheRoundAndNobodyElse(Method method) {
        TinyRuns.Run others = lost(method);
        for (Lie lie : Lie.values()) {
            TinyRuns.Run run = run(method, TinyRuns.plan(ROUNDS), MessageKind.UPDATE, lie.lie);
            for (int r = 0; r < ROUNDS; r++) {
                RoundReport report = run.reports().get(r);
                assertEquals(List.of(0, 2, 3), report.reporters(), lie + ", " + method);
                assertEquals(LIAR, report.failures().getFirst().device());
                assertEquals(lie.cause, report.failures().getFirst().cause(), report.failures().toString());
                assertEquals(others.reports().get(r).trainLoss(), report.trainLoss());
                assertTrue(TinyRuns.sameBits(others.states().get(r + 1).model(), run.states().get(r + 1).model()), lie + ", " + method);
                assertEquals(others.states().get(r + 1).memory(), run.states().get(r + 1).memory());
                assertEquals(others.states().get(r + 1).acknowledged(), run.states().get(r + 1).acknowledged());
            }
        }
    }

    @Test
    void hugeGradientsOfPrunedWeightsAreThrownAwayWithTheirUpdate() {
        var schedule = Optional.of(TinyRuns.EVERY_OTHER);
        for (Method method : List.of(TinyRuns.fedTiny(Selection.NONE), new FedMef(DENSITY, schedule, 0.01, 0.3),
                new PruneFl(DENSITY, schedule, true))) {
            TinyRuns.Run run = run(method, TinyRuns.plan(3), MessageKind.UPDATE, update -> switch (update.result()) {
                case GrowTask.Grown grown -> result(update, new GrowTask.Grown(grown.layers().stream().map(layer -> {
                    float[] huge = new float[layer.values().length];
                    Arrays.fill(huge, 1e30f);
                    return new GrowTask.Growth(layer.parameter(), layer.indices(), huge);
                }).toList()));
                case PruneFl.Importance importance -> result(update, new PruneFl.Importance(importance.squares().stream()
                        .map(squares -> {
                            float[] huge = squares.clone();
                            huge[7] = 1e30f;
                            return huge;
                        }).toList()));
                default -> update;
            });
            assertEquals(List.of(), run.reports().get(1).failures());
            assertEquals(List.of(0, 2, 3), run.reports().get(2).reporters());
            assertEquals(Cause.OUTLIER, run.reports().get(2).failures().getFirst().cause());
            assertTrue(run.reports().get(2).failures().getFirst().reason().contains(" gradient of '"));
        }
    }

    /** What is not out of proportion cannot be told from honest work; a majority bounds it. */
    @ParameterizedTest
    @MethodSource("methods")
    void zerosAndSignFlipsLeaveAUsefulModelUnderEveryRule(Method method) {
        List<Change> changes = List.of((value, kind) -> 0, (value, kind) -> kind == Kind.RUNNING_VARIANCE ? value : -value);
        double honest = loss(method, lost(method), TinyRuns.plan(ROUNDS));
        for (Aggregation rule : List.of(new Aggregation.Mean(), new Aggregation.TrimmedMean(0.25), new Aggregation.Median())) {
            TrainingPlan plan = TinyRuns.plan(ROUNDS).withRobustness(new Robustness(rule, Robustness.USUAL_UPDATE_BOUND,
                    SelectionVote.MEDIAN, Robustness.USUAL_MAXIMUM_SAMPLES));
            for (Change change : changes) {
                TinyRuns.Run run = run(method, plan, MessageKind.UPDATE, update -> changed(update, change));
                run.states().getLast().model().check();
                double loss = loss(method, run, plan);
                assertTrue(loss < honest + 1.5, method + ", " + rule + ": loss " + loss + " instead of " + honest);
            }
        }
    }

    private static double loss(Method method, TinyRuns.Run run, TrainingPlan plan) {
        try (FederationContext context = TinyRuns.over(plan, TinyRuns.fleet(plan))) {
            return method.evaluate(context, run.states().getLast()).loss();
        }
    }

    /** Where devices have masks of their own, some coordinates are held by the liar and another alone: there only the bound helps. */
    static Stream<Method> methodsOfOneMask() {
        return methods().filter(method -> !(method instanceof LotteryFl));
    }

    /** Without the bound, by majority alone: 1e30 does nothing to the others' middle, and no mean takes it into its sums. */
    @ParameterizedTest
    @MethodSource("methodsOfOneMask")
    void trimmedMeanAndMedianNeedNoBound(Method method) {
        for (Aggregation rule : List.of(new Aggregation.Mean(), new Aggregation.ClippedMean(1), new Aggregation.TrimmedMean(0.25),
                new Aggregation.Median())) {
            TrainingPlan plan = TinyRuns.plan(1).withRobustness(new Robustness(rule, Double.POSITIVE_INFINITY, SelectionVote.MEDIAN,
                    Robustness.USUAL_MAXIMUM_SAMPLES));
            TinyRuns.Run run = run(method, plan, MessageKind.UPDATE, Lie.HUGE.lie);
            assertEquals(rule instanceof Aggregation.Mean ? List.of(0, 2, 3) : List.of(0, 1, 2, 3), run.reports().getLast().reporters());
            double largest = run.states().getLast().model().allValues().stream()
                    .mapToDouble(array -> max(array)).max().orElseThrow();
            assertTrue(largest < 1e20, method + ", " + rule + ": " + largest);
        }
    }

    private static double max(float[] array) {
        double max = 0;
        for (float value : array) {
            max = Math.max(max, Math.abs(value));
        }
        return max;
    }

    @Test
    void sampleCountsAreThoseTheServerKnowsOrAtMostTheLargestThatItBelieves() {
        TrainingPlan plan = TinyRuns.plan(1);
        int truth = TinyRuns.DATA.devices().get(LIAR).count();
        for (int said : new int[] {Integer.MAX_VALUE, 1_000_001, truth + 1, truth - 1, 1}) {
            UnaryOperator<DeviceMessage> lie = message -> {
                Hello hello = (Hello) message;
                return new Hello(hello.networkFingerprint(), hello.platform(), said, Math.min(said, hello.developmentSamples()));
            };
            try (FederationContext known = FederationContext.over(plan, new LyingFleet(TinyRuns.fleet(plan), LIAR, MessageKind.HELLO, lie),
                    TinyRuns.DATA, 1)) {
                assertEquals(LIAR, known.absent().getFirst().device());
                assertTrue(known.absent().getFirst().reason().contains("samples is " + said + ", expected " + truth),
                        known.absent().toString());
            }
            try (FederationContext unknown = TinyRuns.over(plan, new LyingFleet(TinyRuns.fleet(plan), LIAR, MessageKind.HELLO, lie))) {
                assertEquals(said > 1_000_000, !unknown.absent().isEmpty());
            }
        }
    }

    @Test
    void honestDevicesAreNeverRefusedAndTheMeanIsTheSameWithAndWithoutTheBound() {
        methods().forEach(method -> {
            TrainingPlan unbounded = TinyRuns.plan(7).withRobustness(new Robustness(new Aggregation.Mean(), Double.POSITIVE_INFINITY,
                    SelectionVote.MEDIAN, Robustness.USUAL_MAXIMUM_SAMPLES));
            TinyRuns.Run expected;
            try (FederationContext context = FederationContext.inProcess(unbounded, TinyRuns.DATA, 1, 1)) {
                expected = TinyRuns.run(method, context);
            }
            try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(7), TinyRuns.DATA, 2, 2)) {
                TinyRuns.Run bounded = TinyRuns.run(method, context);
                assertTrue(TinyRuns.sameBits(expected.states().getLast().model(), bounded.states().getLast().model()), method.name());
                bounded.reports().forEach(report -> assertEquals(List.of(), report.failures()));
            }
            assertNotEquals(expected.states().getFirst().model().allValues(), expected.states().getLast().model().allValues());
        });
    }
}
