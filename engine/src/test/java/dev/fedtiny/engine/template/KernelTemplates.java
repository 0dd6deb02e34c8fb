package dev.fedtiny.engine.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes the unrolled vector kernels from {@code engine/src/templates}. C2 keeps accumulators in registers only where they are named locals
 * of one method, so a tile of 2 × 4 pixels needs eight of each line; a template has the line once.
 *
 * <p>Templates in its folder {@code twins} give two classes each, one beside the scalar kernels and one beside the vector kernels: loops
 * whose vector form is nothing but the scalar one on vectors. There <code>${form}</code> is {@code Scalar} or {@code Simd},
 * <code>${package}</code> the package and <code>${V}</code> the type of a vector. They compute by the methods of {@code scalar.LaneMath};
 * in the vector form {@link LaneWords} puts calls of the Vector API in their place. {@code //@imports static} and {@code //@imports} give
 * the imports for it. Those in {@code twins/storages} give both for every form in which activations are stored: <code>${get}</code> and
 * <code>${put}</code> are the words that read and write stored values, <code>${storage}</code> is the form's name.
 *
 * <p>A template is Java with directives, each on a line of its own:
 *
 * <ul>
 *   <li>{@code //@for i in 0..7} … {@code //@end}: the lines between, for each value of i; the bounds may be expressions;
 *   <li>{@code //@for rows columns in 1 8 | 2 4} … {@code //@end}: the same for each row of a table of numbers or words;
 *   <li>{@code //@add functions exp EXP}: a row more for a table of this name, which {@code //@for name constant in functions} goes
 *       through;
 *   <li>{@code //@if rows > 1} … {@code //@else} … {@code //@end}: with ==, !=, &lt;, &gt; over numbers and words.
 * </ul>
 *
 * <p>In other lines <code>${8*i+1}</code> becomes the number (or word), <code>${+8*i}</code> becomes {@code " + 8"}, or nothing for 0, and
 * <code>${+i yPitch}</code> becomes {@code " + 2 * yPitch"}, {@code " + yPitch"} for 1, or nothing for 0. An empty line before a closing
 * brace is dropped. {@code //@#} begins a comment that is not copied.
 *
 * <p>To write the kernels anew, from the root of the repository:
 * {@code java engine/src/test/java/dev/fedtiny/engine/template/KernelTemplates.java}. A test holds that what is committed is what the
 * templates give.
 */
public final class KernelTemplates {
    private static final Path TEMPLATES = Path.of("src", "templates");
    private static final Path KERNELS = Path.of("src", "main", "java", "dev", "fedtiny", "engine", "internal", "kernel");
    private static final List<Map<String, String>> TWINS = List.of(Map.of("form", "Scalar", "package", "scalar", "V", "float"),
            Map.of("form", "Simd", "package", "simd", "V", "FloatVector"));
    /** The forms in which activations are stored, and the words that read and write them. */
    private static final List<Map<String, String>> STORAGES = List.of(
            Map.of("storage", "Float32", "values", "1", "get", "load", "put", "store"),
            Map.of("storage", "Bfloat16", "values", "2", "get", "widened", "put", "narrow"));
    private static final String ENDING = ".java.in";
    private static final Pattern HOLE = Pattern.compile("\\$\\{([^}]*)}");

    private final String name;
    private final List<String> lines;
    private final Map<String, List<String[]>> tables = new HashMap<>();
    private final StringBuilder out = new StringBuilder();

    private KernelTemplates(String name, List<String> lines) {
        this.name = name;
        this.lines = lines;
    }

    /** Writes all kernels; the working directory is the repository or the engine. */
    public static void main(String[] none) throws IOException {
        for (Map.Entry<Path, String> file : generate(engine()).entrySet()) {
            Files.writeString(file.getKey(), file.getValue());
            System.out.println(file.getKey());
        }
    }

    /** The engine's folder, from it or from its parent. */
    static Path engine() {
        return Files.isDirectory(TEMPLATES) ? Path.of("") : Path.of("engine");
    }

    /** Every generated file and its text. */
    static Map<Path, String> generate(Path engine) throws IOException {
        Map<Path, String> files = new HashMap<>();
        Path kernels = engine.resolve(KERNELS);
        for (String template : templates(engine.resolve(TEMPLATES))) {
            files.put(kernels.resolve("simd").resolve(template + ".java"), expand(engine, template, Map.of()));
        }
        for (String template : templates(engine.resolve(TEMPLATES).resolve("twins"))) {
            for (Map<String, String> twin : TWINS) {
                files.put(kernels.resolve(twin.get("package")).resolve(twin.get("form") + template + ".java"),
                        expand(engine, "twins/" + template, twin));
            }
        }
        for (String template : templates(engine.resolve(TEMPLATES).resolve(Path.of("twins", "storages")))) {
            for (Map<String, String> twin : TWINS) {
                for (Map<String, String> storage : STORAGES) {
                    Map<String, String> variables = new HashMap<>(twin);
                    variables.putAll(storage);
                    files.put(kernels.resolve(twin.get("package")).resolve(twin.get("form") + storage.get("storage") + template + ".java"),
                            expand(engine, "twins/storages/" + template, variables));
                }
            }
        }
        return files;
    }

    /** Names of a folder's templates, without their ending. */
    private static List<String> templates(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).filter(file -> file.endsWith(ENDING))
                    .map(file -> file.substring(0, file.length() - ENDING.length())).sorted().toList();
        }
    }

    private static String expand(Path engine, String template, Map<String, String> variables) throws IOException {
        String file = template + ENDING;
        return expand(file, Files.readAllLines(engine.resolve(TEMPLATES).resolve(file)), variables);
    }

    /** The text that a template's lines give. */
    static String expand(String name, List<String> lines, Map<String, String> variables) {
        KernelTemplates template = new KernelTemplates(name, lines);
        template.out.append("// Generated from engine/src/templates/").append(name).append(" by KernelTemplates: change that file.\n");
        template.block(0, lines.size(), new HashMap<>(variables));
        // What a loop leaves between its turns is too much behind the last.
        String text = template.out.toString().replaceAll("\n\n+( *})", "\n$1");
        return "Simd".equals(variables.get("form")) ? LaneWords.onVectors(text) : text;
    }

    private void block(int from, int to, Map<String, String> variables) {
        int at = from;
        while (at < to) {
            String line = lines.get(at).strip();
            if (line.startsWith("//@#")) {
                at++;
            } else if (line.startsWith("//@add ")) {
                String[] parts = line.substring("//@add ".length()).strip().split(" ", 2);
                tables.computeIfAbsent(parts[0], table -> new ArrayList<>()).add(parts[parts.length - 1].strip().split(" +"));
                at++;
            } else if (line.startsWith("//@imports")) {
                LaneWords.imports(lines, variables, line.endsWith("static")).forEach(name -> out.append(name).append('\n'));
                at++;
            } else if (line.startsWith("//@for ")) {
                int end = end(at, "//@end");
                loop(line.substring("//@for ".length()), at + 1, end, variables);
                at = end + 1;
            } else if (line.startsWith("//@if ")) {
                int end = end(at, "//@end");
                int otherwise = end(at, "//@else");
                if (holds(line.substring("//@if ".length()), variables, at)) {
                    block(at + 1, Math.min(otherwise, end), variables);
                } else if (otherwise < end) {
                    block(otherwise + 1, end, variables);
                }
                at = end + 1;
            } else if (line.startsWith("//@")) {
                throw wrong(at, "unknown directive " + line);
            } else {
                out.append(fill(lines.get(at), variables, at)).append('\n');
                at++;
            }
        }
    }

    /** The line of the end (or else) of the directive at a line; behind the template where there is no else. */
    private int end(int begin, String wanted) {
        int depth = 0;
        for (int at = begin; at < lines.size(); at++) {
            String line = lines.get(at).strip();
            if (line.startsWith("//@for ") || line.startsWith("//@if ")) {
                depth++;
            } else if (depth == 1 && line.equals(wanted)) {
                return at;
            } else if (line.equals("//@end") && --depth == 0) {
                break;
            }
        }
        if (wanted.equals("//@end")) {
            throw wrong(begin, "no //@end for " + lines.get(begin).strip());
        }
        return lines.size();
    }

    private void loop(String head, int from, int to, Map<String, String> variables) {
        String[] parts = head.split(" in ", 2);
        if (parts.length < 2) {
            throw wrong(from - 1, "expected //@for NAMES in VALUES");
        }
        String[] names = parts[0].strip().split(" ");
        for (String[] row : rows(parts[1].strip(), variables, from - 1)) {
            if (row.length != names.length) {
                throw wrong(from - 1, row.length + " values for " + names.length + " names");
            }
            Map<String, String> inner = new HashMap<>(variables);
            for (int i = 0; i < names.length; i++) {
                inner.put(names[i], row[i]);
            }
            block(from, to, inner);
        }
    }

    private List<String[]> rows(String values, Map<String, String> variables, int at) {
        if (tables.containsKey(values)) {
            return tables.get(values);
        }
        List<String[]> rows = new ArrayList<>();
        int dots = values.indexOf("..");
        if (dots < 0) {
            for (String row : values.split("\\|")) {
                rows.add(row.strip().split(" +"));
            }
        } else {
            int last = number(values.substring(dots + 2), variables, at);
            for (int i = number(values.substring(0, dots), variables, at); i <= last; i++) {
                rows.add(new String[] {Integer.toString(i)});
            }
        }
        return rows;
    }

    private boolean holds(String condition, Map<String, String> variables, int at) {
        Matcher parts = Pattern.compile("(.+?)(==|!=|<|>)(.+)").matcher(condition);
        if (!parts.matches()) {
            throw wrong(at, "expected a comparison, found " + condition);
        }
        String left = value(parts.group(1), variables, at);
        String right = value(parts.group(3), variables, at);
        return switch (parts.group(2)) {
            case "==" -> left.equals(right);
            case "!=" -> !left.equals(right);
            case "<" -> Integer.parseInt(left) < Integer.parseInt(right);
            default -> Integer.parseInt(left) > Integer.parseInt(right);
        };
    }

    private String fill(String line, Map<String, String> variables, int at) {
        return HOLE.matcher(line).replaceAll(hole -> Matcher.quoteReplacement(hole(hole.group(1).strip(), variables, at)));
    }

    private String hole(String text, Map<String, String> variables, int at) {
        if (!text.startsWith("+")) {
            return value(text, variables, at);
        }
        String[] parts = text.substring(1).strip().split(" ");
        int number = number(parts[0], variables, at);
        if (number == 0) {
            return "";
        }
        String factor = parts.length == 1 ? "" : parts[1];
        return " + " + (factor.isEmpty() ? Integer.toString(number) : number == 1 ? factor : number + " * " + factor);
    }

    /** A number, or the word that a variable or the text is. */
    private String value(String text, Map<String, String> variables, int at) {
        String word = variables.getOrDefault(text.strip(), text.strip());
        return word.matches("[A-Za-z]\\w*") ? word : Integer.toString(number(word, variables, at));
    }

    private int number(String expression, Map<String, String> variables, int at) {
        return new Expression(expression, variables, at).sum();
    }

    private IllegalArgumentException wrong(int at, String what) {
        return new IllegalArgumentException(name + ":" + (at + 1) + ": " + what);
    }

    /** Whole numbers, names, parentheses, + - * / and %, with the usual precedence. */
    private final class Expression {
        private final String text;
        private final Map<String, String> variables;
        private final int line;
        private int at;

        Expression(String text, Map<String, String> variables, int line) {
            this.text = text.replace(" ", "");
            this.variables = variables;
            this.line = line;
        }

        int sum() {
            int value = nested();
            if (at < text.length()) {
                throw wrong(line, "cannot read " + text);
            }
            return value;
        }

        private int nested() {
            int value = product();
            while (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                value = text.charAt(at++) == '+' ? value + product() : value - product();
            }
            return value;
        }

        private int product() {
            int value = factor();
            while (at < text.length() && "*/%".indexOf(text.charAt(at)) >= 0) {
                char operator = text.charAt(at++);
                int right = factor();
                value = operator == '*' ? value * right : operator == '/' ? value / right : value % right;
            }
            return value;
        }

        private int factor() {
            if (at < text.length() && text.charAt(at) == '(') {
                at++;
                int value = nested();
                if (at >= text.length() || text.charAt(at++) != ')') {
                    throw wrong(line, "no closing parenthesis in " + text);
                }
                return value;
            }
            int from = at;
            while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
                at++;
            }
            String word = text.substring(from, at);
            String value = variables.getOrDefault(word, word);
            if (!value.matches("-?\\d+")) {
                throw wrong(line, "'" + word + "' in " + text + " is no number");
            }
            return Integer.parseInt(value);
        }
    }
}
