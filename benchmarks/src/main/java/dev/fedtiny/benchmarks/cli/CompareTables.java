package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.comparison.MethodCost;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.report.Repetitions;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A comparison as tables and as JSON; the first method is what savings are of. */
final class CompareTables {
    private static final double MEBI = 1048576;

    private CompareTables() {
    }

    static String text(List<MethodCost> costs) {
        MethodCost.Rounds dense = costs.getFirst().costliest();
        TextTable time = new TextTable("a device's round", "rounds", "GFLOP", "saved", "ms (median)", "spread", "saved",
                "saved time / FLOPs", "time share / FLOP share", "GFLOP/s", "MB sent", "saved");
        for (MethodCost cost : costs) {
            for (MethodCost.Rounds rounds : cost.rounds()) {
                double flops = 1 - rounds.flops() / dense.flops();
                OptionalDouble nanos = rounds.saved(dense);
                time.row(cost.name() + (rounds.adjusting() ? ", adjusting" : ""), Integer.toString(rounds.nanos().length),
                        Units.fixed(rounds.flops() / 1e9, 3), Units.percent(flops), Units.fixed(rounds.nanos(0.5) / 1e6, 1),
                        rounds.tooFew() ? Repetitions.tooFew(rounds.nanos().length)
                                : String.format(Locale.ROOT, "%.0f %%", 100 * rounds.spread().orElseThrow()), percent(nanos),
                        nanos.isEmpty() || flops == 0 ? "" : Units.fixed(nanos.getAsDouble() / flops, 3),
                        nanos.isEmpty() ? "" : Units.fixed((1 - nanos.getAsDouble()) / (1 - flops), 2),
                        Units.fixed(rounds.flops() / rounds.nanos(0.5), 1), Units.fixed(rounds.bytes() / 1e6, 2),
                        Units.percent(1 - rounds.bytes() / dense.bytes()));
            }
        }
        TextTable memory = new TextTable("memory", "formula", "saved", "minimum heap", "saved", "saved heap / formula", "peak RSS",
                "saved");
        MethodCost first = costs.getFirst();
        for (MethodCost cost : costs) {
            double counted = 1 - cost.paperMemoryBytes() / first.paperMemoryBytes();
            OptionalDouble heap = saved(cost.minHeapMiB(), first.minHeapMiB());
            memory.row(cost.name(), Units.fixed(cost.paperMemoryBytes() / 1e6, 2) + " MB", Units.percent(counted),
                    cost.minHeapMiB().isPresent() ? Units.fixed(cost.minHeapMiB().getAsDouble(), 0) + " MiB" : "not looked for",
                    percent(heap),
                    heap.isPresent() && counted != 0 ? Units.fixed(heap.getAsDouble() / counted, 3) : "",
                    cost.residentBytes().isPresent() ? Units.fixed(cost.residentBytes().getAsDouble() / MEBI, 0) + " MiB" : "unknown",
                    percent(saved(cost.residentBytes(), first.residentBytes())));
        }
        return time + System.lineSeparator() + memory + String.format(Locale.ROOT, "%nSaved: of %s. FLOPs: exact, of the rounds "
                + "timed. Shares: of what that one pays. Spread: "
                + "interquartile range over the median. With fewer than %d rounds neither it nor "
                + "a saving of time means anything, and none is given. Formula: the paper's, parameters and gradients only.%n",
                first.name(), Repetitions.FOR_QUARTILES);
    }

    private static OptionalDouble saved(OptionalDouble one, OptionalDouble dense) {
        return one.isPresent() && dense.isPresent() ? OptionalDouble.of(1 - one.getAsDouble() / dense.getAsDouble())
                : OptionalDouble.empty();
    }

    private static String percent(OptionalDouble share) {
        return share.isPresent() ? Units.percent(share.getAsDouble()) : "";
    }

    static List<JsonObject> json(List<MethodCost> costs) {
        MethodCost first = costs.getFirst();
        return costs.stream().map(cost -> {
            MethodCost.Rounds costliest = cost.costliest();
            double flops = 1 - costliest.flops() / first.costliest().flops();
            OptionalDouble nanos = costliest.saved(first.costliest());
            JsonObject.Builder object = JsonObject.builder().put("method", cost.name()).put("paperFlops", cost.paperFlops())
                    .put("paperFlopSaving", 1 - cost.paperFlops() / first.paperFlops()).put("flops", costliest.flops())
                    .put("flopSaving", flops)
                    .put("medianNanos", costliest.nanos(0.5)).put("rounds", costliest.nanos().length)
                    .put("tooFewRounds", nanos.isEmpty()).put("bytes", costliest.bytes()).put("byteSaving",
                    1 - costliest.bytes() / first.costliest().bytes())
                    .put("paperMemoryBytes", cost.paperMemoryBytes())
                    .put("paperMemorySaving", 1 - cost.paperMemoryBytes() / first.paperMemoryBytes());
            cost.minHeapMiB().ifPresent(heap -> object.put("minHeapMiB", heap));
            saved(cost.minHeapMiB(), first.minHeapMiB()).ifPresent(saving -> object.put("heapSaving", saving));
            cost.residentBytes().ifPresent(bytes -> object.put("peakRssMiB", bytes / MEBI));
            saved(cost.residentBytes(), first.residentBytes()).ifPresent(saving -> object.put("rssSaving", saving));
            costliest.spread().ifPresent(spread -> object.put("spread", spread));
            nanos.ifPresent(saving -> {
                object.put("timeSaving", saving).put("timeShareOverFlopShare", (1 - saving) / (1 - flops));
                if (flops != 0) {
                    object.put("timeOverFlopSaving", saving / flops);
                }
            });
            return object.build();
        }).toList();
    }
}
