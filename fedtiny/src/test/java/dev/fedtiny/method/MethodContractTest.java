package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.FrameLengths;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every method owes: the density it promises, the same bits for the same seed, resuming, and counts that are true. */
class MethodContractTest {
    private static final int ROUNDS = 7;
    private static final double DENSITY = 0.25;
    private static final Map<Method, TinyRuns.Run> RUNS = new HashMap<>();

    static Stream<Method> methods() {
        var schedule = Optional.of(TinyRuns.EVERY_OTHER);
        return Stream.of(TinyRuns.fedTiny(Selection.ADAPTIVE), new FedAvg(), new FlPqsu(DENSITY), new Snip(DENSITY, 3, ScoreScope.LAYER),
                new Snip(DENSITY, 3, ScoreScope.GLOBAL), new SynFlow(DENSITY, 10, ScoreScope.LAYER),
                new SynFlow(DENSITY, 10, ScoreScope.GLOBAL), new PruneFl(DENSITY, schedule, true), new FedDst(DENSITY, schedule),
                new FedSgc(DENSITY, schedule, 0.3, 0.4), new FedMef(DENSITY, schedule, 0.01, 0.3), new FedRts(DENSITY, schedule, 10, 0.5),
                new LotteryFl(DENSITY, 0.05, 0.4));
    }

