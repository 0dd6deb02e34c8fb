package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.probe.Bandwidths;
import dev.fedtiny.engine.internal.probe.MultiplyAddRates;
import dev.fedtiny.engine.measure.ProcessFigures;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.experiment.metrics.ClassJson;
import dev.fedtiny.experiment.metrics.DeviceJson;
import dev.fedtiny.experiment.metrics.MeterJson;
import dev.fedtiny.experiment.metrics.MetricsFormat;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.process.DeviceFigures;
import dev.fedtiny.federation.process.PooledProcess;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.LayerAdjustment;
import dev.fedtiny.method.LayerCount;
import dev.fedtiny.method.RoundFigures;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.SelectionReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Traffic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** Reports as lines of {@code metrics.jsonl}; figures that are not finite are left out. */
final class Metrics {
    private Metrics() {
    }

    static JsonObject.Builder finite(JsonObject.Builder object, String name, double value) {
        return Double.isFinite(value) ? object.put(name, value) : object;
    }

    static JsonObject costs(Costs costs) {
        Traffic traffic = costs.traffic();
        JsonObject.Builder kinds = JsonObject.builder();
        traffic.counts().forEach((kind, count) -> kinds.put(kind.name().toLowerCase(java.util.Locale.ROOT),
                JsonObject.builder().put("frames", count.frames()).put("bytes", count.bytes()).build()));
        return JsonObject.builder().put("flops", costs.flops()).put("bytesDown", traffic.bytesDown()).put("bytesUp", traffic.bytesUp())
                .put("messages", kinds.build()).put("seconds", costs.seconds()).build();
    }

    private static JsonValue layers(List<LayerCount> layers) {
        return new JsonValue.JsonArray(layers.stream().map(l -> (JsonValue) JsonObject.builder().put("name", l.name())
                .put("kept", l.active()).put("size", l.size()).build()).toList());
    }

    private static JsonValue failures(List<DeviceFailure> failures) {
        return new JsonValue.JsonArray(failures.stream().map(f -> (JsonValue) JsonObject.builder().put("device", f.device())
                .put("cause", f.cause().name()).put("reason", f.reason()).build()).toList());
    }

    private static JsonValue numbers(List<Integer> numbers) {
        return new JsonValue.JsonArray(numbers.stream().map(n -> (JsonValue) new JsonValue.JsonNumber(Integer.toString(n))).toList());
    }

    /** Lines of earlier rounds are gone; so many rounds were done by then. May be a first line, and so names the form. */
    static JsonObject lost(int roundsDone, long bytes) {
        return JsonObject.builder().put("event", "lost").put("format", MetricsFormat.CURRENT.text()).put("roundsDone", roundsDone)
                .put("bytes", bytes).build();
    }

    /**
     * From here on a run goes on otherwise than it began.
     *
     * @param otherwise what differs, by part of the manifest
     */
    static JsonObject resumed(int roundsDone, Map<String, JsonObject> otherwise) {
        JsonObject.Builder line = JsonObject.builder().put("event", "resumed").put("roundsDone", roundsDone);
        otherwise.forEach(line::put);
        return line.build();
    }

    /**
     * What was observed while something was done.
     *
     * @param measured of devices and messages
     * @param spent by this process and its machine
     * @param devices how models do on the devices' own images, where that was evaluated
     * @param classes figures by class of devices, where there are classes
     * @param privacy what has been spent of the devices' so far, where the run has noise
     */
    record Observed(Measured measured, Expense.Spent spent, Optional<JsonObject> devices, Optional<JsonValue> classes,
            Optional<JsonObject> privacy) {
    }

    /**
     * The start.
     *
     * @param split who has how many images of which class
     */
    static JsonObject init(InitReport report, TestResult test, Observed observed, JsonObject split) {
        JsonObject.Builder object = JsonObject.builder().put("event", "init").put("format", MetricsFormat.CURRENT.text())
                .put("density", report.density())
                .put("accuracy", test.accuracy());
        finite(object, "loss", test.loss());
        object.put("pretraining", costs(report.pretraining().costs())).put("pretrainingSteps", report.pretraining().steps());
        report.selection().ifPresent(selection -> object.put("selection", selection(selection)));
        report.scoring().ifPresent(scoring -> object.put("scoring", JsonObject.builder().put("steps", scoring.steps())
                .put("samples", scoring.samples()).put("costs", costs(scoring.costs())).build()));
        ClassJson.put(object, test.confusion());
        observed(object, observed);
        object.put("split", split);
        return object.put("layers", layers(report.layers())).put("warnings", JsonValue.JsonArray.ofStrings(report.warnings())).build();
    }

