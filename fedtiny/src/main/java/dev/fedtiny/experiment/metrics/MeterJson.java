package dev.fedtiny.experiment.metrics;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.ProcessFigures;
import dev.fedtiny.protocol.RoundPhase;
import java.util.Locale;
import java.util.Map;

/** What was measured, as JSON: names as in the records, absent figures left out. */
public final class MeterJson {
    private MeterJson() {
    }

    /** A reading with one object an operator and pass. */
    public static JsonObject of(MeterReading reading) {
        JsonObject.Builder object = JsonObject.builder().put("steps", reading.steps()).put("images", reading.images())
                .put("stepNanos", reading.stepNanos()).put("meteredNanos", reading.meteredNanos()).put("restNanos", reading.restNanos());
        reading.cpuNanos().ifPresent(nanos -> object.put("cpuNanos", nanos));
        return object.put("operators", new JsonValue.JsonArray(reading.operators().stream().map(MeterJson::of).toList())).build();
    }

    private static JsonValue of(OperatorCost cost) {
        return JsonObject.builder().put("operator", cost.operator()).put("pass", cost.pass().name().toLowerCase(Locale.ROOT))
                .put("calls", cost.calls()).put("threadNanos", cost.threadNanos()).put("nanos", cost.nanos())
                .put("usefulMacs", cost.usefulMacs()).put("executedMacs", cost.executedMacs()).put("denseMacs", cost.denseMacs())
                .put("trafficBytes", cost.trafficBytes()).put("allocatedBytes", cost.allocatedBytes()).build();
    }

    /** Bytes by category. */
    public static JsonObject memory(Map<MemoryCategory, Long> bytes) {
        JsonObject.Builder object = JsonObject.builder();
        bytes.forEach((category, size) -> object.put(category.name().toLowerCase(Locale.ROOT), size));
        return object.build();
    }

    /** Bytes by phase of a round and category. */
    public static JsonObject phases(Map<RoundPhase, Map<MemoryCategory, Long>> phases) {
        JsonObject.Builder object = JsonObject.builder();
        phases.forEach((phase, bytes) -> object.put(phase.name().toLowerCase(Locale.ROOT), memory(bytes)));
        return object.build();
    }

    /** Figures of a process. */
    public static JsonObject of(ProcessFigures figures) {
        JsonObject.Builder object = JsonObject.builder().put("heapBytes", figures.heapBytes());
        figures.heapAfterCollectionBytes().ifPresent(bytes -> object.put("heapAfterCollectionBytes", bytes));
        object.put("maximumHeapBytes", figures.maximumHeapBytes());
        figures.peakResidentBytes().ifPresent(bytes -> object.put("peakResidentBytes", bytes));
        figures.residentBytes().ifPresent(bytes -> object.put("residentBytes", bytes));
        object.put("collections", figures.collections()).put("collectionMillis", figures.collectionMillis())
                .put("threads", figures.threads());
        figures.cpuNanos().ifPresent(nanos -> object.put("cpuNanos", nanos));
        figures.allocatedBytes().ifPresent(bytes -> object.put("allocatedBytes", bytes));
        return object.build();
    }
}
