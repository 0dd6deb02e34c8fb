package dev.fedtiny.benchmarks.peers;

import dev.fedtiny.benchmarks.timing.BenchedModel;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.report.Repetitions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the processes of other engines have in common: words as {@link PeerCommand} gives them, timing, and one JSON object with the median.
 *
 * @param arguments model, width, input, classes, batch, threads, seconds, layout
 */
record PeerProcess(Arguments arguments) {
    private static final int LEAST_WARM = 3;
    private static final int LEAST_MEASURED = Repetitions.FOR_PERCENTILES;

    /** Pairs of an option and its value. */
    static PeerProcess of(String[] words) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int i = 0; i < words.length; i += 2) {
            values.put(words[i].substring(2), List.of(words[i + 1]));
        }
        return new PeerProcess(new Arguments(List.of(), values));
    }

    Network network() {
        return BenchedModel.network(arguments, arguments.value("model").orElse("resnet18"));
    }

    int batch() {
        return arguments.integer("batch", 1);
    }

    int threads() {
        return arguments.integer("threads", 1);
    }

    boolean channelsLast() {
        return arguments.value("layout").orElse("nchw").equals("nhwc");
    }

    /** Warms up for half the seconds, measures for all of them, and prints. */
    void time(Runnable work) {
        double seconds = arguments.number("seconds", 10);
        repeat(work, LEAST_WARM, seconds / 2);
        double[] millis = repeat(work, LEAST_MEASURED, seconds);
        Arrays.sort(millis);
        System.out.println(JsonWriter.compact(JsonObject.builder().put("model", arguments.value("model").orElse("resnet18"))
                .put("batch", batch()).put("threads", threads()).put("steps", millis.length).put("medianMillis", percentile(millis, 0.5))
                .put("p10Millis", percentile(millis, 0.1)).put("p90Millis", percentile(millis, 0.9)).build()));
    }

    private static double[] repeat(Runnable work, int least, double seconds) {
        double[] millis = new double[least];
        int count = 0;
        long start = System.nanoTime();
        while (count < least || System.nanoTime() - start < seconds * 1e9) {
            if (count == millis.length) {
                millis = Arrays.copyOf(millis, 2 * count);
            }
            long before = System.nanoTime();
            work.run();
            millis[count++] = (System.nanoTime() - before) / 1e6;
        }
        return Arrays.copyOf(millis, count);
    }

    private static double percentile(double[] sorted, double share) {
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }
}