    private static JsonObject selection(SelectionReport report) {
        List<JsonValue> candidates = report.candidates().stream().map(c -> {
            JsonObject.Builder candidate = JsonObject.builder().put("kept", c.active()).put("density", c.density());
            finite(candidate, "loss", c.loss());
            finite(candidate, "standardError", c.standardError());
            return (JsonValue) finite(candidate, "accuracy", c.accuracy()).build();
        }).toList();
        JsonObject.Builder object = JsonObject.builder().put("selection", report.selection().name()).put("vote",
                report.vote().name()).put("chosen", report.chosen())
                .put("candidates", new JsonValue.JsonArray(candidates));
        finite(object, "spread", report.spread());
        finite(object, "standardError", report.standardError());
        return object.put("coinToss", report.coinToss()).put("reporters", numbers(report.reporters()))
                .put("failures", failures(report.failures())).put("costs", costs(report.costs())).build();
    }

    /** What the machine can do, measured with so many threads; its memory's rate is absent where the heap is too small to measure it. */
    static JsonObject roof(int threads) {
        return roof(threads, workers -> Bandwidths.copyGigabytes(workers, Bandwidths.Level.DRAM));
    }

    static JsonObject roof(int threads, ToDoubleFunction<Workers> bandwidth) {
        try (Workers workers = Workers.of(threads)) {
            return finite(JsonObject.builder().put("event", "roof").put("threads", threads)
                    .put("roofGflops", MultiplyAddRates.registersGflops(workers)), "roofGigabytes", gigabytes(workers, bandwidth)).build();
        }
    }

    private static double gigabytes(Workers workers, ToDoubleFunction<Workers> bandwidth) {
        try {
            return bandwidth.applyAsDouble(workers);
        } catch (OutOfMemoryError e) {
            // Its arrays are larger than any cache, and maybe than all that the run needs, which does not fail for a line in a figure.
            return Double.NaN;
        }
    }

    static JsonObject devices(List<DeviceFigures> figures, List<PooledProcess> pool, OptionalDouble simulatedSeconds) {
        JsonObject.Builder object = JsonObject.builder().put("event", "devices")
                .put("devices", new JsonValue.JsonArray(figures.stream().map(f -> {
                    JsonObject.Builder device = JsonObject.builder().put("device", f.device()).put("heapBytes", f.heapBytes())
                            .put("starts", f.starts());
                    f.peakResidentBytes().ifPresent(bytes -> device.put("peakResidentBytes", bytes));
                    f.peakHeapBytes().ifPresent(bytes -> device.put("peakHeapBytes", bytes));
                    return (JsonValue) device.build();
                }).toList()));
        if (!pool.isEmpty()) {
            object.put("processes", new JsonValue.JsonArray(pool.stream().map(p -> {
                JsonObject.Builder process = JsonObject.builder().put("process", p.number()).put("heapBytes", p.heapBytes())
                        .put("starts", p.starts());
                p.peakResidentBytes().ifPresent(bytes -> process.put("peakResidentBytes", bytes));
                return (JsonValue) process.build();
            }).toList()));
        }
        simulatedSeconds.ifPresent(seconds -> object.put("simulatedSeconds", seconds));
        return object.build();
    }

    /** A round whose outcome was not kept: why, and how it did. */
    record Setback(String reason, TestResult test) {
    }

    /** A score on the test images, with everything to count on with. */
    static JsonObject test(TestResult test) {
        return finite(JsonObject.builder().put("accuracy", test.accuracy()), "loss", test.loss()).put("correct", test.correct())
                .put("count", test.count()).build();
    }

    /**
     * What devices measured behind the last round.
     *
     * @param test of the model with the measured statistics; empty where nobody measured
     * @param classes the same of what every class of devices holds, where there are classes
     */
    static JsonObject recalibrated(FinalRecalibration.Outcome outcome, Optional<TestResult> test, Measured measured,
            OptionalDouble joules, Optional<JsonValue> classes) {
        JsonObject.Builder object = JsonObject.builder().put("event", "recalibrated");
        test.ifPresent(score -> {
            object.put("accuracy", score.accuracy());
            finite(object, "loss", score.loss());
        });
        measured(object, measured);
        joules.ifPresent(value -> object.put("joules", value));
        classes.ifPresent(value -> object.put("deviceClasses", value));
        return object.put("costs", costs(outcome.costs())).put("reporters", numbers(outcome.reporters()))
                .put("failures", failures(outcome.failures())).build();
    }

