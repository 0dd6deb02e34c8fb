package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a run cost one of its devices, added up over its rounds.
 *
 * @param device its number
 * @param samples n_k as it stated last; NaN where it never told, as in secure sums
 * @param rounds in which its update was taken, alone or in a sum
 * @param loss mean cross entropy in the last of them; NaN where it never told
 * @param accuracy of the model it was to get, on its own images; NaN where that was not evaluated
 * @param counted FLOPs, bytes down, bytes up: exact counts
 * @param seconds of training, as it measured; NaN where it never told
 */
record DeviceFigures(int device, double samples, int rounds, double loss, double accuracy, double[] counted, double seconds) {
    /** Of every device of a run that has them by device, by number. */
    static List<DeviceFigures> of(RunRecord run) {
        TreeMap<Integer, DeviceFigures> sums = new TreeMap<>();
        for (JsonObject round : run.rounds()) {
            Set<Integer> reporters = Arrays.stream(JsonMembers.numbers(round, "reporters")).mapToObj(device -> (int) device)
                    .collect(Collectors.toSet());
            DeviceColumns.of(round).ifPresent(columns -> add(sums, columns, reporters));
        }
        double[] accuracies = run.rounds().reversed().stream().flatMap(round -> DeviceColumns.accuracies(round).stream())
                .findFirst().orElse(new double[0]);
        return sums.values().stream().map(sum -> sum.device() < accuracies.length ? new DeviceFigures(sum.device(), sum.samples(),
                sum.rounds(), sum.loss(), accuracies[sum.device()], sum.counted(), sum.seconds()) : sum).toList();
    }

    private static void add(TreeMap<Integer, DeviceFigures> sums, DeviceColumns columns, Set<Integer> reporters) {
        for (int i = 0; i < columns.devices().length; i++) {
            int device = (int) columns.devices()[i];
            DeviceFigures sum = sums.getOrDefault(device, new DeviceFigures(device, Double.NaN, 0, Double.NaN, Double.NaN, new double[3],
                    Double.NaN));
            double seconds = columns.seconds()[i];
            boolean told = Double.isFinite(seconds);
            sums.put(device, new DeviceFigures(device, told ? columns.samples()[i] : sum.samples(),
                    sum.rounds() + (told || reporters.contains(device) ? 1 : 0), told ? columns.losses()[i] : sum.loss(), Double.NaN,
                    new double[] {sum.counted()[0] + columns.flops()[i], sum.counted()[1] + columns.bytesDown()[i],
                        sum.counted()[2] + columns.bytesUp()[i]},
                    !told ? sum.seconds() : Double.isNaN(sum.seconds()) ? seconds : sum.seconds() + seconds));
        }
    }
}
