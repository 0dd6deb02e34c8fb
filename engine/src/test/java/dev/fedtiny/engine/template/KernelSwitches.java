package dev.fedtiny.engine.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes {@code KernelSwitches}: for every family of kernels in the registry that is an interface, a record that asks method by method
 * whether the scalar or the vector kernel computes. Run it when a family or a method is new, from the root of the repository:
 * {@code java engine/src/test/java/dev/fedtiny/engine/template/KernelSwitches.java}. A test holds that what is committed is what it gives.
 */
public final class KernelSwitches {
    private static final Path KERNELS = Path.of("src", "main", "java", "dev", "fedtiny", "engine", "internal", "kernel");
    private static final String PACKAGE = "dev.fedtiny.engine.internal.kernel";
    private static final int WIDTH = 140;
    private static final Pattern COMPONENT = Pattern.compile("(\\w+) (\\w+)(?:, |\\) \\{)");
    private static final Pattern METHOD = Pattern.compile("(?m)^ {4}(?:default )?([\\w\\[\\]]+) (\\w+)\\(([^)]*)\\)(?: \\{|;)");

    private final Path kernels;
    private final TreeSet<String> imports = new TreeSet<>();

    /** A method of a family; parameters are types by name, in order. */
    private record Method(String result, String name, List<String[]> parameters) {
        boolean computes() {
            return parameters.stream().anyMatch(parameter -> parameter[0].endsWith("[]"));
        }
    }

    private KernelSwitches(Path kernels) {
        this.kernels = kernels;
    }

    /** Writes the file; the working directory is the repository or the engine. */
    public static void main(String[] none) throws IOException {
        Path engine = Files.isDirectory(KERNELS) ? Path.of("") : Path.of("engine");
        Files.writeString(file(engine), generate(engine));
        System.out.println(file(engine));
    }

    static Path file(Path engine) {
        return engine.resolve(KERNELS).resolve(Path.of("registry", "KernelSwitches.java"));
    }

    /** The text of the file. */
    static String generate(Path engine) throws IOException {
        return new KernelSwitches(engine.resolve(KERNELS)).text();
    }

    private String text() throws IOException {
        Map<String, String> families = new TreeMap<>();
        StringBuilder parts = new StringBuilder();
        String registry = Files.readString(kernels.resolve(Path.of("registry", "KernelRegistry.java")));
        Matcher header = Pattern.compile("record KernelRegistry\\((.*?\\) \\{)", Pattern.DOTALL).matcher(registry);
        if (!header.find()) {
            throw new IllegalStateException("KernelRegistry.java has no record of kernels");
        }
        Matcher component = COMPONENT.matcher(header.group(1).replaceAll("\\s+", " "));
        List<String> arguments = new ArrayList<>();
        while (component.find()) {
            String type = component.group(1);
            String name = component.group(2);
            Path source = kernels.resolve(type + ".java");
            String code = Files.exists(source) ? withoutComments(Files.readString(source)) : "";
            if (code.contains("interface " + type)) {
                families.put(type, code);
                arguments.add("new " + type + "Switch(scalar." + name + "(), vectors." + name + "())");
            } else {
                arguments.add("vectors." + name + "()");
            }
        }
        families.forEach((type, code) -> parts.append('\n').append(family(type, code)));
        return """
                // Generated from KernelRegistry and the interfaces of kernels by KernelSwitches: run that when one of them has changed.
                package %1$s.registry;

                %2$s
                /** Kernels that are scalar ones or vector ones, as {@link KernelSwitch} says at every call. */
                final class KernelSwitches {
                    private KernelSwitches() {
                    }

                    /** The vector kernels of a registry, each family with its scalar twin in its place while that is wanted. */
                    static KernelRegistry between(KernelRegistry scalar, KernelRegistry vectors) {
                        return new KernelRegistry(%3$s);
                    }
                %4$s}
                """.formatted(PACKAGE, imports.stream().map(name -> "import " + name + ";\n").collect(Collectors.joining()),
                String.join(",\n                ", arguments), parts);
    }

    private static String withoutComments(String code) {
        return code.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//.*", "");
    }

    private String family(String type, String code) {
        StringBuilder text = new StringBuilder();
        imports.add(PACKAGE + "." + type);
        text.append("    private record ").append(type).append("Switch(").append(type).append(" scalar, ").append(type)
                .append(" vectors) implements ").append(type).append(" {\n");
        boolean first = true;
        for (Method method : methods(code)) {
            text.append(first ? "" : "\n").append(method(method));
            first = false;
        }
        return text.append("    }\n").toString();
    }

    private List<Method> methods(String code) {
        List<Method> methods = new ArrayList<>();
        Matcher matcher = METHOD.matcher(code);
        while (matcher.find()) {
            List<String[]> parameters = new ArrayList<>();
            for (String parameter : matcher.group(3).replaceAll("\\s+", " ").strip().split(", ?")) {
                if (!parameter.isEmpty()) {
                    String[] parts = parameter.split(" ");
                    parameters.add(parts);
                    imported(parts[0], code);
                }
            }
            imported(matcher.group(1), code);
            methods.add(new Method(matcher.group(1), matcher.group(2), parameters));
        }
        return methods;
    }

    /** A class beside the kernels, or one that the family's source imports. */
    private void imported(String type, String code) {
        String name = type.replace("[]", "");
        Matcher foreign = Pattern.compile("(?m)^import ([\\w.]+\\." + name + ");").matcher(code);
        if (foreign.find()) {
            imports.add(foreign.group(1));
        } else if (Files.exists(kernels.resolve(name + ".java"))) {
            imports.add(PACKAGE + "." + name);
        }
    }

    private static String method(Method method) {
        String back = method.result.equals("void") ? "" : "return ";
        String arguments = method.parameters.stream().map(parameter -> parameter[1]).collect(Collectors.joining(", "));
        StringBuilder text = new StringBuilder("        @Override\n");
        text.append(wrapped("        public " + method.result + " " + method.name + "("
                + method.parameters.stream().map(parameter -> parameter[0] + " " + parameter[1]).collect(Collectors.joining(", "))
                + ") {"));
        String call = "." + method.name + "(" + arguments + ");";
        if (!method.computes()) {
            return text.append(wrapped("            " + back + "vectors" + call)).append("        }\n").toString();
        }
        // Two places to call from, so that each has one kind of kernel for C2.
        text.append("            if (KernelSwitch.vectors()) {\n").append(wrapped("                " + back + "vectors" + call));
        text.append("            } else {\n").append(wrapped("                " + back + "scalar" + call));
        return text.append("            }\n        }\n").toString();
    }

    /** A line, broken behind commas where it is too long. */
    private static String wrapped(String line) {
        StringBuilder text = new StringBuilder();
        String rest = line;
        String indent = line.substring(0, line.length() - line.stripLeading().length()) + "        ";
        while (rest.length() > WIDTH) {
            int end = rest.lastIndexOf(", ", WIDTH - 1) + 1;
            text.append(rest, 0, end).append('\n');
            rest = indent + rest.substring(end + 1);
        }
        return text.append(rest).append('\n').toString();
    }
}
