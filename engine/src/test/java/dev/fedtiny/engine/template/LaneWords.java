package dev.fedtiny.engine.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words that twins are written in (the methods of {@code scalar.LaneMath}) and what they are on vectors: the Vector API itself, since
 * C2 inlines its methods always, and ours only up to a number of nodes, which an exponential and a few operations around it pass; then
 * vectors become objects. Products with a sum are fused: where a machine has no such instruction, the scalar twin runs.
 */
final class LaneWords {
    private static final int LONGEST_LINE = 140;
    /** %1 to %3 are arguments; a word whose argument stands twice wants a name there. */
    private static final Map<String, String> VECTOR_FORMS = new TreeMap<>(Map.ofEntries(
            Map.entry("load", "FloatVector.fromArray(FLOATS, %1, %2)"),
            Map.entry("store", "EXACT.cast(%1).intoArray(%2, %3)"),
            Map.entry("widened", "((IntVector) FloatVector.fromArray(WORDS, %1, %2 >> 1).reinterpretAsShorts()"
                    + ".convertShape(VectorOperators.ZERO_EXTEND_S2I, BITS, 0)).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats()"),
            Map.entry("narrow", "EXACT.cast(%1).reinterpretAsInts().lanewise(VectorOperators.LSHR, 16).and(1).add(0x7FFF)"
                    + ".add(EXACT.cast(%1).reinterpretAsInts()).blend(EXACT.cast(%1).reinterpretAsInts().or(0x400000), "
                    + "EXACT.cast(%1).reinterpretAsInts().and(Integer.MAX_VALUE).compare(VectorOperators.GT, 0x7F800000))"
                    + ".lanewise(VectorOperators.LSHR, 16).convertShape(VectorOperators.I2S, HALVES, 0)"
                    + ".reinterpretAsFloats().intoArray(%2, %3 >> 1)"),
            Map.entry("all", "FloatVector.broadcast(FLOATS, %1)"),
            Map.entry("add", "EXACT.cast(%1).add(%2)"),
            Map.entry("sub", "EXACT.cast(%1).sub(%2)"),
            Map.entry("mul", "EXACT.cast(%1).mul(%2)"),
            Map.entry("div", "EXACT.cast(%1).div(%2)"),
            Map.entry("multiplyAdd", "EXACT.cast(%1).fma(%2, %3)"),
            Map.entry("sqrt", "EXACT.cast(%1).lanewise(VectorOperators.SQRT)"),
            Map.entry("abs", "EXACT.cast(%1).abs()"),
            Map.entry("less", "EXACT.cast(%1).compare(VectorOperators.LT, %2)"),
            Map.entry("greater", "EXACT.cast(%1).compare(VectorOperators.GT, %2)"),
            Map.entry("same", "EXACT.cast(%1).compare(VectorOperators.EQ, %2)"),
            Map.entry("replaces", "EXACT.cast(%1).compare(VectorOperators.GT, %2).or(EXACT.cast(%1).compare(VectorOperators.NE, %1))"),
            Map.entry("select", "EXACT.cast(%3).blend(%2, %1)"),
            Map.entry("exponentOfLastBits",
                    "EXACT.cast(%1).reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats()")));
    private static final Pattern CALL = Pattern.compile("(?<![\\w.#])(" + String.join("|", VECTOR_FORMS.keySet()) + ")\\(");

    private LaneWords() {
    }

