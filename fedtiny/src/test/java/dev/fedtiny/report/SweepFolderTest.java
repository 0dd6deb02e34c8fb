package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.experiment.SyntheticRuns;
import dev.fedtiny.experiment.SyntheticRuns.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report may be given what a sweep wrote, and is about all runs in it. */
class SweepFolderTest {
    @TempDir
    private Path folder;

    @Test
    void isAllItsRunsByNameWithTheirBaselines(@TempDir Path tables) throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder, 4, 4);
        Path first = runs.write("fedtiny", 7, 0.5, End.DONE);
        Path second = runs.write("snip", 7, 0.4, End.DONE);
        new SyntheticRuns(second, 4, 4).write("fedavg", 7, 0.6, End.DONE);
        Files.writeString(folder.resolve("log.txt"), "of the sweep");
        Files.createDirectory(folder.resolve("empty"));
        RunReport report = RunReport.read(List.of(folder), List.of());
        assertEquals(3, report.runs());
        report.csv(tables);
        String whole = Files.readString(tables.resolve("rounds.csv"));
        RunReport.read(List.of(first, second), List.of()).csv(tables);
        assertEquals(Files.readString(tables.resolve("rounds.csv")), whole);
    }

    @Test
    void withoutRunsItIsRefused() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        String message = assertThrows(DataException.class, () -> RunReport.read(List.of(empty), List.of())).getMessage();
        assertTrue(message.contains("'" + empty + "' holds no run, nor is it a folder of runs"), message);
    }
}
