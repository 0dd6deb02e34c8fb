package dev.fedtiny.cli;

import dev.fedtiny.command.Failure;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.experiment.ClusterSweep;
import dev.fedtiny.experiment.Sweep;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.report.Units;

/** One view of all runs on a cluster: a line whenever one has come further, and how many are done, at work and waiting. */
final class ClusterLines implements ClusterSweep.Listener {
    private final int runs;
    private final Terminal terminal;
    private int begun;
    private int ended;
    private String left = "";

    ClusterLines(int runs, Terminal terminal) {
        this.runs = runs;
        this.terminal = terminal;
    }

    private void line(int number, Sweep.Run run, String text) {
        terminal.err().println("[" + number + "/" + runs + "] " + run.name() + " " + text);
    }

    private String view() {
        return "; " + ended + " of " + runs + " done, " + (begun - ended) + " at work, " + (runs - begun) + " waiting"
                + (ended < runs ? left : "");
    }

    @Override
    public void timeLeft(double seconds) {
        left = "; about " + Units.roughly(seconds) + " left";
    }

    @Override
    public void begins(int number, Sweep.Run run) {
        begun++;
        line(number, run, "..." + view());
    }

    @Override
    public void advanced(int number, Sweep.Run run, ClusterSweep.Advance advance) {
        advance.notes().forEach(note -> line(number, run, "warning: " + note));
        if (advance.rounds() < advance.of()) {
            line(number, run, "round " + advance.rounds() + "/" + advance.of()
                    + (Double.isNaN(advance.accuracy()) ? "" : ", accuracy " + Units.percent(advance.accuracy()))
                    + " (node '" + advance.node() + "')" + view());
        }
    }

    @Override
    public void ended(int number, Outcome outcome, boolean wasBegun) {
        begun += wasBegun ? 0 : 1;
        ended++;
        line(number, outcome.run(), switch (outcome) {
            case Outcome.Done done -> SweepTable.line(done.result()) + (done.before() ? " (done before)" : "");
            case Outcome.Failed failed -> "failed: " + Failure.of(failed.cause()).sentence();
            case Outcome.Elsewhere _ -> "is being run by another process: left to it";
            case Outcome.Open _ -> "is not done";
        } + view());
    }
}
