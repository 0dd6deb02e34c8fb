package dev.fedtiny.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Programs in the documentation, compiled and run as they stand there: on a plain class path. */
public final class DocumentedPrograms {
    private static final Pattern PROGRAM = Pattern.compile("```java\n((?:(?!```).)*?class (\\w+) .*?)```", Pattern.DOTALL);

    private final String document;
    private final String libraries;

    /**
     * Those of a document.
     *
     * @param document below the root of the repository
     * @param libraries a class of each jar or folder on the class path
     */
    public DocumentedPrograms(String document, Class<?>... libraries) {
        this.document = document;
        this.libraries = Stream.of(libraries).map(DocumentedPrograms::home).collect(Collectors.joining(File.pathSeparator));
    }

    private static String home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private String text() throws Exception {
        Path here = Path.of(document).toAbsolutePath();
        return Files.readString(Files.exists(here) ? here : Path.of("..", document));
    }

    /**
     * Compiles a program into a folder and runs it.
     *
     * @param name of its class
     * @param folder for source and class files
     * @param arguments of the program
     * @return what it printed
     * @throws Exception if it does not compile, or ends otherwise than well
     */
    public String run(String name, Path folder, String... arguments) throws Exception {
        Matcher programs = PROGRAM.matcher(text());
        while (programs.find()) {
            if (programs.group(2).equals(name)) {
                Path source = folder.resolve(name + ".java");
                Files.writeString(source, programs.group(1));
                compile("-proc:none", "-cp", libraries, "-d", folder.toString(), source.toString());
                List<String> java = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector", "-cp",
                        libraries + File.pathSeparator + folder, name));
                java.addAll(List.of(arguments));
                return execute(java);
            }
        }
        throw new AssertionError(document + " has no program " + name);
    }

    /** In this process, where the compiler is warm for the next program. */
    private static void compile(String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said, true);
        assertEquals(0, ToolProvider.findFirst("javac").orElseThrow().run(out, out, arguments), said::toString);
    }

    /** Runs a program in a JVM of its own; answers what it printed. */
    private static String execute(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
