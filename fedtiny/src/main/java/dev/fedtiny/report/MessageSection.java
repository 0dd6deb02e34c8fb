package dev.fedtiny.report;

import dev.fedtiny.report.RunRecord.Cost;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What messages carried. */
final class MessageSection implements Section {
    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        Markup figures = new Markup();
        for (RunGroup g : runs.groups()) {
            List<BarChart.Bar> bars = g.first().bytesByKind().entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .map(e -> new BarChart.Bar(e.getKey().replace('_', ' '), e.getValue(), Double.NaN,
                            Units.bytes(Math.round(e.getValue())))).toList();
            if (!bars.isEmpty()) {
                figures.format("<figure><figcaption>%s: %s in all%s</figcaption>", g.name(), Units.megabytes(Math.round(
                        g.first().total(Cost.BYTES_DOWN) + g.first().total(Cost.BYTES_UP))), g.whichRun())
                        .raw(BarChart.draw("bytes by kind of message", g.color(), bars)).raw("</figure>");
            }
        }
        if (!figures.toString().isEmpty()) {
            page.raw("<h2>Bytes by kind of message</h2><div class=\"grid2\">").raw(figures.toString()).raw("</div>");
        }
        return Optional.empty();
    }
}
