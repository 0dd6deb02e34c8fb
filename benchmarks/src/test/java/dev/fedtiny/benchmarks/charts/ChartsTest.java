package dev.fedtiny.benchmarks.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** The charts of the documentation: they are SVG, and those in {@code docs/figures} are what the result files give today. */
class ChartsTest {
    private static final Path ROOT = Files.exists(Path.of("results", "peers.csv")) ? Path.of("") : Path.of("..");

    @TempDir
    Path folder;

    @Test
    void everyChartIsWellFormedAndShowsSomething() throws Exception {
        for (Map.Entry<String, String> chart : Charts.all(ROOT).entrySet()) {
            Document svg = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new InputSource(new StringReader(chart.getValue())));
            assertEquals("svg", svg.getDocumentElement().getTagName(), chart.getKey());
            assertTrue(svg.getElementsByTagName("path").getLength() + svg.getElementsByTagName("rect").getLength() > 1, chart.getKey());
            assertFalse(chart.getValue().contains("NaN"), chart.getKey());
        }
    }

    @Test
    void chartsOfTheDocumentationAreThoseOfTheResultFiles() throws IOException {
        for (Map.Entry<String, String> chart : Charts.all(ROOT).entrySet()) {
            assertEquals(chart.getValue(), Files.readString(ROOT.resolve("docs/figures").resolve(chart.getKey())),
                    chart.getKey() + " is out of date: bin/benchmarks charts");
        }
    }

    @Test
    void tablesWithAMissingCellAreRefusedWithTheLine() throws IOException {
        Path file = Files.writeString(folder.resolve("t.csv"), "# made by hand\nround,a\n1,2\n3\n");
        assertTrue(assertThrows(IOException.class, () -> CsvTable.read(file)).getMessage().contains("'3' has 1 cells, expected 2"));
    }
}
