package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.List;

/**
 * What the metered rounds of a run were counted at and what was measured in them.
 *
 * @param name of the run's group
 * @param color its place in the palette
 * @param dense whether it is dense FedAvg
 * @param rounds metered ones
 * @param countedFlops of all devices
 * @param usefulFlops twice the multiply-adds at active positions
 * @param executedFlops twice those carried out
 * @param countedBytes of all messages
 * @param messageBytes read and written by devices
 * @param images trained on
 * @param stepNanos wall time of training steps
 * @param arrayBytes most that lived in one session cache
 * @param residentBytes peak RSS, of the device process that had most, or of the simulation; NaN where unknown
 */
record CountedMeasured(String name, int color, boolean dense, int rounds, double countedFlops, double usefulFlops, double executedFlops,
        double countedBytes, double messageBytes, double images, double stepNanos, double arrayBytes, double residentBytes) {
    static CountedMeasured of(RunGroup group) {
        RunRecord run = group.first();
        List<JsonObject> rounds = run.rounds().stream().filter(round -> round.find("measured").isPresent()).toList();
        MeasuredWork work = MeasuredWork.of(group.name(), run);
        double resident = run.deviceProcesses().stream().mapToDouble(device -> JsonMembers.number(device, "peakResidentBytes")).max()
                .orElseGet(() -> most(rounds, "process", "peakResidentBytes"));
        return new CountedMeasured(group.name(), group.color(), run.isBaseline(), rounds.size(), sum(rounds, "costs", "flops"),
                2 * work.rows().stream().mapToDouble(MeasuredWork.Row::usefulMacs).sum(),
                2 * work.rows().stream().mapToDouble(MeasuredWork.Row::executedMacs).sum(),
                sum(rounds, "costs", "bytesDown") + sum(rounds, "costs", "bytesUp"),
                work.rows().stream().filter(row -> row.message() && !row.operator().startsWith("server "))
                        .mapToDouble(MeasuredWork.Row::bytes).sum(), work.images(), work.stepNanos(), most(rounds, "peakBytes"), resident);
    }

    private static double sum(List<JsonObject> rounds, String... path) {
        return rounds.stream().mapToDouble(round -> JsonMembers.number(round, path)).filter(Double::isFinite).sum();
    }

    private static double most(List<JsonObject> rounds, String... path) {
        return rounds.stream().mapToDouble(round -> JsonMembers.number(round, path)).filter(Double::isFinite).max().orElse(Double.NaN);
    }

    boolean metered() {
        return rounds > 0 && stepNanos > 0;
    }

    double nanosAnImage() {
        return stepNanos / images;
    }
}
