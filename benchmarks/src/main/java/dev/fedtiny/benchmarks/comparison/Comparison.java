package dev.fedtiny.benchmarks.comparison;

import dev.fedtiny.benchmarks.heap.CellFile;
import dev.fedtiny.benchmarks.heap.HeapImages;
import dev.fedtiny.benchmarks.heap.HeapTable;
import dev.fedtiny.benchmarks.heap.MinimumHeap;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.report.Repetitions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Measures candidates in turn: a lap is one round of each, so that what disturbs the machine disturbs all. Every round is noted when it is
 * done; a comparison that was interrupted goes on with further rounds, after processes have warmed up anew.
 */
public final class Comparison {
    private static final int LEAST_WARM_UP = 2;
    /** Enough of both kinds of rounds, where ordinary and adjusting ones take turns. */
    private static final int LEAST_LAPS = 2 * Repetitions.FOR_QUARTILES;

    private final CellFile cells;
    private final Consumer<String> notes;

    /**
     * A comparison.
     *
     * @param cells keeps rounds, and minima
     * @param notes takes lines for who watches
     */
    public Comparison(CellFile cells, Consumer<String> notes) {
        this.cells = cells;
        this.notes = notes;
    }

    /**
     * Measures rounds.
     *
     * @param candidates the first is what the others are compared with
     * @param warmUpSeconds every device does rounds that are not noted for so long first, and two at least: compilers need time, not rounds
     * @param seconds no further round begins after so many, warming up included; ten rounds are always done, so that every kind of round
     *        has enough for a median and a spread
     * @param cap wall time a device has for a round
     */
    public void alternate(List<Candidate> candidates, double warmUpSeconds, double seconds, Duration cap) throws IOException {
        long begin = System.nanoTime();
        Path folder = PrivateFolder.temporary("fedtiny-compare");
        List<MeasuredDevice> devices = new ArrayList<>();
        try {
            for (Candidate candidate : candidates) {
                devices.add(new MeasuredDevice(candidate, PrivateFolder.create(folder.resolve("c" + devices.size())), cap));
                notes.accept(candidate.name() + ": " + warmUp(devices.getLast(), warmUpSeconds) + " rounds to warm up");
            }
            int lap = 0;
            do {
                for (int i = 0; i < devices.size(); i++) {
                    cells.add(candidates.get(i).roundsKey(), devices.get(i).round());
                }
                notes.accept("lap " + ++lap);
            } while (lap < LEAST_LAPS || System.nanoTime() - begin < seconds * 1e9);
        } finally {
            devices.forEach(MeasuredDevice::close);
            PrivateFolder.remove(folder);
        }
    }

    private static int warmUp(MeasuredDevice device, double seconds) {
        long begin = System.nanoTime();
        int rounds = 0;
        while (rounds < LEAST_WARM_UP || System.nanoTime() - begin < seconds * 1e9) {
            device.round();
            rounds++;
        }
        return rounds;
    }

    /** What is known of candidates; a candidate without a round is left out. */
    public List<MethodCost> costs(List<Candidate> candidates) {
        List<MethodCost> costs = new ArrayList<>();
        for (Candidate candidate : candidates) {
            List<JsonObject> rounds = cells.all(candidate.roundsKey());
            if (!rounds.isEmpty()) {
                costs.add(cost(candidate, rounds));
            }
        }
        return costs;
    }

    private MethodCost cost(Candidate candidate, List<JsonObject> rounds) {
        Network network = candidate.cell().experiment().plan(HeapImages.random(1, 1)).network();
        Optional<MinimumHeap> minimum = cells.find(candidate.cell().key()).map(MinimumHeap::of);
        List<MethodCost.Rounds> kinds = new ArrayList<>();
        for (boolean adjusting : new boolean[] {false, true}) {
            List<JsonObject> some = rounds.stream().filter(round -> adjusting(round) == adjusting).toList();
            if (!some.isEmpty()) {
                kinds.add(new MethodCost.Rounds(adjusting, some.stream().mapToDouble(round -> number(round, "nanos")).sorted().toArray(),
                        mean(some, "flops"), mean(some, "bytes")));
            }
        }
        return new MethodCost(candidate.name(), candidate.paperFlops(network), candidate.paperMemoryBytes(network), kinds,
                minimum.filter(f -> f.heapMiB().isPresent()).map(f -> OptionalDouble.of(f.heapMiB().getAsInt()))
                        .orElse(OptionalDouble.empty()),
                rounds.stream().mapToDouble(round -> number(round, "residentBytes")).filter(bytes -> bytes > 0).max());
    }

    private static boolean adjusting(JsonObject round) {
        return round.find("adjusting").orElse(null) instanceof JsonValue.JsonBoolean value && value.value();
    }

    private static double mean(List<JsonObject> rounds, String name) {
        return rounds.stream().mapToDouble(round -> number(round, name)).average().orElse(Double.NaN);
    }

    private static double number(JsonObject object, String name) {
        return object.find(name).orElse(null) instanceof JsonValue.JsonNumber number ? number.toDouble() : 0;
    }

    /** Finds the minima that are not known yet. */
    public void minima(List<Candidate> candidates, HeapTable.Limits limits) throws IOException {
        HeapTable table = new HeapTable(limits, Optional.of(cells), notes);
        for (Candidate candidate : candidates) {
            table.minimum(candidate.cell());
        }
    }
}