    /** That a run ended before its last round. */
    static JsonObject diverged(Divergence divergence) {
        return JsonObject.builder().put("event", "diverged").put("round", divergence.round()).put("reason", divergence.reason()).build();
    }

    /** That a run ended before its last round since it was good enough, or became no better. */
    static JsonObject stopped(EarlyStop stop) {
        return JsonObject.builder().put("event", "stopped").put("round", stop.round()).put("cause", stop.cause().name())
                .put("reason", stop.reason()).build();
    }

    private static JsonObject setback(Setback setback) {
        JsonObject.Builder object = JsonObject.builder().put("reason", setback.reason());
        if (Double.isFinite(setback.test().loss())) {
            object.put("accuracy", setback.test().accuracy()).put("loss", setback.test().loss());
        }
        return object.build();
    }

    /**
     * A round.
     *
     * @param test of the model that is kept
     * @param setback why that is the one of the round before; empty where it is the round's own
     */
    static JsonObject round(RoundReport report, TestResult test, Optional<Setback> setback, Observed observed) {
        JsonObject.Builder object = JsonObject.builder().put("event", "round").put("round", report.number());
        // Absent after rounds that were not evaluated.
        finite(object, "accuracy", test.accuracy());
        finite(object, "loss", test.loss());
        finite(object, "trainLoss", report.trainLoss());
        setback.ifPresent(why -> object.put("wentBack", setback(why)));
        report.figures().ifPresent(figures -> object.put(figures.name(), figures(figures)));
        ClassJson.put(object, test.confusion());
        observed(object, observed);
        DeviceJson.put(object, report.devices());
        List<JsonValue> adjustments = report.adjustments().stream().map(Metrics::adjustment).toList();
        return object.put("learningRate", report.learningRate()).put("density", report.density())
                .put("maxDeviceFlops", report.maxDeviceFlops()).put("costs", costs(report.costs()))
                .put("reporters", numbers(report.reporters())).put("failures", failures(report.failures()))
                .put("attempts", report.effort().attempts()).put("inVain", numbers(report.effort().inVain()))
                .put("simulatedSeconds", report.effort().simulatedSeconds())
                .put("adjustments", new JsonValue.JsonArray(adjustments)).put("layers", layers(report.layers())).build();
    }

    private static void observed(JsonObject.Builder object, Observed observed) {
        measured(object, observed.measured());
        observed.spent().joules().ifPresent(value -> object.put("joules", value));
        observed.spent().compilationSeconds().ifPresent(value -> object.put("compilationSeconds", value));
        observed.devices().ifPresent(value -> object.put("deviceAccuracy", value));
        observed.classes().ifPresent(value -> object.put("deviceClasses", value));
        observed.privacy().ifPresent(value -> object.put("privacy", value));
    }

    private static JsonObject figures(RoundFigures figures) {
        JsonObject.Builder object = JsonObject.builder();
        figures.values().forEach((name, value) -> {
            if (value instanceof Double || value instanceof Float) {
                finite(object, name, value.doubleValue());
            } else {
                object.put(name, value.longValue());
            }
        });
        return object.build();
    }

    /** What devices and messages really took, where that was measured. */
    private static void measured(JsonObject.Builder object, Measured measured) {
        if (!measured.reading().operators().isEmpty()) {
            object.put("measured", MeterJson.of(measured.reading())).put("peakBytes", measured.peakBytes())
                    .put("peakMemory", MeterJson.memory(measured.peaks()))
                    .put("phases", MeterJson.phases(measured.phases())).put("process", MeterJson.of(ProcessFigures.now()));
        }
    }

    private static JsonValue adjustment(LayerAdjustment a) {
        return JsonObject.builder().put("name", a.name()).put("kept", a.active()).put("asked", a.asked()).put("exchanged", a.exchanged())
                .put("grownBefore", a.grownBefore()).put("survivors", a.survivors()).build();
    }
}
