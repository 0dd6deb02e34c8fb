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
        FigureGrid figures = new FigureGrid();
        for (RunGroup g : runs.groups()) {
            List<BarChart.Bar> bars = g.first().bytesByKind().entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .map(e -> new BarChart.Bar(e.getKey().replace('_', ' '), e.getValue(), Double.NaN,
                            Units.bytes(Math.round(e.getValue())))).toList();
            if (!bars.isEmpty()) {
                figures.add(g, "bytes by kind of message, " + Units.megabytes(Math.round(g.first().total(Cost.BYTES_DOWN)
                        + g.first().total(Cost.BYTES_UP))) + " in all",
                        BarChart.draw("bytes by kind of message", g.color(), bars));
            }
        }
        if (!figures.isEmpty()) {
            page.raw("<h2>Bytes by kind of message</h2>");
            figures.write(page);
        }
        return Optional.empty();
    }
}
