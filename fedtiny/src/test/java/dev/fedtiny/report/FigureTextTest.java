package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Words in figures have room, in fonts that are wider than most; and axes show nothing that cannot be. */
class FigureTextTest {
    /** Advances of DejaVu Sans at 12 points, of the letters that are used here. */
    private static double advance(String text) {
        return 12 / 2048.0 * text.chars().map(letter -> switch (letter) {
            case 'm' -> 1995;
            case 'w' -> 1675;
            case 'l', 'i' -> 569;
            case 'e' -> 1260;
            case 'd', 'u', 'b', 'p' -> 1300;
            case 'a' -> 1255;
            case 'n', 'h' -> 1298;
            case 'g' -> 1300;
            case 's' -> 1067;
            case 't' -> 803;
            case 'r' -> 842;
            case '-' -> 739;
            case 'f' -> 721;
            case 'k' -> 1186;
            case ' ' -> 651;
            default -> 1303;
        }).sum();
    }

    @Test
    void namesInALegendDoNotReachTheNextOne() {
        List<Legend.Entry> entries = new ArrayList<>();
        for (String name : List.of("mmmmmmmmmm", "messages", "values", "lllllllllll", "backward weight", "backward data", "fedmef",
                "fedrts", "workspace", "batch", "a mask with momentum")) {
            entries.add(new Legend.Entry(name, "c0"));
        }
        Markup svg = new Markup();
        new Legend(entries, 52, 460).draw(svg, 0);
        List<MatchResult> names = Pattern.compile("M([0-9.]+) ([0-9.]+) h18.*?x=\"([0-9.]+)\" y=\"[0-9.]+\">([^<]*)").matcher(
                svg.toString()).results().toList();
        assertEquals(entries.size(), names.size());
        for (int i = 0; i < names.size(); i++) {
            double end = Double.parseDouble(names.get(i).group(3)) + advance(names.get(i).group(4));
            boolean last = i + 1 == names.size() || !names.get(i + 1).group(2).equals(names.get(i).group(2));
            double next = last ? 461 : Double.parseDouble(names.get(i + 1).group(1)) - 4;
            assertTrue(end <= next, names.get(i).group(4) + " ends at " + end + ", the next begins at " + next);
        }
    }

    @Test
    void namesOfRowsBeginInsideTheFigure() {
        for (List<String> rows : List.of(List.of("least", "median"), List.of("mmmmmm", "w"), List.of("a hundred men went home"))) {
            double[][] values = new double[rows.size()][1];
            String[][] labels = new String[rows.size()][1];
            for (String[] row : labels) {
                row[0] = "1";
            }
            String svg = HeatMap.draw("x", new HeatMap.Map("class", List.of("a"), rows, values, labels), 1);
            Pattern.compile("class=\"name\" x=\"([0-9.]+)\"[^>]*>([^<]*)").matcher(svg).results().forEach(row -> assertTrue(
                    Double.parseDouble(row.group(1)) >= advance(row.group(2)), row.group()));
        }
        assertEquals("mmm…", TextWidth.shortened("mmmmmmmm", TextWidth.of("mmm…")));
        assertEquals("median", TextWidth.shortened("median", TextWidth.of("median")));
    }

    /** A share that is 0 in all rounds has an axis of shares, and none of a billionth below zero. */
    @Test
    void anAxisOfZerosGoesUp() {
        Axis axis = Axis.linear("share", 0, 0, Units::axis);
        assertEquals(0, axis.low());
        assertEquals(1, axis.high());
        assertFalse(axis.ticks().stream().anyMatch(tick -> tick < 0));
        assertEquals(-3.3, Axis.linear("x", -3, -3, Units::axis).low(), 1e-12);
    }

    /** A run that learns nothing: its losses differ in the fifth digit, and labels have four. */
    @Test
    void ticksOfAnAxisHaveLabelsOfTheirOwn() {
        for (double[] range : new double[][] {{2.30258, 2.30260}, {0.09935897, 0.09935898}, {150.01, 150.02}, {2.30258509, 2.3025851}}) {
            Axis axis = Axis.linear("loss", range[0], range[1], Units::axis);
            List<String> labels = axis.ticks().stream().map(axis.label()::apply).toList();
            assertEquals(labels.size(), Set.copyOf(labels).size(), labels.toString());
            assertTrue(labels.size() >= 2 && axis.low() <= range[0] && axis.high() >= range[1], labels + " of " + axis);
        }
        assertEquals(new Axis("loss", 2.2, 2.4, Axis.Scale.LINEAR, null).ticks(), Axis.linear("loss", 2.2, 2.4, Units::axis).ticks());
    }

    @Test
    void labelsOfCandidatesLossesDoNotTouch() {
        String svg = DotChart.draw("x", 0, List.of(new DotChart.Dot("candidate 1", 2.3066, 0.007, "2.3066", true),
                new DotChart.Dot("candidate 2", 2.3065, 0.006, "2.3065", false)));
        double end = 0;
        int labels = 0;
        for (MatchResult label : Pattern.compile("<text x=\"([0-9.]+)\" y=\"[0-9.]+\" text-anchor=\"middle\">([0-9.]+)<").matcher(svg)
                .results().toList()) {
            double half = advance(label.group(2)) / 2;
            assertTrue(Double.parseDouble(label.group(1)) - half > end, label.group());
            end = Double.parseDouble(label.group(1)) + half;
            labels++;
        }
        assertTrue(labels >= 2, svg);
    }
}
