package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** Rounds that were thrown away, runs that ended early, have not ended or are there twice: whoever reads the figures must know. */
final class UnfinishedSection implements Section {
    private static final int NAMED_ROUNDS = 8;

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        Markup rows = new Markup();
        for (RunGroup g : runs.groups()) {
            for (RunRecord run : g.runs()) {
                List<JsonObject> back = run.rounds().stream().filter(round -> JsonMembers.object(round, "wentBack").isPresent()).toList();
                if (!back.isEmpty()) {
                    rows.format("<tr><td>%s<td>%s<td>%d<td class=\"word\">went back to the model before in rounds %s<td class=\"word\">%s"
                            + "</tr>", g.name(), run.seed(), back.size(), places(back),
                            JsonMembers.object(back.getFirst(), "wentBack").orElseThrow().string("reason"));
                }
                run.divergence().ifPresent(end -> rows.format("<tr><td>%s<td>%s<td>1<td class=\"word\"><b>diverged: the run ended in "
                        + "round %.0f</b><td class=\"word\">%s</tr>", g.name(), run.seed(), JsonMembers.number(end, "round"),
                        end.string("reason")));
                if (g.repeats(run)) {
                    rows.format("<tr><td>%s<td>%s<td>1<td class=\"word\"><b>the same run as another, seed included</b><td class=\"word\">"
                            + "in %s</tr>", g.name(), run.seed(), run.directory().toString());
                }
                if (run.state() == RunState.UNFINISHED) {
                    rows.format("<tr><td>%s<td>%s<td>1<td class=\"word\"><b>unfinished: %d of %s rounds</b><td class=\"word\">%s</tr>",
                            g.name(), run.seed(), run.rounds().size(), run.configuration().getOrDefault("rounds", "?"),
                            "in " + run.directory());
                }
            }
        }
        if (!rows.toString().isEmpty()) {
            page.raw("<h2>Runs that went back, diverged, are unfinished or repeat a seed</h2><p class=\"soft\">Those that diverged or "
                    + "are unfinished are in no mean; of runs with the same seed and settings, but for those that change no result, the "
                    + "first is. After a round that was thrown away a run has the model, and figures, of the last good one.</p>");
            Tables.open(page, 5);
            page.raw("<tr><th>run<th>seed<th>times<th class=\"word\">what happened<th class=\"word\">reason</tr>").raw(rows.toString());
            Tables.close(page);
        }
        return Optional.empty();
    }

    private static String places(List<JsonObject> rounds) {
        List<String> numbers = rounds.stream().limit(NAMED_ROUNDS)
                .map(round -> Units.fixed(JsonMembers.number(round, "round"), 0)).toList();
        return String.join(", ", numbers) + (rounds.size() > NAMED_ROUNDS ? " and " + (rounds.size() - NAMED_ROUNDS) + " more" : "");
    }
}
