package dev.fedtiny.report;

import dev.fedtiny.data.Datasets;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Where results come from: program, images, machine, settings; all that it takes to do a run again. */
final class ProvenanceSection implements Section {
    private static final String ROW = "<tr><td>%s<td class=\"word\">%s</tr>";

    /** A fact that runs beside each other should share. */
    private record Fact(String words, String part, String name) {
        private List<String> of(RunRecord run) {
            List<String> said = run.everSaid(part, name);
            return said.isEmpty() ? List.of("not said") : said;
        }
    }

    private static final List<Fact> SHARED = List.of(new Fact("version", "program", "version"), new Fact("commit", "program", "commit"),
            new Fact("processor", "machine", "processor"), new Fact("processors", "machine", "processors"),
            new Fact("threads", "configuration", Setting.THREADS.key()),
            new Fact("Java", "machine", "java"), new Fact("kernels", "machine", "kernels"),
            new Fact("fused multiply-add", "machine", "fused-multiply-add"));

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        List<RunRecord> all = runs.groups().stream().flatMap(group -> group.runs().stream()).toList();
        page.raw("<h2>Where these results come from</h2>");
        List<String> differing = new ArrayList<>();
        ImageIdentity images = new ImageIdentity(all);
        Set<String> hashes = all.stream().map(new Fact("", "data", "hash")::of).flatMap(List::stream)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        boolean same = all.stream().map(images::of).distinct().count() < 2;
        if (!same) {
            differing.add("images (hash: " + String.join("; ", hashes) + ")");
        }
        for (Fact fact : SHARED) {
            Set<String> values = new LinkedHashSet<>();
            all.forEach(run -> values.addAll(fact.of(run)));
            if (values.size() > 1) {
                differing.add(fact.words() + " (" + String.join("; ", values) + ")");
            }
        }
        page.format(differing.isEmpty() ? "<p class=\"soft\">%s</p>" : "<p class=\"mark\">%s</p>", differing.isEmpty()
                ? "All runs of this page were made by the same commit, with the same images" + (hashes.size() > 1
                        ? " (of each seed those that it drew)" : "") + ", Java, kernels, kind of processor and number of threads."
                : (all.size() == 1 ? "The run of this page was not always the same in " : "Runs of this page differ in ")
                        + String.join(", ", differing)
                        + ": compare figures that depend on that with care, times above all.");
        page.raw("<p class=\"soft\">A run is done again, bit for bit where fused multiply-add agrees, by the same commit with the same "
                + "images "
                + "(hashes below) and a file of the settings below.</p>");
        runs.groups().forEach(group -> group(group, page));
        return Optional.empty();
    }

    private static void group(RunGroup group, Markup page) {
        RunRecord run = group.first();
        page.format("<details><summary>%s: %s</summary>", group.name(),
                String.join(", ", group.runs().stream().map(r -> r.directory().toString()).toList()));
        page.format("<h3>Settings other than the defaults%s</h3><pre>%s</pre>", group.whichRun(), settings(run));
        Tables.open(page, 2);
        run.manifest().find("started").ifPresent(started -> page.format(ROW, "started", JsonMembers.text(started)));
        if (run.manifest().find("command").orElse(null) instanceof JsonValue.JsonArray command) {
            page.format(ROW, "command", String.join(" ", command.values().stream().map(JsonMembers::text).toList()));
        }
        for (String part : List.of("program", "data", "init", "partition", "formats", "machine", "configuration")) {
            run.strings(part).forEach((key, value) -> page.format(ROW, part.equals("configuration") ? key : part + ": " + key, value));
        }
        Tables.close(page);
        page.raw("</details>");
    }

    /** As an experiment file has them. */
    private static String settings(RunRecord run) {
        Map<String, String> configuration = new LinkedHashMap<>(run.configuration());
        configuration.keySet().removeAll(run.unused());
        boolean demo = Datasets.DEMO.equals(configuration.get(Setting.DATA.key()));
        Map<String, String> usual = new LinkedHashMap<>();
        for (SettingSpec<?> setting : SettingIndex.all()) {
            usual.put(setting.key(), setting.fallback(demo));
        }
        StringBuilder text = new StringBuilder();
        configuration.forEach((key, value) -> {
            if (!value.equals(usual.get(key))) {
                text.append(key).append(" = ").append(value).append('\n');
            }
        });
        return text.toString();
    }
}
