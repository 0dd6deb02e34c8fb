package dev.fedtiny.cli;

import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.method.Reliability;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says that a round was skipped for want of reporters, and by which settings of its run that is less likely.
 *
 * @param experiment the run's
 */
record SkippedRound(Experiment experiment) {
    /** The sentence; empty where the round was not skipped. Under noise nobody may know whether anybody reported: every round counts. */
    Optional<String> sentence(RoundReport report) {
        if (!report.reporters().isEmpty() || experiment.get(Setting.DP_NOISE) > 0) {
            return Optional.empty();
        }
        int attempts = report.effort().attempts();
        return Optional.of("round " + report.number() + " was skipped" + (attempts > 1 ? " after " + attempts + " attempts" : "")
                + ": fewer devices reported than " + given(Setting.MIN_REPORTERS) + "; what can help: "
                + String.join(", ", remedies(report)));
    }

    private List<String> remedies(RoundReport report) {
        List<String> remedies = new ArrayList<>();
        if (experiment.get(Setting.ON_TOO_FEW) == Reliability.TooFew.SKIP) {
            remedies.add(Setting.ON_TOO_FEW.key() + " = repeat");
        } else {
            remedies.add("more than " + given(Setting.MAX_REPEATS));
        }
        if (!report.effort().inVain().isEmpty()) {
            remedies.add("less than " + given(Setting.MIN_REPORTERS));
        }
        int sample = experiment.get(Setting.SAMPLE);
        if (sample > 0 && sample * experiment.get(Setting.OVER_SELECT) < experiment.get(Setting.DEVICES)) {
            remedies.add("more than " + given(Setting.OVER_SELECT));
        }
        if (failed(report, Cause.LATE) && experiment.get(Setting.DEADLINE) > 0) {
            remedies.add("more than " + given(Setting.DEADLINE));
        }
        if (failed(report, Cause.UNSUMMED)) {
            remedies.add("less than " + given(Setting.SECURE_THRESHOLD));
        }
        if (failed(report, Cause.OUTLIER)) {
            remedies.add("more than " + given(Setting.UPDATE_BOUND));
        }
        return remedies;
    }

    private static boolean failed(RoundReport report, Cause cause) {
        return report.failures().stream().anyMatch(failure -> failure.cause() == cause);
    }

    private String given(SettingSpec<?> setting) {
        return setting.key() + " = " + experiment.text(setting);
    }
}
