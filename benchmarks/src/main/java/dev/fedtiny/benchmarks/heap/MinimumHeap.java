package dev.fedtiny.benchmarks.heap;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What was found for a cell.
 *
 * @param heapMiB the smallest heap in which the parts of a local round completed; empty when not even the largest one sufficed
 * @param confirmations how often they completed in it
 * @param lowest whether one step less is known to fail; if not, the minimum is at most this
 * @param residentBytes peak RSS of a process at the minimum; empty where the system does not say
 * @param paperBytes what the paper counts for parameters and gradients
 * @param planBytes what the plan says the device needs
 * @param work tells the device's work apart: cells of equal work have equal minima
 * @param trials device processes started
 * @param seconds wall time of the search
 */
public record MinimumHeap(OptionalInt heapMiB, int confirmations, boolean lowest, OptionalLong residentBytes, long paperBytes,
        long planBytes,
        String work, int trials, double seconds) {
    private static final double MIB = 1 << 20;

    /** As one object of the cell. */
    public JsonObject json(HeapCell cell) {
        JsonObject.Builder object = JsonObject.builder().put("model", cell.model()).put("method", cell.method())
                .put("density", Double.parseDouble(cell.density())).put("batch", Integer.parseInt(cell.batch()))
                .put("line", cell.line().name().toLowerCase(Locale.ROOT));
        heapMiB.ifPresent(heap -> object.put("minHeapMiB", heap));
        residentBytes.ifPresent(bytes -> object.put("peakRssMiB", Math.round(10 * bytes / MIB) / 10.0));
        return object.put("paperMemoryBytes", paperBytes).put("planBytes", planBytes).put("confirmations", confirmations)
                .put("lowest", lowest).put("work", work).put("trials", trials).put("seconds", Math.round(10 * seconds) / 10.0).build();
    }

    /** What {@link #json} wrote. */
    public static MinimumHeap of(JsonObject object) {
        return new MinimumHeap(object.find("minHeapMiB").isPresent() ? OptionalInt.of((int) number(object, "minHeapMiB"))
                : OptionalInt.empty(),
                (int) number(object, "confirmations"), object.find("lowest").orElse(null) instanceof JsonValue.JsonBoolean b && b.value(),
                object.find("peakRssMiB").isPresent() ? OptionalLong.of(Math.round(MIB * number(object, "peakRssMiB")))
                        : OptionalLong.empty(),
                (long) number(object, "paperMemoryBytes"), (long) number(object, "planBytes"),
                object.string("work"), (int) number(object, "trials"), number(object, "seconds"));
    }

    private static double number(JsonObject object, String name) {
        return object.find(name).orElse(null) instanceof JsonValue.JsonNumber number ? number.toDouble() : 0;
    }

    /** The minimum in words: at most something, where time was up. */
    public String heap() {
        return heapMiB.isEmpty() ? "more than was tried" : (lowest ? "" : "at most ") + heapMiB.getAsInt() + " MiB";
    }
}
