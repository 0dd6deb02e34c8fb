package dev.fedtiny.report;

/** How far a run came. Only those that are done are in means. */
enum RunState {
    /** All its rounds, or as many as it wanted. */
    DONE("done"),
    /** It ended early because its model was spoilt. */
    DIVERGED("diverged"),
    /** It was stopped, or goes on somewhere. */
    UNFINISHED("unfinished");

    private final String word;

    RunState(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
