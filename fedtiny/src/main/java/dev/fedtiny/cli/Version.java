package dev.fedtiny.cli;

import dev.fedtiny.experiment.BuildInfo;

/** What this program calls itself. */
final class Version {
    private Version() {
    }

    static String text() {
        return BuildInfo.get().version();
    }
}
