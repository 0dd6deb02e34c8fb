package dev.fedtiny.report;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNull;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the members of a line of {@code metrics.jsonl} must be. Sections and tables read lines that went through here alone, so a file that
 * somebody else wrote or changed is refused by name, at its door, and none of them meets a text for a number or a shorter column. Members
 * that are not listed are not looked at; those that are listed may be missing unless they are said to be needed.
 */
final class LineShape {
    /** Above every figure of a run, and so far below the largest double that sums over rounds and runs stay finite. */
    private static final double MOST = 1e100;

    private static final Form TEXT = (where, value) -> demand(value instanceof JsonString, where, value, "a text");
    private static final Form NUMBER = (where, value) -> demand(value instanceof JsonNull || value instanceof JsonNumber number
            && Double.isFinite(number.toDouble()), where, value, "a number");
    private static final Form FIGURE = (where, value) -> demand(value instanceof JsonNull || value instanceof JsonNumber number
            && Math.abs(number.toDouble()) <= MOST, where, value, "a number");
    private static final Form COUNT = (where, value) -> demand(value instanceof JsonNumber number && number.toDouble() >= 0
            && number.toDouble() <= MOST, where, value, "a number of at least 0");
    /** Accuracies and densities are no percentages. */
    private static final Form KNOWN_SHARE = (where, value) -> demand(value instanceof JsonNumber number && number.toDouble() >= 0
            && number.toDouble() <= 1, where, value, "a share from 0 to 1");
    private static final Form SHARE = (where, value) -> {
        if (!(value instanceof JsonNull)) {
            KNOWN_SHARE.check(where, value);
        }
    };
    private static final Form SIZE = (where, value) -> demand(value instanceof JsonNumber number && number.toDouble() >= 1
            && number.toDouble() <= MOST, where, value, "a number of at least 1");
    /** A device, a round, a place in a list: an index of Java. */
    private static final Form INDEX = (where, value) -> demand(value instanceof JsonNumber number && number.toLong().isPresent()
            && number.toLong().getAsLong() >= 0 && number.toLong().getAsLong() < Integer.MAX_VALUE, where, value,
            "a whole number of at least 0");

    private static final Form COSTS = members(Map.of(), Map.of("flops", COUNT, "bytesDown", COUNT, "bytesUp", COUNT, "seconds", COUNT,
            "messages", each(members(Map.of("bytes", COUNT), Map.of()))));
    private static final Form FAILURES = list(members(Map.of("device", INDEX, "cause", TEXT, "reason", TEXT), Map.of()));
    private static final Form LAYERS = list(members(Map.of("name", TEXT, "kept", COUNT, "size", SIZE), Map.of()));
    private static final Form ADJUSTMENTS = list(members(Map.of("name", TEXT, "kept", COUNT, "asked", COUNT, "exchanged", COUNT,
            "grownBefore", COUNT, "survivors", COUNT), Map.of()));
    private static final Form OPERATORS = list(members(Map.of("operator", TEXT, "pass", TEXT, "nanos", COUNT, "usefulMacs", COUNT,
            "executedMacs", COUNT, "denseMacs", COUNT, "trafficBytes", COUNT), Map.of()));
    /** What a meter read: in lines, and in what {@code profile --json} prints. */
    private static final Form MEASURED = members(Map.of("steps", COUNT, "images", COUNT, "stepNanos", COUNT, "operators", OPERATORS),
            Map.of());
    private static final Form SPLIT = members(Map.of(), Map.of("devices", rows(COUNT), "public", list(COUNT), "test", list(COUNT)));
    private static final Form SELECTION = members(Map.of(), Map.of("chosen", INDEX, "candidates", list(members(Map.of(),
            Map.of("loss", FIGURE, "standardError", FIGURE, "accuracy", SHARE))), "spread", FIGURE, "standardError", FIGURE,
            "costs", COSTS, "failures", FAILURES));
    private static final Form PROCESSES = list(members(Map.of(), Map.of("device", INDEX, "process", INDEX, "starts", COUNT,
            "heapBytes", COUNT, "peakHeapBytes", COUNT, "peakResidentBytes", COUNT)));

    /** Classes of devices in a round; what is told of them before and behind the rounds is less. */
    private static final Form PARTS = list(members(Map.of("name", TEXT, "density", SHARE, "devices", COUNT, "flops", COUNT, "bytesDown",
            COUNT, "bytesUp", COUNT, "maxDeviceFlops", COUNT), Map.of("accuracy", SHARE)));

    private static final Form PERSONAL = columns(Map.of("device", INDEX, "accuracies", KNOWN_SHARE, "sharedAccuracies", KNOWN_SHARE));

