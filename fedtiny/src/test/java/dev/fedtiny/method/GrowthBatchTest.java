package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Growth gradients from a pass of their own, over more images than a step of training has. */
class GrowthBatchTest {
    private static final int GROWTH_BATCH = 40;
    /** r of the first round that adjusts. */
    private static final int ADJUSTS = 2;
    private static final double DENSITY = 0.25;

    static Stream<Method> methods() {
        Optional<dev.fedtiny.pruning.AdjustmentSchedule> schedule = Optional.of(TinyRuns.EVERY_OTHER);
        return Stream.of(TinyRuns.fedTiny(Selection.NONE), new FedMef(DENSITY, schedule, 0.01, 0.5), new FedRts(DENSITY, schedule, 10, 0.5),
                new FedDst(DENSITY, schedule), new FedSgc(DENSITY, schedule, 0.3, 0.4));
    }

    private static TrainingPlan plan(int growthBatch) {
        TrainingPlan usual = TinyRuns.plan(9);
        return new TrainingPlan(usual.network(), usual.seed(), usual.schedule(), new LocalPlan(2, 16, new Sgd(0, 1e-4),
                Augmentation.CROP_AND_MIRROR, usual.local().sessions(), 0, growthBatch), usual.pretraining());
    }

    /** What the devices were asked and answered in the first round that adjusts, and what was counted of it. */
    private record Adjustment(MethodState before, List<Train> asked, List<Update> answers, RoundReport report) {
        static Adjustment of(Method method, int growthBatch) {
            TrainingPlan plan = plan(growthBatch);
            RecordingFleet fleet = new RecordingFleet(TinyRuns.fleet(plan));
            Codec codec = new Codec(TinyRuns.NETWORK, Methods.tasks());
            try (FederationContext context = TinyRuns.over(plan, fleet)) {
                MethodState state = method.init(context).state();
                while (state.round() < ADJUSTS) {
                    state = method.round(context, state).state();
                }
                RoundReport report = method.round(context, state).report();
                List<Train> asked = new ArrayList<>();
                List<Update> answers = new ArrayList<>();
                for (int k = 0; k < TinyRuns.DEVICES; k++) {
                    CachedMasks held = new CachedMasks(state.maskVersion(), state.model().masks());
                    asked.add((Train) codec.decodeRequest(fleet.sent().get(k), k, held, 0).message());
                    int samples = TinyRuns.DATA.devices().get(k).count();
                    answers.add((Update) codec.decodeAnswer(fleet.got().get(k), ADJUSTS, k, new Update.Expected(held,
                            asked.getLast().epochs(), asked.getLast().batch(),
                            SampleCounts.Range.exactly(samples, plan.deviceSettings().development()), asked.getLast().task())));
                }
                return new Adjustment(state, asked, answers, report);
            }
        }
    }

    /** Gradients that a device sends are those of its trained model on so many of its images, drawn by their own stream. */
    @Test
    void whatGrowsIsSaidByThatManyImages() {
        Method method = TinyRuns.fedTiny(Selection.NONE);
        Adjustment apart = Adjustment.of(method, GROWTH_BATCH);
        Adjustment within = Adjustment.of(method, 0);
        boolean differs = false;
        for (int k = 0; k < TinyRuns.DEVICES; k++) {
            Update update = apart.answers().get(k);
            assertEquals(within.answers().get(k).values().size(), update.values().size());
            for (int p = 0; p < update.values().size(); p++) {
                assertArrayEquals(within.answers().get(k).values().get(p), update.values().get(p), "training is the same, parameter " + p);
            }
            ModelState trained = ModelState.of(TinyRuns.NETWORK, apart.before().model().masks(), update.values());
            List<GrowthRequest> layers = apart.asked().get(k).task().layers();
            List<GrowTask.Growth> expected = largest(trained, layers, k);
            for (int i = 0; i < layers.size(); i++) {
                GrowTask.Growth sent = ((GrowTask.Grown) update.result()).layers().get(i);
                assertArrayEquals(expected.get(i).indices(), sent.indices(), "device " + k);
                assertArrayEquals(expected.get(i).values(), sent.values(), "device " + k);
                differs |= !java.util.Arrays.equals(sent.indices(), ((GrowTask.Grown) within.answers().get(k).result()).layers().get(i)
                        .indices());
            }
        }
        assertTrue(differs, "other images, other gradients");
    }

