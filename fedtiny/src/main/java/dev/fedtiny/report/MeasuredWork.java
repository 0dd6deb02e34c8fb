package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a meter measured, of all metered rounds of a run or of a profile.
 *
 * @param name whose work it was
 * @param rows one an operator and pass
 * @param steps training steps
 * @param images of them
 * @param stepNanos wall time of them
 * @param roof what the machine can do; absent figures are NaN
 * @param phases bytes by phase of a round and category, what lived when most did
 */
record MeasuredWork(String name, List<Row> rows, double steps, double images, double stepNanos, Roof roof,
        Map<String, Map<String, Double>> phases) {
    /** The machine's limits: 10⁹ floating-point operations, and 10⁹ bytes, a second. */
    record Roof(double gflops, double gigabytes) {
        static final Roof UNKNOWN = new Roof(Double.NaN, Double.NaN);

        boolean known() {
            return gflops > 0 && gigabytes > 0;
        }
    }

    /** Figures of one operator and pass, added up. */
    record Row(String operator, String pass, double nanos, double usefulMacs, double executedMacs, double denseMacs, double bytes) {
        private Row plus(Row other) {
            return new Row(operator, pass, nanos + other.nanos, usefulMacs + other.usefulMacs, executedMacs + other.executedMacs,
                    denseMacs + other.denseMacs, bytes + other.bytes);
        }

        /** Whether it is a message and not part of a step. */
        boolean message() {
            return pass.equals("encode") || pass.equals("decode");
        }

        /** Useful floating-point operations a byte. */
        double intensity() {
            return 2 * usefulMacs / bytes;
        }

        /** 10⁹ useful floating-point operations a second. */
        double gflops() {
            return 2 * usefulMacs / nanos;
        }
    }

    MeasuredWork {
        rows = List.copyOf(rows);
    }

    /** Of a run's rounds; nothing in it where they were not metered. */
    static MeasuredWork of(String name, RunRecord run) {
        Map<String, Map<String, Double>> phases = new LinkedHashMap<>();
        run.start().ifPresent(start -> largest(phases, start));
        run.rounds().forEach(round -> largest(phases, round));
        return of(name, run.rounds().stream().flatMap(round -> JsonMembers.object(round, "measured").stream()).toList(),
                roof(run.roof()), phases);
    }

    /** Of what {@code profile --json} printed. */
    static MeasuredWork of(String name, JsonObject profile) {
        Map<String, Map<String, Double>> phases = new LinkedHashMap<>();
        phases.put("training", numbers(profile.find("memory").orElse(null)));
        return of(name, JsonMembers.object(profile, "measured").stream().toList(), roof(profile), phases);
    }

    private static Roof roof(JsonObject object) {
        return new Roof(JsonMembers.number(object, "roofGflops"), JsonMembers.number(object, "roofGigabytes"));
    }

    private static MeasuredWork of(String name, List<JsonObject> readings, Roof roof, Map<String, Map<String, Double>> phases) {
        Map<String, Row> rows = new LinkedHashMap<>();
        double steps = 0;
        double images = 0;
        double nanos = 0;
        for (JsonObject reading : readings) {
            steps += JsonMembers.number(reading, "steps");
            images += JsonMembers.number(reading, "images");
            nanos += JsonMembers.number(reading, "stepNanos");
            for (JsonObject o : JsonMembers.objects(reading, "operators")) {
                Row row = new Row(o.string("operator"), o.string("pass"), JsonMembers.number(o, "nanos"),
                        JsonMembers.number(o, "usefulMacs"), JsonMembers.number(o, "executedMacs"),
                        JsonMembers.number(o, "denseMacs"), JsonMembers.number(o, "trafficBytes"));
                rows.merge(row.operator() + " " + row.pass(), row, Row::plus);
            }
        }
        return new MeasuredWork(name, new ArrayList<>(rows.values()), steps, images, nanos, roof, phases);
    }

    /** Takes a line's phases where they are larger. */
    private static void largest(Map<String, Map<String, Double>> phases, JsonObject line) {
        if (line.find("phases").orElse(null) instanceof JsonObject object) {
            object.members().forEach((phase, bytes) -> phases.merge(phase, numbers(bytes),
                    (one, other) -> sum(other) > sum(one) ? other : one));
        }
    }

    private static Map<String, Double> numbers(JsonValue value) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (value instanceof JsonObject object) {
            object.members().keySet().forEach(key -> numbers.put(key, JsonMembers.number(object, key)));
        }
        return numbers;
    }

    static double sum(Map<String, Double> bytes) {
        return bytes.values().stream().mapToDouble(b -> b).sum();
    }

    /** Whether training steps were measured. */
    boolean measured() {
        return steps > 0 && stepNanos > 0;
    }

    /** Passes of steps with their operators, in the order in which they first appear in the list of passes. */
    Map<String, List<Row>> byPass() {
        Map<String, List<Row>> passes = new LinkedHashMap<>();
        for (String pass : Passes.ORDER) {
            List<Row> of = rows.stream().filter(row -> row.pass().equals(pass) && row.nanos() > 0).toList();
            if (!of.isEmpty()) {
                passes.put(pass, of);
            }
        }
        return passes;
    }

    /** Time of all operators that belong to steps. */
    double operatorNanos() {
        return rows.stream().filter(row -> !row.message()).mapToDouble(Row::nanos).sum();
    }
}
