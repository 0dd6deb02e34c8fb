package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Capacity;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Devices that hold parts of the model: nested masks, sums over those that hold a weight, the same bits however the run is made. */
class DeviceClassesTest {
    private static final int ROUNDS = 7;
    private static final double DENSITY = 0.25;
    private static final DeviceClasses CLASSES = new DeviceClasses(List.of(new DeviceClass("small", 0.05, 2, OptionalLong.empty()),
            new DeviceClass("middle", 0.12, 1, OptionalLong.empty()), new DeviceClass("large", DENSITY, 1, OptionalLong.empty())));

    static Stream<Method> methods() {
        return MethodContractTest.methods().filter(method -> method.refusesParts().isEmpty() && method.promise().density() == DENSITY);
    }

    private static TrainingPlan plan(DeviceClasses classes) {
        TrainingPlan plan = TinyRuns.plan(ROUNDS);
        return plan.withClasses(classes);
    }

    private static TinyRuns.Run run(Method method, int slots) {
        try (FederationContext context = FederationContext.inProcess(plan(CLASSES), TinyRuns.DATA, 1, slots)) {
            return TinyRuns.run(method, context);
        }
    }

    private static void assertSame(MethodState expected, MethodState actual) {
        assertTrue(TinyRuns.sameBits(expected.model(), actual.model()), "round " + expected.round());
        assertEquals(expected.acknowledged(), actual.acknowledged());
        assertEquals(expected.costs().flops(), actual.costs().flops());
        assertEquals(expected.costs().traffic(), actual.costs().traffic());
        assertEquals(expected.memory(), actual.memory());
        List<ModelState> models = expected.parts().models(expected.model());
        for (int place = 0; place < models.size(); place++) {
            assertTrue(TinyRuns.sameBits(models.get(place), actual.parts().models(actual.model()).get(place)),
                    "class " + place + " in round " + expected.round());
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void partsAreNestedWithinTheirDensityAndStayUntilTheModelsMaskChanges(Method method) {
        TinyRuns.Run run = run(method, 1);
        int changes = 0;
        for (int r = 0; r < run.states().size(); r++) {
            MethodState state = run.states().get(r);
            assertNested(state.parts().models(state.model()));
            if (r > 0 && state.maskVersion() != run.states().get(r - 1).maskVersion()) {
                changes++;
                assertOnlyWhatIsGoneIsReplaced(run.states().get(r - 1), state);
            } else if (r > 0) {
                assertEquals(run.states().get(r - 1).parts().parts().stream().map(ModelParts.Part::masks).toList(),
                        state.parts().parts().stream().map(ModelParts.Part::masks).toList(), "parts changed in round " + r);
            }
        }
        assertEquals(method.schedule().isPresent(), changes > 0);
        assertTrue(run.reports().getLast().trainLoss() < run.reports().getFirst().trainLoss() + 0.1, "it does not learn");
    }

    /** Of the densest part: what it held and the model still has stays, or counts shrank; what enters is the largest of the rest. */
    private static void assertOnlyWhatIsGoneIsReplaced(MethodState before, MethodState after) {
        for (int p : after.model().network().prunable()) {
            Mask whole = after.model().mask(p);
            Mask held = before.parts().parts().getFirst().masks().get(p);
            Mask part = after.parts().parts().getFirst().masks().get(p);
            double leastEntered = Double.MAX_VALUE;
            double mostLeftOut = 0;
            int stillThere = 0;
            int kept = 0;
            for (int i = 0; i < whole.count(); i++) {
                int position = whole.index(i);
                double size = Math.abs(after.model().values(p)[i]);
                boolean was = held.contains(position);
                stillThere += was ? 1 : 0;
                kept += was && part.contains(position) ? 1 : 0;
                if (!was) {
                    leastEntered = part.contains(position) ? Math.min(leastEntered, size) : leastEntered;
                    mostLeftOut = part.contains(position) ? mostLeftOut : Math.max(mostLeftOut, size);
                }
            }
            assertEquals(Math.min(stillThere, part.count()), kept, "weights that were held and are still there");
            assertTrue(leastEntered >= mostLeftOut, leastEntered + " came in and " + mostLeftOut + " did not");
        }
    }

    private static void assertNested(List<ModelState> models) {
        assertEquals(3, models.size());
        for (int place = 1; place < models.size(); place++) {
            ModelState part = models.get(place);
            ModelState within = models.get(place - 1);
            double density = CLASSES.all().get(place).density();
            assertTrue(part.density() <= density && part.density() > 0.85 * density, "density " + part.density());
            for (int p : part.network().prunable()) {
                assertTrue(part.mask(p).count() >= 1);
                assertTrue(Arrays.stream(part.mask(p).indices()).allMatch(within.mask(p)::contains), "a part that is not nested");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void theSameBitsWithAnySlotsAndAfterResuming(Method method) {
        TinyRuns.Run expected = run(method, 1);
        TinyRuns.Run other = run(method, 3);
        for (int r = 0; r < expected.states().size(); r++) {
            assertSame(expected.states().get(r), other.states().get(r));
        }
        try (FederationContext context = FederationContext.inProcess(plan(CLASSES), TinyRuns.DATA, 1, 1)) {
            MethodState state = context.resume(method, expected.states().get(3));
            while (state.round() < ROUNDS) {
                state = method.round(context, state).state();
                assertSame(expected.states().get(state.round()), state);
            }
        }
    }

    /** What a round makes of the very frames that came, computed again coordinate by coordinate in double. */
    @Test
    void everyCoordinateIsTheMeanOverThoseThatHoldIt() {
        TrainingPlan plan = plan(CLASSES);
        Method method = new FlPqsu(DENSITY);
        RecordingFleet fleet = new RecordingFleet(TinyRuns.fleet(plan));
        Codec codec = new Codec(TinyRuns.NETWORK, Methods.tasks());
        try (FederationContext context = TinyRuns.over(plan, fleet)) {
            MethodState before = method.init(context).state();
            MethodState after = method.round(context, before).state();
            List<ModelState> models = before.parts().models(before.model());
            int parameters = TinyRuns.NETWORK.parameters().size();
            double[][] sums = new double[parameters][];
            double[][] weights = new double[parameters][];
            for (int p = 0; p < parameters; p++) {
                sums[p] = new double[TinyRuns.NETWORK.parameters().get(p).size()];
                weights[p] = new double[sums[p].length];
            }
            List<Integer> statistics = RunningStatistics.positions(TinyRuns.NETWORK);
            for (int device = 0; device < TinyRuns.DEVICES; device++) {
                int place = context.classOf(device);
                assertEquals(device == 0 ? 0 : device == 1 ? 1 : 2, place);
                CachedMasks held = new CachedMasks(0, models.get(place).masks());
                Train train = (Train) codec.decodeRequest(fleet.sent().get(device), device, held, 0).message();
                assertEquals(models.get(place).masks(), train.masks().orElseThrow());
                int samples = TinyRuns.DATA.devices().get(device).count();
                Update update = (Update) codec.decodeAnswer(fleet.got().get(device), 0, device, new Update.Expected(held, train.epochs(),
                        train.batch(), SampleCounts.Range.exactly(samples, plan.deviceSettings().development()), train.task()));
                for (int p = 0; p < parameters; p++) {
                    for (int i = 0; i < update.values().get(p).length; i++) {
                        int position = held.masks().get(p).index(i);
                        if (!statistics.contains(p) || place == 0) {
                            sums[p][position] += (double) samples * update.values().get(p)[i];
                            weights[p][position] += samples;
                        }
                    }
                }
                if (place == 1) {
                    // The only one of its class: its statistics are the class's.
                    List<float[]> own = after.parts().parts().getFirst().statistics().values();
                    for (int i = 0; i < own.size(); i++) {
                        assertArrayEquals(update.values().get(statistics.get(i)), own.get(i));
                        assertFalse(Arrays.equals(after.model().values(statistics.get(i)), own.get(i)));
                    }
                }
            }
            for (int p = 0; p < parameters; p++) {
                for (int i = 0; i < after.model().values(p).length; i++) {
                    int position = after.model().mask(p).index(i);
                    double expected = sums[p][position] / weights[p][position];
                    assertEquals(expected, after.model().values(p)[i], 1e-6 * Math.max(1e-3, Math.abs(expected)));
                }
            }
        }
    }

    /** Of a round in which no device holds the whole model, what nobody held stays. */
    @Test
    void whatNobodyHoldsStaysAndNothingGrows() {
        Method method = TinyRuns.fedTiny(Selection.NONE);
        TrainingPlan plan = plan(CLASSES).withReliability(new Reliability(0, 1, new DeviceRate.Given(List.of(1e-3, 1e30, 1e30, 1e30)),
                new DeviceRate.Unlimited(), 1, Reliability.TooFew.SKIP, 0));
        try (FederationContext context = TinyRuns.over(plan, TinyRuns.fleet(plan))) {
            TinyRuns.Run run = TinyRuns.run(method, context);
            for (int r = 1; r < run.states().size(); r++) {
                assertEquals(List.of(1, 2, 3), run.reports().get(r - 1).reporters());
                ModelState before = run.states().get(r - 1).model();
                ModelState after = run.states().get(r).model();
                assertEquals(before.masks(), after.masks());
                assertEquals(0, run.states().get(r).adjustments());
                List<Mask> held = run.states().get(r - 1).parts().parts().getFirst().masks();
                int stayed = 0;
                for (int p : before.network().prunable()) {
                    for (int i = 0; i < before.values(p).length; i++) {
                        if (!held.get(p).contains(before.mask(p).index(i))) {
                            assertEquals(before.values(p)[i], after.values(p)[i]);
                            stayed++;
                        }
                    }
                }
                assertTrue(stayed > 0);
                assertFalse(TinyRuns.sameBits(before, after));
            }
        }
    }

    @Test
    void everyRuleOfAggregationTakesParts() {
        List<ModelState> models = new ArrayList<>();
        for (Aggregation rule : List.of(new Aggregation.Mean(), new Aggregation.ClippedMean(0.05), new Aggregation.TrimmedMean(0.3),
                new Aggregation.Median())) {
            TrainingPlan plan = plan(CLASSES).withRobustness(new Robustness(rule, 20, SelectionVote.MEAN, 1000));
            for (int slots : new int[] {1, 3}) {
                try (FederationContext context = FederationContext.inProcess(plan, TinyRuns.DATA, 1, slots)) {
                    models.add(TinyRuns.run(TinyRuns.fedTiny(Selection.ADAPTIVE), context).states().getLast().model());
                }
            }
            assertTrue(TinyRuns.sameBits(models.get(models.size() - 2), models.getLast()), rule.toString());
        }
        for (int i = 2; i < models.size(); i += 2) {
            assertFalse(TinyRuns.sameBits(models.getFirst(), models.get(i)), "a rule that changes nothing");
        }
    }

    /** One class that holds all is no class at all. */
    @ParameterizedTest
    @MethodSource("methods")
    void aSingleClassGivesTheBitsOfNone(Method method) {
        DeviceClasses one = new DeviceClasses(List.of(new DeviceClass("all", DENSITY, 4, OptionalLong.empty())));
        List<TinyRuns.Run> runs = new ArrayList<>();
        for (DeviceClasses classes : List.of(one, DeviceClasses.NONE)) {
            try (FederationContext context = FederationContext.inProcess(plan(classes), TinyRuns.DATA, 1, 1)) {
                runs.add(TinyRuns.run(method, context));
            }
        }
        for (int r = 0; r <= ROUNDS; r++) {
            assertSame(runs.getLast().states().get(r), runs.getFirst().states().get(r));
        }
    }

    /** Small devices choose among parts of the same candidates, so that stage one costs them what they can bear. */
    @Test
    void devicesChooseAmongPartsOfTheCandidates() {
        TrainingPlan plan = plan(CLASSES);
        try (FederationContext context = TinyRuns.over(plan, TinyRuns.fleet(plan));
                FederationContext whole = TinyRuns.over(TinyRuns.plan(ROUNDS), TinyRuns.fleet(plan))) {
            Method.InitOutcome parts = TinyRuns.fedTiny(Selection.ADAPTIVE).init(context);
            Method.InitOutcome all = TinyRuns.fedTiny(Selection.ADAPTIVE).init(whole);
            SelectionReport report = parts.report().selection().orElseThrow();
            assertEquals(List.of(0, 1, 2, 3), report.reporters());
            assertTrue(report.costs().flops() < all.report().selection().orElseThrow().costs().flops());
            assertTrue(report.costs().traffic().bytesDown() < all.report().selection().orElseThrow().costs().traffic().bytesDown());
            List<ModelParts.Part> chosen = parts.state().parts().parts();
            assertNotEquals(chosen.get(0).statistics().values().getFirst()[0], chosen.get(1).statistics().values().getFirst()[0],
                    "classes have statistics of their own from the start");
        }
    }

    @Test
    void aDeviceIsOfTheClassItNamesOrOfTheDensestItHasTheMemoryFor() {
        DeviceClasses classes = new DeviceClasses(List.of(new DeviceClass("small", 0.05, 2, OptionalLong.of(32)),
                new DeviceClass("large", 0.25, 1, OptionalLong.of(64)), new DeviceClass("named", 0.1, 1, OptionalLong.empty())));
        assertEquals(List.of(0, 1, 2, 2, 2), Stream.of(0, 1, 2, 3, 4).map(device -> classes.of(device, Capacity.UNSTATED)).toList());
        assertEquals(0, classes.of(9, new Capacity(Optional.empty(), OptionalLong.of(64))));
        assertEquals(2, classes.of(9, new Capacity(Optional.empty(), OptionalLong.of(63))));
        assertEquals(1, classes.of(9, new Capacity(Optional.of("named"), OptionalLong.of(1))));
        for (Capacity none : List.of(new Capacity(Optional.empty(), OptionalLong.of(31)),
                new Capacity(Optional.of("huge"), OptionalLong.of(1000)))) {
            assertTrue(classes.refusal(none).orElseThrow().contains("'named' (density 0.1, by name only)"), classes.refusal(none).get());
            assertThrows(IllegalArgumentException.class, () -> classes.of(9, none));
        }
        DeviceClass twice = classes.all().getFirst();
        assertThrows(IllegalArgumentException.class, () -> new DeviceClasses(List.of(twice, twice)));
    }
}
