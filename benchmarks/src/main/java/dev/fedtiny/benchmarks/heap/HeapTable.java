package dev.fedtiny.benchmarks.heap;

import dev.fedtiny.cost.PaperCost;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.experiment.Estimate;
import dev.fedtiny.experiment.Experiment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Finds minima cell by cell. A cell that is in the file is not measured again; one whose device does the same work as another's takes that
 * one's minimum: static masks of equal active counts, for example.
 */
public final class HeapTable {
    private static final int CONFIRMATIONS = 3;
    /** So far below the plan a search begins: trials that fail are quick. */
    private static final long BELOW_PLAN_BYTES = 3 << 20;

    /**
     * How a cell is searched.
     *
     * @param from heap the search begins at, MiB; empty: what the plan needs
     * @param mostMiB the largest heap tried
     * @param roundCap wall time a device has for one round
     * @param cellCap wall time after which no further trial of a cell begins, once a heap has sufficed
     */
    public record Limits(OptionalInt from, int mostMiB, Duration roundCap, Duration cellCap) {
    }

    private final Limits limits;
    private final Optional<CellFile> file;
    private final Consumer<String> notes;
    private final Map<String, MinimumHeap> byWork = new HashMap<>();

    /**
     * A table.
     *
     * @param file keeps finished cells; empty: they are forgotten
     * @param notes takes a line a trial
     */
    public HeapTable(Limits limits, Optional<CellFile> file, Consumer<String> notes) {
        this.limits = limits;
        this.file = file;
        this.notes = notes;
    }

    /** The minimum of a cell, measured or known. */
    public MinimumHeap minimum(HeapCell cell) throws IOException {
        Optional<JsonObject> known = file.flatMap(f -> f.find(cell.key()));
        if (known.isPresent()) {
            MinimumHeap minimum = MinimumHeap.of(known.get());
            byWork.putIfAbsent(minimum.work(), minimum);
            notes.accept(name(cell) + ": known, " + minimum.heap());
            return minimum;
        }
        MinimumHeap minimum = measured(cell);
        if (file.isPresent()) {
            file.get().add(cell.key(), minimum.json(cell));
        }
        byWork.putIfAbsent(minimum.work(), minimum);
        return minimum;
    }

    private static String name(HeapCell cell) {
        return cell.method() + " density " + cell.density() + " batch " + cell.batch()
                + (cell.line() == DeviceLine.HTTPS ? " over HTTPS" : "");
    }

    private MinimumHeap measured(HeapCell cell) throws IOException {
        long begin = System.nanoTime();
        Experiment experiment = cell.experiment();
        Path folder = PrivateFolder.temporary("fedtiny-heap");
        try {
            LocalRoundProbe probe = new LocalRoundProbe(experiment, cell.line(), folder, limits.roundCap());
            long paper = Math.round(new PaperCost(probe.network(), experiment.method().promise().density(), 1, 1, 1)
                    .memoryBytes(Estimate.costClass(experiment)));
            MinimumHeap same = byWork.get(probe.work());
            if (same != null) {
                notes.accept(name(cell) + ": the device's work is that of a cell before, " + same.heap());
                return new MinimumHeap(same.heapMiB(), same.confirmations(), same.lowest(), same.residentBytes(), paper,
                        probe.plannedBytes(),
                        probe.work(), 0, (System.nanoTime() - begin) / 1e9);
            }
            HeapSearch search = new HeapSearch(heap -> tried(cell, probe, heap), limits.mostMiB(), CONFIRMATIONS,
                    () -> System.nanoTime() - begin > limits.cellCap().toNanos());
            return searched(search, probe, paper, begin);
        } finally {
            PrivateFolder.remove(folder);
        }
    }

    private boolean tried(HeapCell cell, LocalRoundProbe probe, int heapMiB) {
        long begin = System.nanoTime();
        boolean completes = probe.completes(heapMiB);
        notes.accept(String.format(Locale.ROOT, "%s, -Xmx%dm: %s (%.0f s)", name(cell), heapMiB,
                completes ? "completes" : "does not: " + probe.lastFailure(), (System.nanoTime() - begin) / 1e9));
        return completes;
    }

    private MinimumHeap searched(HeapSearch search, LocalRoundProbe probe, long paper, long begin) {
        int guess = limits.from().orElse(Math.max(1, (int) ((probe.plannedBytes() - BELOW_PLAN_BYTES) >> 20)));
        try {
            HeapSearch.Found found = search.find(guess);
            return new MinimumHeap(OptionalInt.of(found.heapMiB()), found.confirmations(), found.lowest(), probe.peakResidentBytes(), paper,
                    probe.plannedBytes(), probe.work(), search.trials(), (System.nanoTime() - begin) / 1e9);
        } catch (IllegalStateException e) {
            notes.accept(e.getMessage());
            return new MinimumHeap(OptionalInt.empty(), 0, false, OptionalLong.empty(), paper, probe.plannedBytes(), probe.work(),
                    search.trials(), (System.nanoTime() - begin) / 1e9);
        }
    }
}
