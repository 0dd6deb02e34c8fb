package dev.fedtiny.benchmarks.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.benchmarks.ResultFiles;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultTableTest {
    private static final Map<String, Double> COUNTERS = Map.of(Counters.FLOPS, 4e8, Counters.DENSE_FLOPS, 4e9, Counters.PEAK, 100.0,
            Counters.BYTES, 2e7, Counters.READ, 20.0);

    private static Measurement measurement(String density, double millis, double rate) {
        return new Measurement("ConvolutionBenchmark.forward",
                Map.of("layer", "resnet18/conv1", "density", density, "format", "CSR"), millis, 0.5, COUNTERS, 2048, rate);
    }

    @Test
    void ratesFollowFromTimeAndCounters() {
        Measurement m = measurement("0.1", 10, 0);
        assertEquals(40, m.gflops(), 1e-9);
        assertEquals(400, m.denseEquivalentGflops(), 1e-9);
        assertEquals(0.4, m.shareOfPeak(), 1e-9);
        assertEquals(2, m.gigabytes(), 1e-9);
        assertEquals(0.1, m.shareOfBandwidth(), 1e-9);
    }

    @Test
    void columnsThatAreAlikeAreNamedOnce() {
        ResultTable table = new ResultTable(List.of(measurement("0.1", 10, 0.03), measurement("0.01", 5, 490)));
        assertEquals("layer resnet18/conv1, format csr", table.common());
        List<String> lines = table.markdown().lines().toList();
        assertEquals("| benchmark | density | ms | ± | GFLOP/s | dense-eq. | % peak | GB/s | % DRAM | B/op |", lines.getFirst());
        assertEquals("| ConvolutionBenchmark.forward | 0.1 | 10.000 | 0.500 | 40.0 | 400.0 | 40.0 | 2.0 | 10 | 0 |", lines.get(2));
        assertTrue(lines.get(3).endsWith("| 2048 |"), lines.get(3));
        assertEquals(3, table.text().lines().count());
    }

    @Test
    void filesHoldEnvironmentAndFigures(@TempDir Path folder) throws Exception {
        Map<String, String> environment = ResultFiles.environment();
        Path page = ResultFiles.write(folder.resolve("results"), "x", environment, List.of(measurement("0.1", 10, 0).json()), "table");
        JsonObject json = (JsonObject) JsonReader.parse(Files.readString(folder.resolve("results").resolve("x.json")));
        assertEquals(environment.get("commit"), json.object("environment").string("commit"));
        assertEquals(0.4, ((JsonObject) json.array("results").getFirst()).number("shareOfPeak"), 1e-9);
        assertTrue(Files.readString(page).contains("* java: "));
        assertTrue(ResultFiles.name(environment).matches("\\d{8}-\\d{6}-\\w{1,7}"), ResultFiles.name(environment));
    }
}
