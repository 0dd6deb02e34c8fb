package dev.fedtiny.experiment;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.settings.SettingSpec;
import java.util.Locale;

/** An estimate as JSON: the papers' count at the top and under {@code paper}, the exact one in bytes and under {@code exact}. */
public final class EstimateJson {
    private EstimateJson() {
    }

    /**
     * The estimate, indented. FLOPs of the papers' count are real numbers, everything exact is whole.
     *
     * @param estimate what is written
     * @return one JSON object
     */
    public static String of(Estimate estimate) {
        ExactEstimate exact = estimate.exact();
        JsonObject.Builder object = JsonObject.builder().put("method", estimate.experiment().method().name())
                .put("model", estimate.experiment().text(Setting.MODEL)).put("images", estimate.images())
                .put("density", estimate.paper().density())
                .put("denseRoundFlops", estimate.paper().denseRoundFlops())
                .put("maxDeviceRoundFlops", estimate.paper().maxDeviceRoundFlops(estimate.costClass()))
                .put("ratioToDense", estimate.paper().ratioToDense(estimate.costClass()))
                .put("bytesUpRound", exact.ordinary().bytesUp()).put("bytesDownRound", exact.ordinary().bytesDown())
                .put("bytesUpDeviceRound", exact.ordinary().bytesUp() / exact.ordinary().reporters())
                .put("bytesDownDeviceRound", exact.ordinary().bytesDown() / exact.ordinary().devices())
                .put("modelBytes", JsonObject.builder().put("dense", Math.round(estimate.paper().denseBytes()))
                        .put("bitmask", Math.round(estimate.paper().bitmaskBytes()))
                        .put("csr", Math.round(estimate.paper().csrBytes())).build())
                .put("paperMemoryBytes", Math.round(estimate.paper().memoryBytes(estimate.costClass())))
                .put("sessionBytes", exact.sessionBytes()).put("updateBytes", exact.updateBytes());
        estimate.expected().ifPresent(expected -> object.put("expected", JsonObject.builder().put("shareOfRounds", expected.share())
                .put("flops", expected.flops()).put("bytesDown", expected.bytesDown()).put("bytesUp", expected.bytesUp()).build()));
        estimate.experiment().noise().ifPresent(mechanism -> object.put("privacy",
                PrivacyLedger.json(mechanism, estimate.experiment().get(Setting.ROUNDS))));
        return JsonWriter.indented(object.put("paper", paper(estimate)).put("exact", exact(exact)).build());
    }

    private static JsonObject paper(Estimate estimate) {
        JsonObject.Builder classes = JsonObject.builder();
        for (CostClass costClass : CostClass.values()) {
            classes.put(SettingSpec.word(costClass), JsonObject.builder()
                    .put("maxDeviceRoundFlops", estimate.paper().maxDeviceRoundFlops(costClass))
                    .put("ratioToDense", estimate.paper().ratioToDense(costClass))
                    .put("memoryBytes", Math.round(estimate.paper().memoryBytes(costClass))).build());
        }
        return JsonObject.builder().put("costClass", SettingSpec.word(estimate.costClass()))
                .put("imagesPerDevice", estimate.paper().images()).put("epochs", estimate.paper().epochs())
                .put("batch", estimate.paper().batch()).put("steps", estimate.paper().steps())
                .put("denseForwardFlops", estimate.paper().denseForwardFlops())
                .put("sparseForwardFlops", estimate.paper().sparseForwardFlops()).put("byCostClass", classes.build()).build();
    }

    private static JsonObject exact(ExactEstimate exact) {
        JsonObject.Builder object = JsonObject.builder().put("masksOfTheRun", exact.initialised())
                .put("density", exact.model().density()).put("active", exact.model().prunableActive())
                .put("samples", new JsonValue.JsonArray(exact.samples().stream().map(JsonValue::of).toList()))
                .put("firstRound", round(exact.rounds().getFirst())).put("ordinaryRound", round(exact.ordinary()));
        exact.largestAdjustment().ifPresent(round -> object.put("largestAdjustment", round(round)));
        JsonObject.Builder model = JsonObject.builder();
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            model.put(algorithm.name().toLowerCase(Locale.ROOT), exact.modelBytes(algorithm));
        }
        object.put("maxDeviceRoundFlops", exact.maxDeviceFlops()).put("modelBytes", model.build())
                .put("pretrainingFlops", exact.pretraining()).put("scoringFlops", exact.scoring())
                .put("bufferBytes", exact.bufferBytes());
        exact.stageOne().ifPresent(stage -> object.put("stageOne", JsonObject.builder().put("devices", stage.devices())
                .put("flops", stage.flops()).put("flopsOverRounds", exact.stageOneOverRounds())
                .put("bytesDown", stage.bytesDown()).put("bytesUp", stage.bytesUp()).put("leastActive", stage.leastActive())
                .put("mostActive", stage.mostActive()).put("leastTrainingFlopsOfAnImage", stage.leastTrainingFlops())
                .put("mostTrainingFlopsOfAnImage", stage.mostTrainingFlops()).build()));
        if (!exact.classes().isEmpty()) {
            object.put("deviceClasses", new JsonValue.JsonArray(exact.classes().stream().map(EstimateJson::ofClass).toList()));
        }
        exact.recalibration().ifPresent(step -> object.put("recalibration", JsonObject.builder().put("devices", step.devices())
                .put("flops", step.flops()).put("bytesDown", step.bytesDown()).put("bytesUp", step.bytesUp()).build()));
        return object.put("total", JsonObject.builder().put("rounds", exact.rounds().size()).put("flops", exact.totalFlops())
                .put("bytesDown", exact.totalBytesDown()).put("bytesUp", exact.totalBytesUp()).build()).build();
    }

    private static JsonValue ofClass(ClassEstimate one) {
        JsonObject.Builder object = JsonObject.builder().put("name", one.of().name()).put("density", one.of().density())
                .put("devices", one.of().devices()).put("neededBytes", one.plan().total());
        one.of().memoryBytes().ifPresent(bytes -> object.put("memoryBytes", bytes));
        return object.put("fits", one.fits()).put("maxDeviceRoundFlops", one.maxDeviceFlops()).put("flops", one.flops())
                .put("bytesDown", one.bytesDown()).put("bytesUp", one.bytesUp()).build();
    }

    private static JsonObject round(RoundEstimate round) {
        return JsonObject.builder().put("round", round.number()).put("devices", round.devices()).put("flops", round.flops())
                .put("maxDeviceFlops", round.maxDeviceFlops()).put("bytesDown", round.bytesDown()).put("bytesUp", round.bytesUp())
                .put("masksSent", round.masksSent()).build();
    }
}
