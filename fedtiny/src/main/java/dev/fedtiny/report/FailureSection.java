package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Devices that did not answer: counted, with an example each. */
final class FailureSection implements Section {
    /** Of one group and cause. */
    private static final class Count {
        private final Set<String> devices = new TreeSet<>();
        private final List<String> examples = new ArrayList<>();
        private int times;
        private double first = Double.POSITIVE_INFINITY;
        private double last;
    }

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        Markup rows = new Markup();
        for (RunGroup g : runs.groups()) {
            Map<String, Count> causes = new LinkedHashMap<>();
            for (RunRecord run : g.runs()) {
                for (JsonObject round : run.rounds()) {
                    for (JsonObject failure : JsonMembers.objects(round, "failures")) {
                        Count count = causes.computeIfAbsent(failure.string("cause"), _ -> new Count());
                        count.times++;
                        count.devices.add(Units.fixed(JsonMembers.number(failure, "device"), 0));
                        count.examples.addAll(count.examples.isEmpty() ? List.of(failure.string("reason")) : List.of());
                        count.first = Math.min(count.first, JsonMembers.number(round, "round"));
                        count.last = Math.max(count.last, JsonMembers.number(round, "round"));
                    }
                }
            }
            causes.forEach((cause, count) -> rows.format("<tr><td>%s<td class=\"word\">%s<td>%d<td>%d<td>%.0f … %.0f<td class=\"word\">%s"
                    + "</tr>", g.name(), cause, count.times, count.devices.size(), count.first, count.last, count.examples.getFirst()));
        }
        if (!rows.toString().isEmpty()) {
            page.raw("<h2>Devices that did not answer</h2><p class=\"soft\">Counted over all runs of a group; every one stands in "
                    + "metrics.jsonl and in failures.csv.</p>");
            Tables.open(page, 6);
            page.raw("<tr><th>run<th class=\"word\">cause<th>times<th>devices<th>rounds<th class=\"word\">the first one's reason</tr>")
                    .raw(rows.toString());
            Tables.close(page);
        }
        return Optional.empty();
    }
}
