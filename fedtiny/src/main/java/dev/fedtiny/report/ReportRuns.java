package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.AccuracyWindow;
import java.util.List;
import java.util.Map;

/**
 * What a page is about.
 *
 * @param groups runs that differ by their seeds alone
 * @param profiles what {@code profile --json} printed, by the files' names
 * @param window over which accuracies are means: no wider than the longest run
 */
record ReportRuns(List<RunGroup> groups, Map<String, JsonObject> profiles, AccuracyWindow window) {
    ReportRuns {
        groups = List.copyOf(groups);
        window = window.within(groups.stream().flatMap(group -> group.runs().stream()).mapToLong(RunRecord::evaluatedRounds).max()
                .orElse(1));
    }

    /** The group that others are compared with: the first. */
    RunGroup reference() {
        return groups.getFirst();
    }

    /** What the words for accuracies leave out, where there are such runs. */
    String accuracyNote() {
        boolean some = groups.stream().flatMap(group -> group.counted().stream()).mapToLong(RunRecord::evaluatedRounds)
                .anyMatch(evaluated -> evaluated < window.rounds());
        boolean skipped = groups.stream().flatMap(group -> group.counted().stream())
                .anyMatch(run -> run.evaluatedRounds() < run.rounds().size());
        return (some ? " A run with fewer counts with all of them." : "") + (skipped ? " Only rounds that were evaluated count." : "");
    }

    /** {@return for texts, on which images accuracies and losses are} */
    String images() {
        List<String> images = groups.stream().flatMap(group -> group.runs().stream()).map(RunRecord::images).distinct().sorted().toList();
        return images.size() == 1 ? images.getFirst() : String.join(", of some runs ", images);
    }

    /** {@return for texts: {@code the mean of the last 5 rounds}} */
    String accuracyWords() {
        return (window.rounds() == 1 ? "that " : "the ") + window;
    }
}
