package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sections and tables about classes of devices, the devices' own models, their privacy, and what they say of their turns. */
class DeviceReportTest {
    @TempDir
    private Path folder;

    private Path run;
    private String html;

    private static String line(String... members) {
        return "{" + String.join(",", members).replace('\'', '"') + "}";
    }

    private static String classes(double large, double small) {
        return "'deviceClasses':[{'name':'large','density':0.2,'kept':200,'accuracy':" + large + ",'loss':1.5,'devices':2,'reporters':2,"
                + "'samples':80,'flops':4000,'maxDeviceFlops':2500,'bytesDown':1000000,'bytesUp':500000},"
                + "{'name':'small','density':0.05,'kept':50,'accuracy':" + small + ",'loss':2,'devices':1,'reporters':1,'samples':40,"
                + "'flops':700,'maxDeviceFlops':700,'bytesDown':300000,'bytesUp':200000}]";
    }

    @BeforeEach
    void writes() throws IOException {
        run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve("manifest.json"),
                line("'configuration':{'method':'fedtiny','seed':'1','rounds':'2','accuracy-rounds':'1'}", "'seed':1", "'machine':{}"));
        List<String> lines = new ArrayList<>();
        lines.add(line("'event':'init'", "'format':'fedtiny-metrics-2'", "'accuracy':0.1",
                "'privacy':{'epsilon':0,'delta':0.00001,'releases':0}"));
        for (int round = 1; round <= 2; round++) {
            lines.add(line("'event':'round'", "'round':" + round, "'accuracy':" + 0.2 * round, classes(0.2 * round, 0.15 * round),
                    "'privacy':{'epsilon':" + 1.5 * round + ",'delta':0.00001,'releases':" + round + "}",
                    "'byDevice':{'device':[0,1,2],'samples':[40,40,40],'loss':[2,2,2],'flops':[2500,1500,700],'bytesDown':[500000,500000,"
                            + "300000],'bytesUp':[250000,250000,200000],'seconds':[0.5,0.25,0.125]}",
                    "'costs':{'flops':5000,'bytesDown':1300000,'bytesUp':700000,'seconds':3}"));
        }
        lines.add(line("'event':'recalibrated'", "'accuracy':0.5", classes(0.5, 0.35), "'costs':{'flops':0}"));
        lines.add(line("'event':'personal'", "'round':2", "'accuracy':0.45", "'sharedAccuracy':0.4", "'device':[0,1,2]",
                "'accuracies':[0.5,0.5,0.35]", "'sharedAccuracies':[0.4,0.5,0.3]",
                "'deviceClasses':[{'name':'large','devices':2,'accuracy':0.5,'sharedAccuracy':0.45},"
                        + "{'name':'small','devices':1,'accuracy':0.35,'sharedAccuracy':0.3}]"));
        Files.write(run.resolve("metrics.jsonl"), lines);
        Path federation = Files.createDirectory(run.resolve("federation"));
        Files.writeString(federation.resolve("costs.jsonl"), line("'number':1",
                "'cost':'nanos=1500000000 down=700000 up=300000 heap=20971520'")
                + "\n" + line("'number':1", "'cost':'nanos=500000000 down=300000 up=200000 heap=31457280'") + "\n");
        Path page = folder.resolve("page.html");
        RunReport.read(List.of(run), List.of()).html(page);
        html = Files.readString(page);
    }

    private String section(String heading) {
        int from = html.indexOf("<h2>" + heading);
        assertTrue(from > 0, heading + " is missing");
        int to = html.indexOf("<h2>", from + 4);
        return html.substring(from, to < 0 ? html.length() : to);
    }

    @Test
    void classesOfDevicesHaveTheirAccuraciesAndCosts() {
        String classes = section("Classes of devices");
        assertTrue(classes.contains("<td class=\"word\">large<td>0.2<td>2<td>40.00 %<td>50.00 %<td>50.00 %<td>8.000e+03<td>2.500e+03"
                + "<td>2.00 MB<td>1.00 MB</tr>"), classes);
        assertTrue(classes.contains("<td class=\"word\">small<td>0.05<td>1<td>30.00 %<td>35.00 %<td>35.00 %<td>1.400e+03<td>7.000e+02"),
                classes);
        assertTrue(classes.contains(">round</text>") && classes.contains(">small</text>") && classes.contains("top-1 accuracy"), classes);
    }

    @Test
    void ownModelsStandBesideShared() {
        String own = section("The devices' own models");
        assertTrue(own.contains("<tr><td>fedtiny<td>3<td>45.00 %<td>40.00 %<td>+5.00<td>2 of 3</tr>"), own);
        assertTrue(own.contains("device 2") && own.contains(">35.00 %</text>"), own);
    }

    @Test
    void whatPrivacyCostIsAColumnAndACurve() {
        String comparison = section("Comparison");
        assertTrue(comparison.contains("<th>ε</tr>") && comparison.contains("<td>3.00</tr>") && comparison.contains("at δ = 1e-5"),
                comparison);
        assertTrue(section("Other figures by round").contains("What differential privacy of devices has cost so far"));
    }

    @Test
    void countedAndMeasuredCostsOfTurnsStandBesideEachOther() {
        String devices = section("By device");
        assertTrue(devices.contains("<tr><td>1<td>2<td>2.0<td>3.000e+03<td>1.00 MB<td>1.00 MB<td>0.50 MB<td>0.50 MB<td>30.0 MiB</tr>"),
                devices);
        // All devices together have 4,700 of 5,000 FLOPs a round.
        assertTrue(devices.contains("<tr><td>server<td>2 rounds<td>6.0<td>6.000e+02<td>–<td>1.40 MB<td>–<td>2.60 MB<td>–</tr>"), devices);
        assertTrue(devices.contains("warm-up"), "seconds say what is in them");
    }

    @Test
    void tablesHoldAllOfIt() throws IOException {
        Path tables = folder.resolve("tables");
        RunReport.read(List.of(run), List.of()).csv(tables);
        List<String> classes = Files.readAllLines(tables.resolve("device_classes.csv"));
        assertEquals(1 + 2 * 2, classes.size());
        assertEquals(run + ",2,small,0.05,50,0.3,2,1,1,40,700,700,300000,200000", classes.getLast());
        assertEquals(List.of("run,device,accuracy,shared_accuracy", run + ",0,0.5,0.4", run + ",1,0.5,0.5", run + ",2,0.35,0.3"),
                Files.readAllLines(tables.resolve("personal.csv")));
        assertEquals(List.of("run,device,turns,seconds,bytes_down,bytes_up,heap_bytes", run + ",1,2,2,1000000,500000,31457280"),
                Files.readAllLines(tables.resolve("turns.csv")));
        String[] head = Files.readAllLines(tables.resolve("runs.csv")).getFirst().split(",");
        String[] cells = Files.readAllLines(tables.resolve("runs.csv")).getLast().split(",", -1);
        assertEquals("3", cells[List.of(head).indexOf("epsilon")]);
        assertEquals("1.0E-5", cells[List.of(head).indexOf("delta")]);
        assertTrue(Files.readAllLines(tables.resolve("rounds.csv")).getFirst().contains(",epsilon,"));
    }

    /** In a secure sum a device takes part, and says nothing of itself. */
    @Test
    void roundsOfSecureSumsCountWithoutSecondsAndLosses() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(line("'event':'init'", "'format':'fedtiny-metrics-2'", "'accuracy':0.1"));
        for (int round = 1; round <= 2; round++) {
            lines.add(line("'event':'round'", "'round':" + round, "'accuracy':0.2", "'reporters':[0" + (round == 2 ? ",1]" : "]"),
                    "'byDevice':{'device':[0,1],'samples':[0,0],'loss':[null,null],'flops':[2500,1500],'bytesDown':[500000,500000],"
                            + "'bytesUp':[250000,250000],'seconds':[null,null]}", "'costs':{'flops':5000}"));
        }
        Files.write(run.resolve("metrics.jsonl"), lines);
        Path page = folder.resolve("secure.html");
        RunReport.read(List.of(run), List.of()).html(page);
        html = Files.readString(page);
        String devices = section("By device");
        assertTrue(devices.contains("<tr><th>device<th>rounds<th>FLOPs<th>received<th>sent</tr><tr><td>0<td>2<td>5.000e+03<td>1.00 MB"
                + "<td>0.50 MB</tr><tr><td>1<td>1<td>3.000e+03"), devices);
    }

    @Test
    void runsWithoutAnyOfItHaveNoneOfTheSections() throws IOException {
        Files.write(run.resolve("metrics.jsonl"), List.of(line("'event':'init'", "'format':'fedtiny-metrics-2'", "'accuracy':0.1"),
                line("'event':'round'", "'round':1", "'accuracy':0.2", "'costs':{'flops':5000}")));
        Path page = folder.resolve("plain.html");
        RunReport.read(List.of(run), List.of()).html(page);
        String plain = Files.readString(page);
        assertFalse(plain.contains("Classes of devices") || plain.contains("own models") || plain.contains("ε"), plain);
    }
}