    private static List<GrowTask.Growth> largest(ModelState trained, List<GrowthRequest> layers, int device) {
        Dataset data = TinyRuns.DATA.devices().get(device);
        int[] order = IntStream.range(0, data.count()).toArray();
        RandomStream.of(11, "growth-shuffle", ADJUSTS, device).shuffle(order);
        int images = Math.min(GROWTH_BATCH, order.length);
        assertTrue(images > 16, "more than a step has");
        List<List<float[]>> found = layers.stream().<List<float[]>>map(_ -> new ArrayList<>()).toList();
        try (Session session = Session.open(trained, Mode.TRAINING, images)) {
            BatchLoader.forImagesOf(data).load(data, order, 0, images, Augmentation.CROP_AND_MIRROR,
                    RandomStream.of(11, "growth-augment", ADJUSTS, device), session.input());
            BatchLoader.loadLabels(data, order, 0, images, 10, session.labels());
            session.forward(images);
            session.backward(layers.stream().mapToInt(GrowthRequest::parameter).toArray(),
                    found.stream().map(all -> (GradientSink) (index, value) -> all.add(new float[] {index, value}))
                            .toArray(GradientSink[]::new));
        }
        List<GrowTask.Growth> largest = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            List<float[]> chosen = found.get(i).stream().filter(pair -> pair[1] != 0)
                    .sorted(Comparator.<float[]>comparingDouble(pair -> -Math.abs(pair[1])).thenComparingDouble(pair -> pair[0]))
                    .limit(layers.get(i).limit()).sorted(Comparator.comparingDouble(pair -> pair[0])).toList();
            float[] values = new float[chosen.size()];
            for (int j = 0; j < values.length; j++) {
                values[j] = chosen.get(j)[1];
            }
            largest.add(new GrowTask.Growth(layers.get(i).parameter(), chosen.stream().mapToInt(pair -> (int) pair[0]).toArray(), values));
        }
        return largest;
    }

    /** Every method that grows by gradients of one batch has the pass and pays for it: forward, backward, gradients at pruned positions. */
    @ParameterizedTest
    @MethodSource("methods")
    void thePassIsPaidFor(Method method) {
        Adjustment apart = Adjustment.of(method, GROWTH_BATCH);
        Adjustment within = Adjustment.of(method, 0);
        assertTrue(TinyRuns.sameBits(within.before().model(), apart.before().model()), "rounds that do not adjust are the same");
        long more = 0;
        for (int k = 0; k < TinyRuns.DEVICES; k++) {
            ModelState sent = apart.before().model();
            int samples = TinyRuns.DATA.devices().get(k).count();
            List<Integer> grown = apart.asked().get(k).task().layers().stream().map(GrowthRequest::parameter).toList();
            assertFalse(grown.isEmpty());
            int images = Math.min(GROWTH_BATCH, samples);
            more += ExactCost.trainingFlops(sent, images) + ExactCost.growthFlops(sent, grown, images)
                    - ExactCost.growthFlops(sent, grown, Math.min(16, samples));
        }
        assertEquals(within.report().costs().flops() + more, apart.report().costs().flops());
        assertFalse(apart.answers().equals(within.answers()));
    }

    @Test
    void aRoundThatAsksForNoGradientsHasNoPass() {
        LocalTask plain = new dev.fedtiny.device.PlainTraining();
        ModelState model = Adjustment.of(new FedDst(DENSITY, Optional.of(TinyRuns.EVERY_OTHER)), 0).before().model();
        Workload work = new Workload(2, 16, 50, 16);
        assertEquals(plain.flops(model, work), plain.flops(model, work.withGrowthBatch(GROWTH_BATCH)));
        assertEquals(List.of(16, 40, 50), Stream.of(0, 40, 64).map(g -> work.withGrowthBatch(g).growthImages()).toList());
        assertThrows(IllegalArgumentException.class, () -> plan(-1));
    }
}
