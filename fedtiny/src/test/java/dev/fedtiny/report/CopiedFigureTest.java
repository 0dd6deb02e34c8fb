package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures are copied out of the page: each says by itself what its marks mean. */
class CopiedFigureTest {
    @TempDir
    private Path folder;

    /** Four rounds, of which the second exchanges half of one layer's mask. */
    private String page() throws IOException {
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve("manifest.json"),
                "{\"format\":\"fedtiny-manifest-2\",\"configuration\":{\"method\":\"fedtiny\",\"seed\":\"1\"},\"seed\":1,\"machine\":{}}");
        StringBuilder lines = new StringBuilder("{\"event\":\"init\",\"format\":\"fedtiny-metrics-2\",\"accuracy\":0.1,\"layers\":["
                + "{\"name\":\"conv\",\"kept\":10,\"size\":100},{\"name\":\"fc\",\"kept\":10,\"size\":100}]}\n");
        for (int round = 1; round <= 4; round++) {
            lines.append("{\"event\":\"round\",\"round\":").append(round).append(",\"accuracy\":0.2,\"layers\":[{\"name\":\"conv\","
                    + "\"kept\":20,\"size\":100},{\"name\":\"fc\",\"kept\":10,\"size\":100}],\"costs\":{\"flops\":1e").append(6 + round)
                    .append(",\"bytesDown\":1,\"bytesUp\":1,\"seconds\":1}");
            lines.append(round == 2 ? ",\"masks\":{\"grown\":10,\"pruned\":10,\"returned\":0,\"first\":20,\"ofFirst\":10}}\n" : "}\n");
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines.toString());
        Path page = folder.resolve("page.html");
        RunReport.read(List.of(run), List.of()).html(page);
        return Files.readString(page);
    }

    private static String figure(String html, String caption) {
        int from = html.indexOf("<figcaption>" + caption);
        assertTrue(from > 0, caption + " is missing: " + html);
        return html.substring(from, html.indexOf("</figure>", from));
    }

    @Test
    void barsThatShowTwoStatesNameBothInTheFigure() throws IOException {
        String layers = figure(page(), "fedtiny: density of each layer");
        String svg = layers.substring(layers.indexOf("<svg"), layers.indexOf("</svg>"));
        assertTrue(svg.contains(">after the last round</text>") && svg.contains(">at the start</text>"), svg);
        assertEquals(2, svg.split("class=\"swatch\"", -1).length - 1, svg);
        String same = BarChart.figure("x", 0, List.of(new BarChart.Bar("a", 1, Double.NaN, "1")), "now", "before");
        assertFalse(same.contains("now") || same.contains("before"), "without a pale bar there is nothing to tell apart");
    }

    @Test
    void figuresOfOneRunSayItsSeed() throws IOException {
        String layers = figure(page(), "fedtiny: density of each layer");
        assertTrue(layers.startsWith("<figcaption>fedtiny: density of each layer, seed 1"), layers);
    }

    @Test
    void logarithmicAxesSayThatTheyAre() throws IOException {
        String work = figure(page(), "Accuracy by counted work");
        assertTrue(work.contains("FLOPs, all devices and the server, log scale</text>"), work);
    }

    /** What is left of the first mask holds until the next change, and all of it is there at the start. */
    @Test
    void masksStayAsTheyAreBetweenChanges() throws IOException {
        String first = figure(page(), "Weights of the first mask that are active");
        // The run is not done, so its line is drawn thin; a point for the start and for each of four rounds.
        String path = first.substring(first.indexOf("<path d=\"") + 9);
        assertEquals(5, path.substring(0, path.indexOf('"')).split("[ML]", -1).length - 1, first);
        assertTrue(first.contains("fedtiny: 50 % at 4"), first);
    }
}
