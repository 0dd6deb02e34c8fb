package dev.fedtiny.benchmarks;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.experiment.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where results go: a JSON file and a Markdown table beside it, with machine, JVM and commit. */
public final class ResultFiles {
    private ResultFiles() {
    }

    /** Where results go unless told otherwise: {@code benchmarks/results} of the sources that the launcher stands in. */
    public static Path folder() {
        return root().resolve("benchmarks", "results");
    }

    /** The folder of the sources. */
    public static Path root() {
        return Path.of(System.getProperty("dev.fedtiny.root", "."));
    }

    /** What the figures were measured on; {@code commit} ends with {@code -dirty} when sources differ from it. */
    public static Map<String, String> environment() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
        facts.put("commit", commit());
        facts.putAll(Machine.facts());
        return facts;
    }

    private static String commit() {
        String head = git("rev-parse", "HEAD");
        return head.isEmpty() ? "unknown" : head + (git("status", "--porcelain", "--untracked-files=no").isEmpty() ? "" : "-dirty");
    }

    private static String git(String... words) {
        try {
            List<String> command = new java.util.ArrayList<>(List.of("git", "-C", root().toString()));
            command.addAll(List.of(words));
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? text : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /**
     * Writes {@code NAME.json} and {@code NAME.md}.
     *
     * @param rows the figures
     * @param text the same as a Markdown table, with what it needs to be understood
     * @return the Markdown file
     */
    public static Path write(Path folder, String name, Map<String, String> environment, List<JsonObject> rows, String text)
            throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new FileWriteException(folder, e);
        }
        JsonObject json = JsonObject.builder().put("environment", JsonObject.ofStrings(environment))
                .put("results", new JsonValue.JsonArray(List.copyOf(rows))).build();
        AtomicFile.write(folder.resolve(name + ".json"), JsonWriter.indented(json) + "\n");
        StringBuilder page = new StringBuilder();
        environment.forEach((fact, value) -> page.append("* ").append(fact).append(": ").append(value).append('\n'));
        Path file = folder.resolve(name + ".md");
        AtomicFile.write(file, page.append('\n').append(text).toString());
        return file;
    }

    /** A name by time and commit, for example {@code 20260101-120000-0123456}. */
    public static String name(Map<String, String> environment) {
        String commit = environment.get("commit");
        return ZonedDateTime.parse(environment.get("date")).format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT)) + "-"
                + commit.substring(0, Math.min(7, commit.length()));
    }
}
