package dev.fedtiny.experiment.metrics;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** How the lines of a {@code metrics.jsonl} are to be read; the line of the start says which form it is. */
public enum MetricsFormat {
    /** Of the first release: rounds count from 0, and nothing says so. */
    ROUNDS_FROM_ZERO(""),
    /** Rounds count from 1, as everywhere else that is shown or written. */
    CURRENT("fedtiny-metrics-2");

    private static final Pattern ROUND = Pattern.compile("\\bround (-?\\d{1,9})\\b");

    private final String text;

    MetricsFormat(String text) {
        this.text = text;
    }

    /** The member {@code format} of the start's line. */
    public String text() {
        return text;
    }

    /**
     * The form of a file.
     *
     * @param start its first line
     * @throws DataException if it is of a later release
     */
    public static MetricsFormat of(JsonObject start) {
        if (start.find("format").isEmpty()) {
            return ROUNDS_FROM_ZERO;
        }
        String format = start.string("format");
        if (!format.equals(CURRENT.text)) {
            throw new DataException("metrics of the form '" + format + "', this release reads '" + CURRENT.text
                    + "' and the one before it; read them with the release that wrote them");
        }
        return CURRENT;
    }

    /** A line of a file of this form as the current form has it. */
    public JsonObject current(JsonObject line) {
        return this == CURRENT ? line : renewed(line);
    }

    private static JsonObject renewed(JsonObject line) {
        boolean start = line.find("event").filter(new JsonString("init")::equals).isPresent();
        JsonObject.Builder object = JsonObject.builder();
        for (Map.Entry<String, JsonValue> member : line.members().entrySet()) {
            object.put(member.getKey(), switch (member.getKey()) {
                case "round" -> number(member.getValue());
                case "failures" -> failures(member.getValue());
                default -> member.getValue();
            });
            if (start && member.getKey().equals("event")) {
                object.put("format", CURRENT.text);
            }
        }
        return object.build();
    }

    private static JsonValue number(JsonValue round) {
        return round instanceof JsonNumber number && number.toLong().isPresent() ? JsonValue.of(number.toLong().getAsLong() + 1) : round;
    }

    /** What happened to devices, where it names the round. */
    private static JsonValue failures(JsonValue failures) {
        return !(failures instanceof JsonArray array) ? failures
                : new JsonArray(array.values().stream().map(failure -> failure instanceof JsonObject object ? failure(object) : failure)
                        .toList());
    }

    private static JsonValue failure(JsonObject failure) {
        JsonObject.Builder object = JsonObject.builder();
        failure.members().forEach((name, value) -> object.put(name, name.equals("reason") && value instanceof JsonString reason
                ? JsonValue.of(ROUND.matcher(reason.value()).replaceAll(MetricsFormat::next)) : value));
        return object.build();
    }

    private static String next(MatchResult match) {
        return "round " + (Long.parseLong(match.group(1)) + 1);
    }
}