    private static final Form LINE = members(Map.of(), Map.ofEntries(Map.entry("event", TEXT), Map.entry("round", INDEX),
            Map.entry("roundsDone", INDEX), Map.entry("reason", TEXT), Map.entry("accuracy", SHARE), Map.entry("loss", FIGURE),
            Map.entry("sharedAccuracy", SHARE), Map.entry("trainLoss", FIGURE), Map.entry("learningRate", NUMBER),
            Map.entry("density", SHARE), Map.entry("attempts", COUNT), Map.entry("maxDeviceFlops", COUNT),
            Map.entry("dearestDeviceFlops", COUNT), Map.entry("simulatedSeconds", NUMBER), Map.entry("compilationSeconds", COUNT),
            Map.entry("joules", FIGURE), Map.entry("peakBytes", COUNT), Map.entry("roofGflops", COUNT), Map.entry("roofGigabytes", COUNT),
            Map.entry("costs", COSTS), Map.entry("pretraining", COSTS), Map.entry("scoring", members(Map.of(), Map.of("costs", COSTS))),
            Map.entry("selection", SELECTION), Map.entry("split", SPLIT), Map.entry("failures", FAILURES),
            Map.entry("reporters", list(INDEX)), Map.entry("layers", LAYERS), Map.entry("adjustments", ADJUSTMENTS),
            Map.entry("masks", each(COUNT)), Map.entry("privacy", each(FIGURE)), Map.entry("measured", MEASURED),
            Map.entry("phases", each(each(COUNT))), Map.entry("process", each(FIGURE)),
            Map.entry("wentBack", members(Map.of("reason", TEXT), Map.of())),
            Map.entry("byClass", columns(Map.of("count", COUNT, "correct", COUNT, "predicted", COUNT))),
            Map.entry("byDevice", columns(Map.of("device", INDEX, "samples", FIGURE, "loss", FIGURE, "flops", COUNT, "bytesDown", COUNT,
                    "bytesUp", COUNT, "seconds", FIGURE))),
            Map.entry("byDeviceQuantiles", members(Map.of("count", COUNT), Map.of())),
            Map.entry("deviceClasses", list(members(Map.of("name", TEXT), Map.of("accuracy", SHARE, "sharedAccuracy", SHARE)))),
            Map.entry("rows", rows(COUNT)), Map.entry("devices", PROCESSES), Map.entry("processes", PROCESSES)));

    private final String file;
    private int lines;
    private long rounds;
    private int classes = -1;

    /**
     * Of no line yet.
     *
     * @param file as messages name it
     */
    LineShape(String file) {
        this.file = file;
    }

    /**
     * Checks the next line, of the present form of the file.
     *
     * @param line as it is read
     * @param mostLost rounds that may be said to be lost
     * @throws DataException naming file, line and member if something is another thing than reports take it for
     */
    void check(JsonObject line, double mostLost) {
        lines++;
        try {
            LINE.check("", line);
            String event = line.find("event").map(JsonMembers::text).orElse("");
            if (lines == 1 && !Set.of("init", "lost").contains(event)) {
                throw new Fault("it is no start");
            }
            switch (event) {
                case "init" -> {
                    if (lines > 1) {
                        throw new Fault("it is a second start");
                    }
                }
                case "round" -> {
                    need(line, "round");
                    need(line, "costs");
                    demand(JsonMembers.number(line, "round") == rounds + 1, "round", line.get("round"), rounds + 1
                            + ": rounds stand in their order, each once");
                    rounds++;
                    line.find("deviceClasses").ifPresent(classes -> PARTS.check("deviceClasses", classes));
                }
                case "diverged" -> {
                    need(line, "round");
                    need(line, "reason");
                }
                case "lost" -> {
                    need(line, "roundsDone");
                    demand(JsonMembers.number(line, "roundsDone") <= mostLost, "roundsDone", line.get("roundsDone"), "at most "
                            + Math.round(mostLost));
                    rounds = Math.max(rounds, Math.round(JsonMembers.number(line, "roundsDone")));
                }
                case "personal" -> PERSONAL.check("", line);
                case "confusion" -> square(line);
                default -> {
                    // Of the others nothing is needed.
                }
            }
            line.find("byClass").ifPresent(value -> sameClasses(((JsonObject) value).array("count").size()));
        } catch (Fault fault) {
            throw new DataException("'" + file + "' is damaged: in line " + lines + " " + fault.getMessage(), fault);
        }
    }

