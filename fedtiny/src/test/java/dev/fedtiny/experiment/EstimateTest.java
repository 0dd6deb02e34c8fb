package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.Partition;
import dev.fedtiny.data.Partitions;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.DeviceRate;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.Reliability;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EstimateTest {
    /** A run of the demo that takes about a second. */
    private static Map<SettingSpec<?>, String> tiny(String... more) {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>();
        String[] settings = {"data=demo", "width=2", "rounds=6", "devices=3", "max-images=150", "max-test-images=10", "adjust-every=2",
            "adjust-until=6", "density=0.2", "pretrain-epochs=1", "public-per-class=2", "pool=3", "batch=16", "threads=1"};
        for (String[] some : new String[][] {settings, more}) {
            for (String setting : some) {
                given.put(SettingIndex.of(setting.substring(0, setting.indexOf('='))), setting.substring(setting.indexOf('=') + 1));
            }
        }
        return given;
    }

    @ParameterizedTest
    @ValueSource(strings = {"method=fedtiny", "selection=vanilla", "selection=none", "granularity=layer", "sample=2", "selection-sample=2",
        "selection-sample=1", "epochs=2", "sample=1 over-select=3 selection=none device-speed=1",
        "secure-aggregation=on update-bound=0 selection-vote=mean", "secure-aggregation=on update-bound=0 selection=none method=fedmef",
        "secure-aggregation=on update-bound=0 method=prunefl", "secure-aggregation=on update-bound=0 method=fedavg secure-neighbours=2",
        "method=fedavg", "model=cnn-8-8-8", "partition=iid", "method=fl-pqsu", "method=snip", "method=synflow", "method=prunefl",
        "method=toy", "method=feddst", "method=fedsgc", "method=fedrts", "method=fedmef", "method=lotteryfl",
        "model=mobilenetv2 width=8 max-images=60 rounds=3", "model=mobilenetv2 method=fedmef width=8 max-images=60 rounds=3",
        "model=dscnn width=4 max-images=80", "model=dscnn method=prunefl width=4 max-images=80",
        "model=dscnn method=fl-pqsu width=4 max-images=80", "model=dscnn method=synflow width=4 max-images=80",
        "model=dscnn method=snip width=4 max-images=80", "model=dscnn method=lotteryfl width=4 max-images=80",
        "model=dscnn method=feddst width=4 max-images=80", "model=dscnn method=fedsgc width=4 max-images=80",
        "model=dscnn method=fedrts width=4 max-images=80", "model=dscnn method=fedavg width=4 max-images=80"})
    void exactCountEqualsWhatTheRunMeasures(String settings) {
        Map<SettingSpec<?>, String> given = tiny(settings.split(" "));
        ExactEstimate estimate = Estimate.of(given, true).exact();
        Experiment experiment = Experiment.of(given);
        TrainTest images = experiment.open();
        Method method = experiment.method();
        try (FederationContext context = FederationContext.inProcess(experiment.plan(images.train()), experiment.data(images), 1, 1)) {
            Method.InitOutcome init = method.init(context);
            assertEquals(init.report().pretraining().costs().flops(), estimate.pretraining());
            long scoring = init.report().scoring().map(report -> report.costs().flops()).orElse(0L);
            assertEquals(scoring, estimate.scoring());
            assertEquals(scoring, Estimate.of(given, false).exact().scoring(), "without doing it");
            assertEquals(init.report().selection().isPresent(), estimate.stageOne().isPresent());
            init.report().selection().ifPresent(selection -> {
                SelectionEstimate stage = estimate.stageOne().orElseThrow();
                assertEquals(selection.costs().flops(), stage.flops());
                assertEquals(selection.costs().traffic().bytesDown(), stage.bytesDown());
                assertEquals(selection.costs().traffic().bytesUp(), stage.bytesUp());
            });
            int ordinary = 0;
            MethodState state = init.state();
            boolean firstMasks = true;
            while (state.round() < experiment.get(Setting.ROUNDS)) {
                RoundEstimate expected = estimate.rounds().get(state.round());
                Method.RoundOutcome outcome = method.round(context, state);
                RoundReport report = outcome.report();
                Costs costs = report.costs();
                assertEquals(report.participants().size(), expected.devices());
                assertEquals(costs.flops(), expected.flops(), "round " + report.round());
                assertEquals(report.maxDeviceFlops(), expected.maxDeviceFlops(), "round " + report.round());
                assertTrue(report.adjustments().isEmpty() || expected.adjusts());
                if (expected.adjusts() || settings.contains("method=lotteryfl")) {
                    assertTrue(costs.traffic().bytesUp() <= expected.bytesUp() && costs.traffic().bytesUp() > expected.bytesUp() / 2,
                            costs.traffic().bytesUp() + " of " + expected.bytesUp());
                    firstMasks &= !expected.adjusts();
                } else {
                    assertEquals(costs.traffic().bytesUp(), expected.bytesUp());
                }
                if (firstMasks || expected.masksSent() == 0) {
                    assertEquals(costs.traffic().bytesDown(), expected.bytesDown(), "round " + report.round());
                    ordinary++;
                }
                state = outcome.state();
            }
            assertTrue(ordinary >= 2, "only " + ordinary + " rounds were compared to the byte");
            assertEquals(state.costs().flops(), estimate.totalFlops());
        }
    }

    /** A device that is let go was asked, but sends nothing. */
    @Test
    void overSelectionAddsRequestsAndNoAnswers() {
        JsonObject usual = (JsonObject) JsonReader.parse(EstimateJson.of(Estimate.of(tiny("method=fedavg", "sample=2"), false)));
        JsonObject over = (JsonObject) JsonReader.parse(EstimateJson.of(Estimate.of(tiny("method=fedavg", "sample=2", "over-select=1.5"),
                false)));
        // Who was let go gets its masks again.
        assertTrue(2 * over.integer("bytesDownRound") >= 3 * usual.integer("bytesDownRound"));
        assertTrue(over.integer("bytesDownDeviceRound") >= usual.integer("bytesDownDeviceRound"));
        assertEquals(usual.integer("bytesUpRound"), over.integer("bytesUpRound"));
        assertEquals(usual.integer("bytesUpDeviceRound"), over.integer("bytesUpDeviceRound"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"momentum=0.9", "momentum=0", "optimizer=adam", "method=fedavg", "formats=auto"})
    void sessionBytesAreThoseOfARealSession(String setting) {
        Map<SettingSpec<?>, String> given = tiny(setting);
        Estimate estimate = Estimate.of(given, false);
        TrainingPlan plan = estimate.experiment().plan(estimate.experiment().open().train());
        Optimizer optimizer = plan.local().optimizer();
        try (Session session = Session.open(estimate.exact().model(), Mode.TRAINING, 16, Workers.of(1), plan.local().sessions())) {
            assertEquals(session.bytes() + optimizer.bind(session).bytes(), estimate.exact().sessionBytes());
        }
    }

    @Test
    void dropoutsTakeTheirShareOfTheRoundsAndOfNothingElse() {
        assertTrue(Estimate.of(tiny("method=fedavg"), false).expected().isEmpty());
        Estimate estimate = Estimate.of(tiny("method=fedavg", "dropout=0.25"), false);
        ExpectedTotals expected = estimate.expected().orElseThrow();
        ExactEstimate exact = estimate.exact();
        assertEquals(0.75, expected.share(), 1e-12);
        assertEquals(exact.pretraining() + 0.75 * (exact.totalFlops() - exact.pretraining()), expected.flops(), 1e-3);
        assertEquals(0.75 * exact.totalBytesUp(), expected.bytesUp(), 1e-3);
        assertEquals(0.75 * exact.totalBytesDown(), expected.bytesDown(), 1e-3);
        JsonObject json = (JsonObject) JsonReader.parse(EstimateJson.of(estimate));
        assertEquals(expected.flops(), json.object("expected").number("flops"), 1e-3);
    }

    /** Of three that are asked, two answers are taken: 2 · P(at least two are there) + P(one is). */
    @Test
    void whoIsAskedBesideThoseWantedTakesThePlaceOfWhoIsNotThere() {
        Estimate estimate = Estimate.of(tiny("method=fedavg", "sample=2", "over-select=1.5", "dropout=0.25"), false);
        ExpectedTotals expected = estimate.expected().orElseThrow();
        ExactEstimate exact = estimate.exact();
        double there = 0.75;
        double answers = (2 * (there * there * there + 3 * there * there * 0.25) + 3 * there * 0.25 * 0.25) / 2;
        assertEquals(answers, expected.share(), 1e-12);
        assertEquals(exact.pretraining() + answers * (exact.totalFlops() - exact.pretraining()), expected.flops(), 1e-3);
        assertEquals(answers * exact.totalBytesUp(), expected.bytesUp(), 1e-3);
        assertEquals(there * exact.totalBytesDown(), expected.bytesDown(), 1e-3);
    }

    /** Attempts drawn by themselves in place of added up. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5})
    void attemptsAreThoseOfManyRounds(int reporters) {
        double dropout = 0.4;
        int repeats = 2;
        Reliability rule = new Reliability(dropout, Double.POSITIVE_INFINITY, new DeviceRate.Unlimited(),
                new DeviceRate.Unlimited(), reporters, Reliability.TooFew.REPEAT, repeats);
        Random random = new Random(5);
        int rounds = 40_000;
        long attempts = 0;
        for (int round = 0; round < rounds; round++) {
            long present = 0;
            for (int attempt = 0; attempt <= repeats && present < reporters; attempt++) {
                attempts++;
                present = random.doubles(5).filter(draw -> draw >= dropout).count();
            }
        }
        assertEquals((double) attempts / rounds, ExpectedTotals.attempts(5, rule), 0.02);
    }

    /** A thousand devices, ten a round: without a sample of its own, stage one would take four hundred times what three rounds take. */
    @Test
    void stageOneAsksASampleOfManyDevices() {
        Map<SettingSpec<?>, String> given = tiny("devices=300", "sample=3", "max-images=0", "smallest-share=1", "partition=iid", "rounds=3",
                "adjust-until=3");
        ExactEstimate usual = Estimate.of(given, false).exact();
        assertEquals(100, usual.stageOne().orElseThrow().devices());
        given.put(FedTiny.SELECTION_SAMPLE, "300");
        ExactEstimate all = Estimate.of(given, false).exact();
        assertEquals(300, all.stageOne().orElseThrow().devices());
        assertEquals(usual.stageOne().orElseThrow().bytesUp() * 3, all.stageOne().orElseThrow().bytesUp());
        given.put(FedTiny.SELECTION_SAMPLE, "4");
        Estimate four = Estimate.of(given, false);
        SelectionEstimate stage = four.exact().stageOne().orElseThrow();
        assertEquals(4, stage.devices());
        long rounds = four.exact().rounds().stream().mapToLong(RoundEstimate::flops).sum();
        assertEquals((double) stage.flops() / rounds, four.exact().stageOneOverRounds(), 1e-12);
        JsonObject json = ((JsonObject) JsonReader.parse(EstimateJson.of(four))).object("exact").object("stageOne");
        assertEquals(4, json.integer("devices"));
        assertEquals(four.exact().stageOneOverRounds(), json.number("flopsOverRounds"), 1e-12);
        given.put(FedTiny.SELECTION_SAMPLE, "301");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Experiment.of(given)).getMessage()
                .contains("at most devices = 300"));
    }

    @Test
    void countsThatNobodyMeansAreNamed() {
        for (String[] settings : new String[][] {{"epochs=65536", "width=64", "max-images=0", "rounds=40", "method=fedavg"},
                {"pretrain-epochs=1000000", "public-per-class=400", "width=64", "max-images=0", "rounds=1", "method=fedavg"}}) {
            String message = assertThrows(ArithmeticException.class,
                    () -> Estimate.of(tiny(settings), false).exact().totalFlops()).getMessage();
            assertTrue(message.contains("FLOPs") && message.contains("2^63"), message);
        }
    }

    @Test
    void theServerHoldsSumsOrAllUpdates() {
        ExactEstimate mean = Estimate.of(tiny(), false).exact();
        assertEquals(16 * mean.model().valueCount(), mean.updateBytes());
        ExactEstimate median = Estimate.of(tiny("aggregation=median", "sample=2"), false).exact();
        assertEquals(2 * 4 * median.model().valueCount(), median.updateBytes());
    }

    @Test
    void buffersAreThoseOfTheMethod() {
        ExactEstimate pruneFl = Estimate.of(tiny("method=prunefl"), false).exact();
        long dense = pruneFl.model().network().prunable().stream().mapToLong(p -> 4L * pruneFl.model().mask(p).size()).sum();
        assertEquals(dense, pruneFl.bufferBytes());
        long fedTiny = Estimate.of(tiny(), false).exact().bufferBytes();
        assertTrue(fedTiny > 0 && fedTiny < dense / 5, fedTiny + " of " + dense);
        assertEquals(0, Estimate.of(tiny("method=snip"), false).exact().bufferBytes());
        assertEquals(CostClass.STATIC, Estimate.of(tiny("progressive=false"), false).costClass());
    }

    @Test
    void withoutDataThePapersSettingIsCounted() {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>();
        given.put(Setting.WIDTH, "8");
        given.put(Setting.DENSITY, "0.02");
        Estimate estimate = Estimate.of(given, false);
        assertEquals(5000, estimate.paper().images());
        assertEquals(5, estimate.paper().epochs());
        assertEquals(50_000 - 50, estimate.exact().samples().stream().mapToInt(Integer::intValue).sum());
        assertFalse(estimate.exact().initialised());
        SelectionEstimate stage = estimate.exact().stageOne().orElseThrow();
        assertTrue(stage.leastActive() <= stage.mostActive()
                && stage.mostActive() <= 0.02 * estimate.exact().model().network().trainableCount());
        assertTrue(estimate.exact().sessionBytes() > 64L * 3 * 1024 * 4);
        JsonObject json = (JsonObject) JsonReader.parse(EstimateJson.of(estimate));
        assertEquals(estimate.paper().denseRoundFlops(), json.number("denseRoundFlops"));
        assertEquals(json.number("maxDeviceRoundFlops") / json.number("denseRoundFlops"), json.number("ratioToDense"), 1e-12);
        assertEquals(estimate.exact().ordinary().bytesUp(), json.integer("bytesUpRound"));
        assertEquals(json.integer("bytesDownRound"), 10 * json.integer("bytesDownDeviceRound"));
        assertTrue(json.object("modelBytes").integer("csr") < json.object("modelBytes").integer("dense"));
        assertTrue(json.integer("paperMemoryBytes") > 0 && json.integer("sessionBytes") > 0);
    }

    /** Why counting needs only the number of images of each class, not the images. */
    @Test
    void sizesOfADirichletSplitFollowFromTheClassCountsAlone() {
        int[] inTurn = IntStream.range(0, 600).map(i -> i % 10).toArray();
        int[] inBlocks = IntStream.range(0, 600).map(i -> i / 60).toArray();
        Partition one = Partitions.dirichlet(inTurn, 10, 7, 0.3, 5);
        Partition other = Partitions.dirichlet(inBlocks, 10, 7, 0.3, 5);
        assertFalse(one.equals(other));
        for (int device = 0; device < 7; device++) {
            assertEquals(one.size(device), other.size(device));
        }
    }
}
