package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Measurements as people read them: as text for a terminal, as Markdown for a file. */
final class ResultTable {
    private static final String[] RATES = {"ms", "±", "GFLOP/s", "dense-eq.", "% peak", "GB/s", "% DRAM", "B/op"};
    /** Parameters in the order of the columns. */
    private static final List<String> PARAMETERS = List.of("model", "layer", "format", "density", "mask", "residence", "batch", "threads",
            "kernels");

    private final List<String[]> rows = new ArrayList<>();

    /** Columns that are alike in all lines are named once, above the table. */
    private final Map<String, String> common = new LinkedHashMap<>();

    ResultTable(List<Measurement> measurements) {
        List<String> varying = new ArrayList<>();
        for (String name : PARAMETERS) {
            Set<String> values = new LinkedHashSet<>();
            measurements.forEach(m -> values.add(m.parameters().getOrDefault(name, "-")));
            if (values.size() > 1) {
                varying.add(name);
            } else if (!values.contains("-") && !values.isEmpty()) {
                common.put(name, values.iterator().next());
            }
        }
        List<String> heading = new ArrayList<>(List.of("benchmark"));
        heading.addAll(varying);
        heading.addAll(List.of(RATES));
        rows.add(heading.toArray(String[]::new));
        for (Measurement m : measurements) {
            List<String> cells = new ArrayList<>(List.of(m.benchmark()));
            varying.forEach(name -> cells.add(m.parameters().getOrDefault(name, "-").toLowerCase(java.util.Locale.ROOT)));
            cells.add(Units.fixed(m.millis(), 3));
            cells.add(Double.isNaN(m.errorMillis()) ? "-" : Units.fixed(m.errorMillis(), 3));
            cells.add(positive(m.gflops(), 1));
            cells.add(positive(m.denseEquivalentGflops(), 1));
            cells.add(positive(100 * m.shareOfPeak(), 1));
            cells.add(positive(m.gigabytes(), 1));
            cells.add(positive(100 * m.shareOfBandwidth(), 0));
            cells.add(Double.isNaN(m.allocatedBytes()) ? "-" : m.allocates() ? Units.fixed(m.allocatedBytes(), 0) : "0");
            rows.add(cells.toArray(String[]::new));
        }
    }

    private static String positive(double value, int digits) {
        return value > 0 ? Units.fixed(value, digits) : "-";
    }

    /** What all lines have in common, for example {@code batch 64, kernels simd}. */
    String common() {
        return String.join(", ", common.entrySet().stream().map(e -> e.getKey() + " " + e.getValue().toLowerCase(java.util.Locale.ROOT))
                .toList());
    }

    /** For a terminal. */
    String text() {
        TextTable table = new TextTable(rows.getFirst());
        rows.subList(1, rows.size()).forEach(table::row);
        return table.toString();
    }

    /** For a file. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            text.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
            if (i == 0) {
                text.append("|").append(" --- |".repeat(rows.getFirst().length)).append('\n');
            }
        }
        return text.toString();
    }
}
