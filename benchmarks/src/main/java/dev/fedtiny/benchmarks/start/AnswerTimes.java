package dev.fedtiny.benchmarks.start;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a process of {@link FirstAnswers} took.
 *
 * @param start milliseconds from the start of the process to its first answer
 * @param millis of every answer
 */
public record AnswerTimes(double start, double[] millis) {
    /** A figure of a process, and what it is called in tables and as JSON. */
    private record Figure(String title, String key, ToDoubleFunction<AnswerTimes> of) {
    }

    private static final List<Figure> FIGURES = List.of(
            new Figure("1st", "first", times -> times.millis[0]),
            new Figure("2nd", "second", times -> times.millis[1]),
            new Figure("3rd", "third", times -> times.millis[2]),
            new Figure("10th", "tenth", times -> times.millis[9]),
            new Figure("100th", "hundredth", times -> times.median(95, 105)),
            new Figure("1000th", "thousandth", times -> times.median(900, 1000)),
            new Figure("first ten", "firstTen", times -> Arrays.stream(times.millis, 0, 10).sum()),
            new Figure("from process start", "fromProcessStart", AnswerTimes::start));

    /** Reads what the process printed. */
    static AnswerTimes parse(String line) {
        double[] numbers = Arrays.stream(line.strip().split(" ")).mapToDouble(Double::parseDouble).toArray();
        if (numbers.length != 1 + FirstAnswers.COUNT) {
            throw new IllegalStateException("a process gave " + numbers.length + " numbers, expected " + (1 + FirstAnswers.COUNT));
        }
        return new AnswerTimes(numbers[0], Arrays.copyOfRange(numbers, 1, numbers.length));
    }

    private double median(int from, int to) {
        double[] sorted = Arrays.copyOfRange(millis, from, to);
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** What the columns of a table are called. */
    public static String[] titles() {
        return FIGURES.stream().map(Figure::title).toArray(String[]::new);
    }

    /** Medians over processes of one kind, in the order of {@link #titles}. */
    public static double[] medians(List<AnswerTimes> processes) {
        return FIGURES.stream().mapToDouble(figure -> {
            double[] sorted = processes.stream().mapToDouble(figure.of).sorted().toArray();
            return sorted[sorted.length / 2];
        }).toArray();
    }

    /** The same as JSON. */
    public static JsonObject.Builder json(List<AnswerTimes> processes) {
        JsonObject.Builder object = JsonObject.builder().put("processes", processes.size());
        double[] medians = medians(processes);
        for (int i = 0; i < medians.length; i++) {
            object.put(FIGURES.get(i).key + "Millis", medians[i]);
        }
        return object;
    }
}