    /** Import lines for the words that a template uses, some of them by way of variables. */
    static List<String> imports(List<String> template, Map<String, String> variables, boolean statics) {
        String form = variables.get("form");
        String text = String.join("\n", template);
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            text = text.replace("${" + variable.getKey() + "}", variable.getValue());
        }
        TreeSet<String> words = new TreeSet<>();
        for (Matcher call = CALL.matcher(text); call.find();) {
            words.add(call.group(1));
        }
        String root = "dev.fedtiny.engine.internal.kernel.";
        TreeSet<String> names = new TreeSet<>();
        if (form.equals("Scalar")) {
            if (statics) {
                words.forEach(word -> names.add(root + "scalar.LaneMath." + word));
                addIf(text.contains("LENGTH"), root + "scalar.LaneMath.LENGTH", names);
            }
        } else {
            List<String> forms = words.stream().map(VECTOR_FORMS::get).toList();
            if (statics) {
                addIf(forms.stream().anyMatch(vector -> vector.contains("EXACT")), root + "simd.Species.EXACT", names);
                for (String species : List.of("FLOATS", "WORDS", "BITS", "HALVES")) {
                    addIf(forms.stream().anyMatch(vector -> vector.contains(species)), root + "simd.Species." + species, names);
                }
                addIf(text.contains("LENGTH"), root + "simd.Species.LENGTH", names);
            } else {
                names.add("jdk.incubator.vector.FloatVector");
                addIf(forms.stream().anyMatch(vector -> vector.contains("IntVector")), "jdk.incubator.vector.IntVector", names);
                addIf(forms.stream().anyMatch(vector -> vector.contains("VectorOperators")), "jdk.incubator.vector.VectorOperators", names);
            }
        }
        return names.stream().map(name -> "import " + (statics ? "static " : "") + name + ";").toList();
    }

    private static void addIf(boolean used, String name, TreeSet<String> names) {
        if (used) {
            names.add(name);
        }
    }

    /** The text with the Vector API in the place of words, and lines that become too long broken. */
    static String onVectors(String text) {
        StringBuilder lines = new StringBuilder();
        for (String line : replace(text).split("\n", -1)) {
            broken(line, lines);
        }
        return lines.substring(0, lines.length() - 1);
    }

    private static String replace(String text) {
        Matcher call = CALL.matcher(text);
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (call.find(at)) {
            out.append(text, at, call.start());
            List<String> arguments = new ArrayList<>();
            at = arguments(text, call.end(), arguments);
            String vector = VECTOR_FORMS.get(call.group(1));
            for (int i = 0; i < arguments.size(); i++) {
                String argument = replace(arguments.get(i));
                // A result of the Vector API has its class: no cast.
                boolean exact = argument.startsWith("EXACT.") || argument.startsWith("FloatVector.");
                vector = vector.replace("EXACT.cast(%" + (i + 1) + ")", exact ? argument : "EXACT.cast(" + argument + ")")
                        .replace("%" + (i + 1), argument);
            }
            out.append(vector);
        }
        return out.append(text.substring(at)).toString();
    }

    /** Cuts a call's arguments at its own commas; returns where the call ends. */
    private static int arguments(String text, int from, List<String> arguments) {
        int depth = 0;
        int begin = from;
        for (int at = from;; at++) {
            char c = text.charAt(at);
            if (depth == 0 && (c == ',' || c == ')')) {
                arguments.add(text.substring(begin, at).strip().replaceAll("\\s+", " "));
                begin = at + 1;
                if (c == ')') {
                    return at + 1;
                }
            }
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
    }

    private static void broken(String line, StringBuilder out) {
        int indent = line.length() - line.stripLeading().length();
        String rest = line;
        while (rest.length() > LONGEST_LINE) {
            int at = Math.max(rest.lastIndexOf(", ", LONGEST_LINE - 1) + 1, Math.max(rest.lastIndexOf(" : ", LONGEST_LINE),
                    rest.lastIndexOf(" ? ", LONGEST_LINE)));
            // Between calls only where arguments would leave more than half of the line empty.
            at = at > LONGEST_LINE / 2 ? at : Math.max(at, rest.lastIndexOf(").", LONGEST_LINE - 1) + 1);
            out.append(rest, 0, at).append('\n');
            rest = " ".repeat(indent + 8) + rest.substring(at).strip();
        }
        out.append(rest).append('\n');
    }
}