    /**
     * Checks what {@code profile --json} printed.
     *
     * @param file as the message names it
     * @param profile an object with the member {@code measured}
     * @throws DataException naming file and member
     */
    static void checkProfile(String file, JsonObject profile) {
        try {
            members(Map.of("measured", MEASURED), Map.of("roofGflops", COUNT, "roofGigabytes", COUNT, "memory", each(COUNT)))
                    .check("", profile);
        } catch (Fault fault) {
            throw new DataException("'" + file + "' is damaged: " + fault.getMessage(), fault);
        }
    }

    private static void need(JsonObject line, String name) {
        if (line.find(name).isEmpty()) {
            throw new Fault("'" + name + "' is missing");
        }
    }

    /** A row a class, a column an answer and perhaps one for no class. */
    private static void square(JsonObject line) {
        need(line, "rows");
        List<JsonValue> rows = line.array("rows");
        for (JsonValue row : rows) {
            if (((JsonArray) row).values().size() < rows.size()) {
                throw new Fault("'rows' has " + rows.size() + " classes and a row with " + ((JsonArray) row).values().size() + " answers");
            }
        }
    }

    private void sameClasses(int count) {
        if (classes >= 0 && classes != count) {
            throw new Fault("'byClass' has " + count + " classes, lines before have " + classes);
        }
        classes = count;
    }

    /** What a value must be. */
    private interface Form {
        /**
         * Checks a value.
         *
         * @param where its path in the line, empty for the line
         * @throws Fault if it is something else
         */
        void check(String where, JsonValue value);
    }

    /** What is wrong with a line: a clause. */
    private static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1;

        Fault(String clause) {
            super(clause, null, false, false);
        }
    }

    private static void demand(boolean holds, String where, JsonValue value, String expected) {
        if (!holds) {
            throw new Fault("'" + where + "' is " + (value instanceof JsonNumber number ? number.text() : value.kind()) + ", expected "
                    + expected);
        }
    }

    private static JsonObject object(String where, JsonValue value) {
        demand(value instanceof JsonObject, where, value, "an object");
        return (JsonObject) value;
    }

    private static List<JsonValue> array(String where, JsonValue value) {
        demand(value instanceof JsonArray, where, value, "an array");
        return ((JsonArray) value).values();
    }

    private static String inside(String where, String name) {
        return where.isEmpty() ? name : where + "." + name;
    }

    private static Form members(Map<String, Form> needed, Map<String, Form> known) {
        Map<String, Form> all = new HashMap<>(known);
        all.putAll(needed);
        List<String> names = needed.keySet().stream().sorted().toList();
        return (where, value) -> {
            JsonObject object = object(where, value);
            for (String name : names) {
                if (object.find(name).isEmpty()) {
                    throw new Fault("'" + inside(where, name) + "' is missing");
                }
            }
            object.members().forEach((name, member) -> {
                Form form = all.get(name);
                if (form != null) {
                    form.check(inside(where, name), member);
                }
            });
        };
    }

    /** An object whose members are all alike. */
    private static Form each(Form form) {
        return (where, value) -> object(where, value).members().forEach((name, member) -> form.check(inside(where, name), member));
    }

    private static Form list(Form form) {
        return (where, value) -> {
            List<JsonValue> values = array(where, value);
            for (int i = 0; i < values.size(); i++) {
                form.check(where + "[" + i + "]", values.get(i));
            }
        };
    }

    /** At least one row, all of one length. */
    private static Form rows(Form form) {
        Form row = list(form);
        return (where, value) -> {
            List<JsonValue> rows = array(where, value);
            demand(!rows.isEmpty(), where, value, "rows");
            for (int i = 0; i < rows.size(); i++) {
                row.check(where + "[" + i + "]", rows.get(i));
                demand(((JsonArray) rows.get(i)).values().size() == ((JsonArray) rows.getFirst()).values().size(), where, value,
                        "rows of one length");
            }
        };
    }

    /** An object of arrays, all there and of one length. */
    private static Form columns(Map<String, Form> columns) {
        Map<String, Form> sorted = new TreeMap<>(columns);
        return (where, value) -> {
            JsonObject object = object(where, value);
            int length = -1;
            for (Map.Entry<String, Form> column : sorted.entrySet()) {
                String name = inside(where, column.getKey());
                if (object.find(column.getKey()).isEmpty()) {
                    throw new Fault("'" + name + "' is missing");
                }
                JsonValue array = object.get(column.getKey());
                list(column.getValue()).check(name, array);
                int size = ((JsonArray) array).values().size();
                if (length >= 0 && size != length) {
                    throw new Fault("'" + name + "' has " + size + " values, another column " + length);
                }
                length = size;
            }
        };
    }
}
