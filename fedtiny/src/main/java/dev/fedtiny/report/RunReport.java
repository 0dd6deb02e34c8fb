package dev.fedtiny.report;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.experiment.AccuracyWindow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What runs have to tell, to be written as a page, as tables, or for TensorBoard. Immutable. */
public final class RunReport {
    private final ReportRuns runs;

    private RunReport(ReportRuns runs) {
        this.runs = runs;
    }

    /**
     * Reads runs.
     *
     * @param directories run directories, a baseline nested in one of them is taken along; or folders of runs, as sweeps write them
     * @param profiles files of what {@code profile --json} printed, shown beside the runs
     * @return what they tell; accuracies are means over the window that the first run's settings say
     * @throws DataException if a directory holds no run or a damaged one
     * @throws IOException if a file cannot be read
     */
    public static RunReport read(List<Path> directories, List<Path> profiles) throws IOException {
        List<RunRecord> records = new ArrayList<>();
        for (Path directory : directories) {
            List<Path> inside = RunReader.runsIn(directory);
            if (RunReader.isRun(directory) || inside.isEmpty()) {
                records.add(RunReader.read(directory));
            }
            for (Path run : inside) {
                records.add(RunReader.read(run));
                for (Path baseline : RunReader.runsIn(run)) {
                    records.add(RunReader.read(baseline));
                }
            }
        }
        if (records.isEmpty()) {
            throw new DataException("no run directory was given");
        }
        Map<String, JsonObject> profiled = new LinkedHashMap<>();
        for (Path profile : profiles) {
            profiled.put(String.valueOf(profile.getFileName()), RunReader.profile(profile));
        }
        return new RunReport(new ReportRuns(RunGroup.of(records), profiled, records.getFirst().window()));
    }

    /**
     * The same with accuracies over another window.
     *
     * @param window so many rounds at the end
     * @return another report of the same runs
     */
    public RunReport over(AccuracyWindow window) {
        return new RunReport(new ReportRuns(runs.groups(), runs.profiles(), window));
    }

    /**
     * The same with another group at the front, with which the others are compared.
     *
     * @param name of a group as the page has it, or of a method that has one group
     * @return another report of the same runs
     * @throws IllegalArgumentException if there is no such group, or more than one; names those that there are
     */
    public RunReport against(String name) {
        List<RunGroup> named = runs.groups().stream().filter(group -> group.name().equals(name)).toList();
        List<RunGroup> found = named.isEmpty() ? runs.groups().stream().filter(group -> group.first().method().equals(name)).toList()
                : named;
        if (found.size() != 1) {
            throw new IllegalArgumentException((found.isEmpty() ? "no group is called '" : found.size() + " groups are of '") + name
                    + "', expected one of: " + String.join("; ", (found.isEmpty() ? runs.groups() : found).stream().map(RunGroup::name)
                    .toList()));
        }
        List<RunGroup> reordered = new ArrayList<>(found);
        runs.groups().stream().filter(group -> group != found.getFirst()).forEach(reordered::add);
        return new RunReport(new ReportRuns(reordered, runs.profiles(), runs.window()));
    }

    /** {@return how many runs it is about} */
    public int runs() {
        return runs.groups().stream().mapToInt(group -> group.runs().size()).sum();
    }

    /**
     * Writes the page; under its name only when it is complete.
     *
     * @param file where the page goes; its folder must exist
     * @throws IOException if it cannot be written
     */
    public void html(Path file) throws IOException {
        AtomicFile.write(file, HtmlReport.of(runs));
    }

    /**
     * Writes tidy tables, which docs/metrics.md describes: {@code runs.csv}, {@code rounds.csv} and others.
     *
     * @param folder made if it is not there; tables of an earlier report are replaced
     * @throws IOException if one cannot be written
     */
    public void csv(Path folder) throws IOException {
        CsvTables.write(runs, folder);
    }

    /**
     * Writes event files for TensorBoard, a folder a run.
     *
     * @param folder made if it is not there; what {@code tensorboard --logdir} is given
     * @throws IOException if one cannot be written
     */
    public void tensorBoard(Path folder) throws IOException {
        TensorBoardEvents.write(runs, folder);
    }
}