    private static TinyRuns.Run run(Method method) {
        return RUNS.computeIfAbsent(method, m -> {
            try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(ROUNDS), TinyRuns.DATA, 1, 1)) {
                return TinyRuns.run(m, context);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("methods")
    void keepsItsDensityPromise(Method method) {
        TinyRuns.Run run = run(method);
        List<LayerCount> first = run.init().layers();
        for (MethodState state : run.states()) {
            state.model().check();
            double density = state.model().density();
            switch (method.promise().kind()) {
                case CONSTANT -> {
                    assertEquals(first, LayerCount.of(state.model()), "round " + state.round());
                    assertTrue(density <= method.promise().density() && density > 0.9 * method.promise().density(), "density " + density);
                }
                case AT_MOST -> assertTrue(density <= method.promise().density(), "density " + density);
                case NONE -> assertEquals(1, density);
            }
        }
        boolean masksMove = method.task(run.states().get(2)) instanceof GrowTask || run.reports().get(2).adjustments().size() > 0;
        assertEquals(masksMove, !run.states().get(2).model().masks().equals(run.states().get(3).model().masks()));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void sameSeedGivesTheSameBitsForAnyThreadsAndSlots(Method method) {
        TinyRuns.Run expected = run(method);
        for (int[] threadsAndSlots : new int[][] {{3, 1}, {2, 2}, {1, 3}}) {
            try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(ROUNDS), TinyRuns.DATA, threadsAndSlots[0],
                    threadsAndSlots[1])) {
                MethodState state = method.init(context).state();
                while (state.round() < 4) {
                    state = method.round(context, state).state();
                }
                assertSame(expected.states().get(4), state, threadsAndSlots[0] + " threads, " + threadsAndSlots[1] + " slots");
            }
        }
        assertTrue(expected.reports().getLast().trainLoss() < expected.reports().getFirst().trainLoss() + 0.05);
    }

    private static void assertSame(MethodState expected, MethodState actual, String what) {
        assertTrue(TinyRuns.sameBits(expected.model(), actual.model()), what);
        assertEquals(expected.memory(), actual.memory(), what);
        assertEquals(expected.maskVersion(), actual.maskVersion(), what);
        assertEquals(expected.acknowledged(), actual.acknowledged(), what);
        assertEquals(expected.costs().traffic(), actual.costs().traffic(), what);
        assertEquals(expected.costs().flops(), actual.costs().flops(), what);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void resumesFromItsStateAlone(Method method) {
        TinyRuns.Run expected = run(method);
        for (int from : new int[] {2, 5}) {
            try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(ROUNDS), TinyRuns.DATA, 1, 1)) {
                MethodState state = context.resume(method, expected.states().get(from));
                while (state.round() < ROUNDS) {
                    state = method.round(context, state).state();
                    assertSame(expected.states().get(state.round()), state, "resumed at " + from + ", round " + state.round());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void bytesAndFlopsAreThoseOfTheFormulas(Method method) {
        TrainingPlan plan = TinyRuns.plan(ROUNDS);
        RecordingFleet fleet = new RecordingFleet(TinyRuns.fleet(plan));
        Codec codec = new Codec(TinyRuns.NETWORK, Methods.tasks());
        try (FederationContext context = TinyRuns.over(plan, fleet)) {
            MethodState state = method.init(context).state();
            while (state.round() < ROUNDS) {
                MethodState before = state;
                Method.RoundOutcome outcome = method.round(context, state);
                state = outcome.state();
                long down = 0;
                long up = 0;
                long flops = 0;
                long maxFlops = 0;
                for (int device = 0; device < TinyRuns.DEVICES; device++) {
                    CachedMasks held = new CachedMasks(before.maskVersion(), masks(before, device).masks());
                    Train train = (Train) codec.decodeRequest(fleet.sent().get(device), device, held, 0).message();
                    ModelState sent = masks(before, device);
                    assertEquals(before.acknowledged().of(device) != before.maskVersion(), train.masks().isPresent());
                    assertEquals(method.task(before).getClass(), train.task().getClass());
                    assertEquals(FrameLengths.train(sent, train.masks().isPresent(), train.task()), fleet.sent().get(device).length);
                    int samples = TinyRuns.DATA.devices().get(device).count();
                    Update.Expected expected = new Update.Expected(held, train.epochs(), train.batch(),
                            SampleCounts.Range.exactly(samples, plan.deviceSettings().development()), train.task());
                    Update update = (Update) codec.decodeAnswer(fleet.got().get(device), before.round(), device, expected);
                    ModelState answered = update.result() instanceof SubNetworkSearch.SubNetwork own ? sent.masked(own.masks()) : sent;
                    assertEquals(FrameLengths.update(answered, update.result()), fleet.got().get(device).length);
                    assertTrue(fleet.got().get(device).length <= codec.longestAnswer(expected));
                    down += fleet.sent().get(device).length;
                    up += fleet.got().get(device).length;
                    long ofDevice = flops(sent, answered, train.task(), update.result(), plan, samples);
                    flops += ofDevice;
                    maxFlops = Math.max(maxFlops, ofDevice);
                }
                Costs costs = outcome.report().costs();
                assertEquals(down, costs.traffic().bytes(MessageKind.TRAIN), "round " + before.round());
                assertEquals(up, costs.traffic().bytes(MessageKind.UPDATE), "round " + before.round());
                assertEquals(down + up, costs.traffic().bytesDown() + costs.traffic().bytesUp());
                assertEquals(flops, costs.flops(), "round " + before.round());
                assertEquals(maxFlops, outcome.report().maxDeviceFlops(), "round " + before.round());
            }
        }
    }

    /** What a device is sent the values of. */
    private static ModelState masks(MethodState state, int device) {
        return state.memory() instanceof LotteryFl.SubNetworks own ? state.model().masked(own.masks().get(device)) : state.model();
    }

    private static long kept(ModelState model, String layer, long pixels) {
        return pixels * model.mask(TinyRuns.NETWORK.indexOf(layer)).count();
    }

    /** Multiply-adds of the layers after the first, which is dense and has 4 · 9 · 256 of them. */
    private static long sparse(ModelState model) {
        return kept(model, "conv2.weight", 64) + kept(model, "conv3.weight", 16) + kept(model, "fc.weight", 1);
    }

    private static long flops(ModelState sent, ModelState trained, LocalTask task, LocalResult result, TrainingPlan plan, int samples) {
        long first = 4 * 9 * 256;
        long heldOut = result instanceof SubNetworkSearch.SubNetwork own ? own.heldOut() : 0;
        long macs = plan.epochs() * (samples - heldOut) * (2 * first + 3 * sparse(trained)) + heldOut * (first + sparse(sent));
        long dense = 64 * 288 + 16 * 864 + 120;
        if (task instanceof PruneFl.AccumulateTask) {
            macs += (long) plan.epochs() * samples * (dense - sparse(sent));
        }
        for (var layer : task.layers()) {
            String name = TinyRuns.NETWORK.parameters().get(layer.parameter()).name();
            long pixels = name.startsWith("conv2") ? 64 : name.startsWith("conv3") ? 16 : 1;
            macs += Math.min(samples, plan.batch()) * pixels * (sent.mask(layer.parameter()).size() - sent.mask(layer.parameter()).count());
        }
        return 2 * macs;
    }

    @ParameterizedTest
    @MethodSource("methods")
    void everythingSpentIsInTheTotal(Method method) {
        TinyRuns.Run run = run(method);
        InitReport init = run.init();
        long flops = init.pretraining().costs().flops() + init.selection().map(s -> s.costs().flops()).orElse(0L)
                + init.scoring().map(s -> s.costs().flops()).orElse(0L);
        assertEquals(flops, run.states().getFirst().costs().flops());
        assertEquals(flops + run.reports().stream().mapToLong(r -> r.costs().flops()).sum(), run.states().getLast().costs().flops());
        assertEquals(init.scoring().isPresent(), method instanceof Snip || method instanceof SynFlow);
        assertNotEquals(0, flops);
    }
}
