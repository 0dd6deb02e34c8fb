package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.Sgd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServerOptimizerTest {
    private static final Network NETWORK = TinyRuns.NETWORK;
    private static final int ROUNDS = 12;

    /** What the paper's formulas say, over all positions in double precision; masks are sets of positions. */
    private abstract static class Reference {
        final double[][] moments = new double[NETWORK.parameters().size()][];
        final double[][] squares = new double[NETWORK.parameters().size()][];
        int steps;

        Reference() {
            for (int p = 0; p < moments.length; p++) {
                moments[p] = new double[NETWORK.parameters().get(p).size()];
                squares[p] = new double[NETWORK.parameters().get(p).size()];
            }
        }

        abstract double move(int p, int position, double difference);

        double[] next(int p, Mask before, float[] values, Mask after, float[] averaged) {
            double[] next = new double[after.count()];
            double[] dense = dense(before, values);
            boolean[] active = new boolean[dense.length];
            for (int i = 0; i < next.length; i++) {
                int position = after.index(i);
                active[position] = true;
                if (!before.contains(position)) {
                    moments[p][position] = 0;
                    squares[p][position] = 0;
                }
                next[i] = dense[position] + move(p, position, averaged[i] - dense[position]);
            }
            for (int position = 0; position < active.length; position++) {
                moments[p][position] = active[position] ? moments[p][position] : 0;
                squares[p][position] = active[position] ? squares[p][position] : 0;
            }
            return next;
        }

        private static double[] dense(Mask mask, float[] values) {
            double[] dense = new double[mask.size()];
            for (int i = 0; i < values.length; i++) {
                dense[mask.index(i)] = values[i];
            }
            return dense;
        }
    }

    /** Hsu et al. 2019: v ← β·v + Δ, w ← w + v. */
    private static final class Momentum extends Reference {
        @Override
        double move(int p, int position, double difference) {
            moments[p][position] = 0.9 * moments[p][position] + difference;
            return moments[p][position];
        }
    }

    /** Reddi et al. 2021, with the bias correction of Kingma and Ba. */
    private static final class AdamStep extends Reference {
        @Override
        double move(int p, int position, double difference) {
            moments[p][position] = 0.9 * moments[p][position] + 0.1 * difference;
            squares[p][position] = 0.99 * squares[p][position] + 0.01 * difference * difference;
            return 0.05 * (moments[p][position] / (1 - Math.pow(0.9, steps)))
                    / (Math.sqrt(squares[p][position] / (1 - Math.pow(0.99, steps))) + 1e-3);
        }
    }

    private static ModelState averaged(ModelState model, RandomStream random) {
        List<Mask> masks = new ArrayList<>(model.masks());
        for (int p : NETWORK.prunable()) {
            int size = model.mask(p).size();
            // Positions come back, too.
            masks.set(p, Mask.of(size, IntStream.range(0, size).filter(_ -> random.nextInt(3) > 0).toArray()));
        }
        ModelState moved = model.masked(masks);
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < masks.size(); p++) {
            float[] own = moved.values(p).clone();
            for (int i = 0; i < own.length; i++) {
                own[i] = Math.abs(own[i]) + (random.nextInt(2001) - 1000) / 4000f;
                own[i] = NETWORK.isTrained(p) ? own[i] : Math.abs(own[i]);
            }
            values.add(own);
        }
        return ModelState.of(NETWORK, masks, values);
    }

    private static void follows(ServerOptimizer optimizer, Reference reference) {
        RandomStream random = RandomStream.of(5, "server-optimizer");
        ModelState model = Initializer.initialize(NETWORK, 3);
        ServerMemory memory = ServerMemory.NONE;
        int changed = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            ModelState average = averaged(model, random);
            ServerOptimizer.Step step = optimizer.step(model, average, memory);
            reference.steps = round;
            assertEquals(average.masks(), step.model().masks());
            for (int p = 0; p < NETWORK.parameters().size(); p++) {
                if (!NETWORK.isTrained(p)) {
                    assertArrayEquals(average.values(p), step.model().values(p), "running statistics are averaged, no more");
                    continue;
                }
                double[] expected = reference.next(p, model.mask(p), model.values(p), average.mask(p), average.values(p));
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(expected[i], step.model().values(p)[i], 1e-5 * (1 + Math.abs(expected[i])),
                            "round " + round + ", " + NETWORK.parameters().get(p).name() + ", value " + i);
                }
                changed += model.mask(p).equals(average.mask(p)) ? 0 : 1;
            }
            model = step.model();
            memory = step.memory();
        }
        assertTrue(changed > ROUNDS, changed + " masks changed");
    }

    @Test
    void momentumFollowsPositionsWhileMasksChange() {
        follows(new ServerOptimizer(new Sgd(0.9, 0), 1), new Momentum());
    }

    @Test
    void adamFollowsPositionsWhileMasksChange() {
        follows(new ServerOptimizer(new Adam(0.9, 0.99, 1e-3, 0, false), 0.05), new AdamStep());
    }

    /** FedTiny adjusts its mask in between, and what grew is still 0 when devices get it. */
    @Test
    void aRoundEndsWithTheStepAndWhatGrewBeginsAtZero() {
        TrainingPlan plan = TinyRuns.plan(6).withServer(Optional.of(new ServerOptimizer(new Sgd(0.9, 0), 1)));
        try (FederationContext context = TinyRuns.over(plan, TinyRuns.fleet(plan));
                FederationContext plain = TinyRuns.over(TinyRuns.plan(6), TinyRuns.fleet(TinyRuns.plan(6)))) {
            FedTiny method = TinyRuns.fedTiny(Selection.ADAPTIVE);
            MethodState state = method.init(context).state();
            int grown = 0;
            for (int round = 0; round < 6; round++) {
                MethodState averaged = method.round(plain, state).state();
                MethodState moved = method.round(context, state).state();
                ServerOptimizer.Step step = plan.schedule().server().orElseThrow().step(state.model(), averaged.model(), state.server());
                assertTrue(TinyRuns.sameBits(step.model(), moved.model()), "round " + round);
                assertEquals(step.memory(), moved.server());
                for (int p : NETWORK.prunable()) {
                    for (int i = 0; i < moved.model().mask(p).count(); i++) {
                        if (!state.model().mask(p).contains(moved.model().mask(p).index(i))) {
                            assertEquals(0, moved.model().values(p)[i]);
                            grown++;
                        }
                    }
                }
                state = moved;
            }
            assertEquals(6, state.server().steps());
            assertTrue(grown > 0, "nothing grew");
        }
    }

    /** What FedSGC tells devices is where the global weights went, and momentum may carry them against the devices' average. */
    @Test
    void signsAreThoseOfTheStep() {
        TrainingPlan plan = TinyRuns.plan(5).withServer(Optional.of(new ServerOptimizer(new Sgd(0.9, 0), 1)));
        try (FederationContext context = TinyRuns.over(plan, TinyRuns.fleet(plan))) {
            List<MethodState> states = TinyRuns.run(new FedSgc(0.25, Optional.of(TinyRuns.EVERY_OTHER), 0.3, 0.4), context).states();
            for (int round = 1; round < states.size(); round++) {
                ModelState before = states.get(round - 1).model();
                ModelState after = states.get(round).model();
                for (int i = 0; i < NETWORK.prunable().size(); i++) {
                    int p = NETWORK.prunable().get(i);
                    byte[] signs = ((FedSgc.Directions) states.get(round).memory()).signs().get(i);
                    for (int j = 0; j < after.mask(p).count(); j++) {
                        int position = after.mask(p).index(j);
                        int place = before.mask(p).find(position);
                        float step = after.values(p)[j] - (place < 0 ? 0 : before.values(p)[place]);
                        assertTrue(step == 0 || signs[position] == Math.signum(step), "round " + round + ", layer " + p + ", " + position);
                    }
                }
            }
        }
    }

    @Test
    void whereTheRunGoesBackSoDoesTheMemory() {
        ModelState model = Initializer.initialize(NETWORK, 3);
        ServerOptimizer.Step step = new ServerOptimizer(new Sgd(0.9, 0), 1).step(model, averaged(model, RandomStream.of(1, "x")),
                ServerMemory.NONE);
        MethodState before = new MethodState(3, model, 1, 1, dev.fedtiny.federation.MaskVersions.NONE, Costs.NONE,
                new AlgorithmState.None());
        MethodState after = new MethodState(4, step.model(), ModelParts.none(2), 1, before.acknowledged(), Costs.NONE, before.memory(),
                step.memory());
        assertEquals(ServerMemory.NONE, after.backTo(before).server());
    }

    @Test
    void whatOverflowsIsNamed() {
        ModelState model = Initializer.initialize(NETWORK, 3);
        ModelState far = ModelState.of(NETWORK, model.masks(), model.allValues().stream().map(values -> {
            float[] large = new float[values.length];
            Arrays.fill(large, 1e30f);
            return large;
        }).toList());
        ArithmeticException e = assertThrows(ArithmeticException.class,
                () -> new ServerOptimizer(new Sgd(0.9, 0), 1e30).step(model, far, ServerMemory.NONE));
        assertTrue(e.getMessage().contains("server-learning-rate"), e.getMessage());
        ArithmeticException square = assertThrows(ArithmeticException.class,
                () -> new ServerOptimizer(new Adam(), 1).step(model, far, ServerMemory.NONE));
        assertTrue(square.getMessage().contains("= Infinity of value 0 of '"), square.getMessage());
        IllegalArgumentException other = assertThrows(IllegalArgumentException.class,
                () -> new ServerOptimizer(new Adam(), 1).step(model, model, new ServerOptimizer(new Sgd(0.9, 0), 1)
                        .step(model, model, ServerMemory.NONE).memory()));
        assertTrue(other.getMessage().contains("another optimiser"), other.getMessage());
    }
}
