package dev.fedtiny.report;

import dev.fedtiny.experiment.metrics.RoundFigure;
import dev.fedtiny.report.RunRecord.Cost;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Accuracy by round and by cost, and every other figure of rounds that is to be drawn. */
final class CurveSection implements Section {
    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        Curves.Scale accuracy = new Curves.Scale("top-1 accuracy on " + runs.images(), Axis.Scale.LINEAR, RunRecord::accuracies,
                value -> Units.axis(100 * value) + " %");
        page.raw("<h2>Accuracy by round and by cost</h2><div class=\"grid2\">");
        boolean drawn = new Curves("Accuracy by round", Curves.rounds(), accuracy).write(runs, page);
        drawn |= new Curves("Accuracy by counted work", new Curves.Scale("FLOPs, all devices and the server", Axis.Scale.LOGARITHMIC,
                run -> run.spent(Cost.FLOPS), Units::axis), accuracy).write(runs, page);
        drawn |= new Curves("Accuracy by communication", new Curves.Scale("MB sent, both ways", Axis.Scale.LOGARITHMIC,
                run -> Arrays.stream(run.sent()).map(bytes -> bytes / 1e6).toArray(), Units::axis), accuracy).write(runs, page);
        drawn |= new Curves("Accuracy by measured time", new Curves.Scale("seconds of wall time", Axis.Scale.LOGARITHMIC,
                run -> run.spent(Cost.SECONDS), Units::axis), accuracy).write(runs, page);
        page.raw("</div>");
        figures(runs, page);
        return drawn ? Optional.empty() : Optional.of("Accuracy: no run has finished its start.");
    }

    private static void figures(ReportRuns runs, Markup page) {
        List<RoundFigure> drawn = RoundFigure.ALL.stream().filter(figure -> figure.curve() == RoundFigure.Curve.DRAWN).toList();
        page.raw("<h2>Other figures by round</h2><div class=\"grid2\">");
        for (RoundFigure figure : drawn) {
            String title = figure.key().replace('_', ' ') + (figure.unit().isEmpty() ? "" : ", " + figure.unit());
            new Curves(Character.toUpperCase(figure.meaning().charAt(0)) + figure.meaning().substring(1), Curves.rounds(),
                    new Curves.Scale(title, Axis.Scale.LINEAR, run -> run.curve(figure), Units::axis)).write(runs, page);
        }
        page.raw("</div>");
    }
}
