package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.report.StandaloneChart.Bar;
import dev.fedtiny.report.StandaloneChart.Series;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Charts of figures as they come: none that cannot be shown moves one that can. */
class StandaloneChartTest {
    private static final double NAN = Double.NaN;

    private static List<String> circles(String svg) {
        return Pattern.compile("cx=\"([^\"]*)\" cy=\"([^\"]*)\" r=\"2.6\"").matcher(svg).results().map(MatchResult::group).toList();
    }

    private static void drawn(String svg) {
        assertFalse(svg.contains("NaN") || svg.contains("Infinity"), svg);
    }

    @Test
    void whatIsNotKnownLeavesTheRestWhereItIs() {
        List<Series> whole = List.of(new Series("a", new double[] {1, 3}, new double[] {10, 30}));
        List<Series> holes = List.of(new Series("a", new double[] {1, 2, 3, NAN}, new double[] {10, NAN, 30, 5}));
        String svg = StandaloneChart.lines("t", "y", "x", holes);
        drawn(svg);
        assertEquals(circles(StandaloneChart.lines("t", "y", "x", whole)), circles(svg));
        assertEquals(2, circles(svg).size());
    }

    @Test
    void whatIsNotPositiveHasNoPlaceOnLogarithms() {
        List<Series> whole = List.of(new Series("a", new double[] {1, 100}, new double[] {1, 1000}));
        List<Series> more = List.of(new Series("a", new double[] {0, -1, 1, 50, 100}, new double[] {5, 5, 1, 0, 1000}));
        String svg = StandaloneChart.logarithmicLines("t", "y", "x", more);
        drawn(svg);
        assertEquals(circles(StandaloneChart.logarithmicLines("t", "y", "x", whole)), circles(svg));
        assertEquals(2, circles(svg).size());
    }

    @Test
    void nothingToShowIsSaid() {
        List<Series> none = List.of(new Series("a", new double[] {1}, new double[] {NAN}));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> StandaloneChart.lines("t", "y", "x", none)).getMessage()
                .contains("chart 't': no point has a finite height"));
        List<Series> negative = List.of(new Series("a", new double[] {1}, new double[] {-1}));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> StandaloneChart.logarithmicLines("t", "y", "x", negative))
                .getMessage().contains("no point has a finite positive height"));
    }

    @Test
    void onePointAndEqualOnesAreShown() {
        for (double[] y : new double[][] {{7}, {7, 7, 7}, {0}, {-3, -3}, {1e-7, 1e-7}, {-4, -2}}) {
            String svg = StandaloneChart.lines("t", "y", "x", List.of(new Series("a", IntStream.range(0, y.length)
                    .asDoubleStream().toArray(), y)));
            drawn(svg);
            assertEquals(y.length, circles(svg).size());
        }
    }

    /** A label was "0." where four digits had nothing to say, and "2." where they had only zeros. */
    @Test
    void labelsAreNumbers() {
        String svg = StandaloneChart.lines("t", "y", "x", List.of(new Series("a", new double[] {1, 2}, new double[] {2.00001, 0.00002})));
        assertTrue(svg.contains("a: 2 at 1<") && svg.contains("a: 2e-5 at 2<"), svg);
        assertFalse(Pattern.compile("[0-9]\\.[^0-9]").matcher(svg.substring(svg.indexOf("</style>"))).find(), svg);
    }

    @Test
    void linesOfOneColourDifferInTheirDashesAndNamesHaveRoom() {
        List<Series> many = IntStream.range(0, 33).mapToObj(i -> new Series("a very long name of a method with all of its settings, the "
                + "number of which is " + i, new double[] {1, 2}, new double[] {i, i + 1})).toList();
        String svg = StandaloneChart.lines("t", "y", "x", many);
        List<String> lines = Pattern.compile("<g class=\"(c[0-9]+[^\"]*) many\">").matcher(svg).results().map(line -> line.group(1))
                .toList();
        assertEquals(33, lines.stream().distinct().count(), lines.toString());
        assertTrue(svg.contains(".dashed path{") && svg.contains(".dotted path{"), "without a rule they would look alike");
        assertFalse(svg.contains("settings, the number of which is 3</text>"), "names end inside the chart");
    }

    @Test
    void aBarThatIsNotKnownLeavesTheOthers() {
        String svg = StandaloneChart.bars("t", "s", List.of(new Bar("a", 2, NAN, "2"), new Bar("b", NAN, 4, "unknown")));
        drawn(svg);
        assertTrue(svg.contains("unknown"));
    }
}
