package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Sgd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The target density holds in total for every method, also where many layers can keep no more than one weight. */
class DensityBudgetTest {
    private static final Shape IMAGE = new Shape(1, 32, 32);
    private static final Network CHAIN = new NetworkSpec(Architecture.ofKey("cnn-8-8-8"), IMAGE, 8, 10).build();
    private static final List<Network> NETWORKS = List.of(new NetworkSpec(Architecture.ofKey("resnet18"), IMAGE, 1, 10).build(), CHAIN,
            uneven());

    /** One layer with most of the weights, and many with few. */
    private static Network uneven() {
        Network.Builder builder = Network.builder(IMAGE);
        int x = builder.relu(builder.conv2d("conv0", 0, 4, 3, 2, 1, true, false));
        builder.block("narrow");
        for (int i = 1; i <= 12; i++) {
            int y = builder.conv2d("conv" + i, x, i == 7 ? 16 : 4, 3, i % 6 == 0 ? 2 : 1, 1, true, true);
            // With the identity beside them, cut layers do not cut every path.
            x = builder.relu(i % 6 == 0 || i == 7 || i == 8 ? y : builder.add(x, y));
        }
        builder.linear("fc", builder.globalAveragePool(x), 10, true, true);
        return builder.build();
    }

    static Stream<DoubleFunction<Method>> methods() {
        var schedule = Optional.of(TinyRuns.EVERY_OTHER);
        return Stream.of(d -> new FedTiny(d, 2, Selection.ADAPTIVE, schedule), d -> new FedTiny(d, 2, Selection.VANILLA, schedule),
                d -> new FedTiny(d, 2, Selection.NONE, schedule), FlPqsu::new, d -> new Snip(d, 3, ScoreScope.LAYER),
                d -> new Snip(d, 3, ScoreScope.GLOBAL), d -> new SynFlow(d, 5, ScoreScope.LAYER),
                d -> new SynFlow(d, 5, ScoreScope.GLOBAL), d -> new PruneFl(d, schedule, true), d -> new FedDst(d, schedule),
                d -> new FedSgc(d, schedule, 0.3, 0.4), d -> new FedMef(d, schedule, 0.01, 0.3), d -> new FedRts(d, schedule, 10, 0.5),
                d -> new LotteryFl(d, 0, 0.9));
    }

    private static TrainingPlan plan(Network network) {
        return new TrainingPlan(network, 11, new RoundSchedule(4, TinyRuns.DEVICES, new LearningRateSchedule.Constant(0.02)),
                new LocalPlan(1, 32, new Sgd(0, 1e-4), Augmentation.NONE),
                new PretrainingPlan(1, 8, 0.02, InitialValues.drawn(false), Augmentation.NONE));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void holdsNearTheSmallestDensity(DoubleFunction<Method> methods) {
        for (Network network : NETWORKS) {
            int[] sizes = LayerCounts.sizes(network);
            long total = IntStream.of(sizes).asLongStream().sum();
            for (double times : new double[] {1, 1.5, 4}) {
                double density = Math.nextUp(times * sizes.length / total);
                Method method = methods.apply(density);
                if (method instanceof SynFlow && network == CHAIN) {
                    continue; // One weight a layer leaves no path there, which SynFlow says: see below.
                }
                try (FederationContext context = FederationContext.inProcess(plan(network), TinyRuns.DATA, 1, 1)) {
                    TinyRuns.Run run = TinyRuns.run(method, context);
                    for (MethodState state : run.states()) {
                        String what = method + " on " + total + " weights, round " + state.round();
                        for (List<Mask> masks : masks(method, state)) {
                            check(network, masks, (long) Math.floor(density * total), what);
                        }
                    }
                    assertEquals(1, method.promise().density() / density);
                }
            }
        }
    }

    /** Those that must hold the budget: the global model's, or those of devices that pruned as far as they go. */
    private static List<List<Mask>> masks(Method method, MethodState state) {
        if (!(state.memory() instanceof LotteryFl.SubNetworks own)) {
            return List.of(state.model().masks());
        }
        Network network = state.model().network();
        int[] target = LayerCounts.uniform(network, method.promise().density());
        List<List<Mask>> done = new ArrayList<>();
        for (List<Mask> masks : own.masks()) {
            int[] kept = network.prunable().stream().mapToInt(p -> masks.get(p).count()).toArray();
            for (int i = 0; i < kept.length; i++) {
                assertTrue(kept[i] >= target[i], "a device pruned below the target");
            }
            if (IntStream.of(kept).sum() == IntStream.of(target).sum()) {
                assertArrayEquals(target, kept);
                done.add(masks);
            }
        }
        assertTrue(state.round() < 4 || !done.isEmpty(), "no device reached the target");
        return done;
    }

    private static void check(Network network, List<Mask> masks, long budget, String what) {
        long kept = 0;
        for (int p : network.prunable()) {
            assertTrue(masks.get(p).count() >= 1, what + ": " + network.parameters().get(p).name() + " keeps nothing");
            kept += masks.get(p).count();
        }
        assertTrue(kept <= budget, what + ": " + kept + " kept of a budget of " + budget);
    }

    @Test
    void aFlowThatMasksCutIsNamed() {
        double density = Math.nextUp(1.5 * CHAIN.prunable().size() / IntStream.of(LayerCounts.sizes(CHAIN)).sum());
        try (FederationContext context = FederationContext.inProcess(plan(CHAIN), TinyRuns.DATA, 1, 1)) {
            String message = assertThrows(ArithmeticException.class,
                    () -> new SynFlow(density, 5, ScoreScope.LAYER).init(context)).getMessage();
            assertTrue(message.contains("no path from input to output is left") && message.contains("larger density"), message);
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void lessThanAWeightALayerIsRefusedByName(DoubleFunction<Method> methods) {
        Network network = NETWORKS.getLast();
        int[] sizes = LayerCounts.sizes(network);
        double density = 0.9 * sizes.length / IntStream.of(sizes).sum();
        try (FederationContext context = FederationContext.inProcess(plan(network), TinyRuns.DATA, 1, 1)) {
            String message = assertThrows(IllegalArgumentException.class, () -> methods.apply(density).init(context)).getMessage();
            assertTrue(message.contains("the smallest possible density is "), message);
            double named = Double.parseDouble(message.substring(message.lastIndexOf(' ') + 1));
            assertEquals(sizes.length, LayerCounts.budget(sizes, named));
            assertThrows(IllegalArgumentException.class, () -> LayerCounts.budget(sizes, Math.nextDown(named)));
        }
    }
}
