package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.tensor.Layout;

/** What the stages of a session share: its mode, scratch and threads, and the images of the current pass. */
final class Pass {
    final Mode mode;
    /** Groups of a full batch. */
    final int capacityGroups;
    final Workspace workspace;
    final Team team;
    /** What weight gradients see of activations; null: all. */
    ActivationThinning thinning;
    private int count;
    private int groups;
    /** Seed and number of the pass: what dropout masks depend on. */
    long dropoutSeed;
    long number;

    Pass(Mode mode, int batch, Team team) {
        this.mode = mode;
        this.team = team;
        capacityGroups = Layout.IMAGES.groups(batch);
        workspace = new Workspace(team.workers.count(), capacityGroups);
    }

    void begin(int images) {
        count = images;
        groups = Layout.IMAGES.groups(images);
        number++;
    }

    /** Images of the pass. */
    int count() {
        return count;
    }

    /** Image groups of the pass. */
    int groups() {
        return groups;
    }

    /** Lanes of a group that hold images. */
    int lanes(int group) {
        return Layout.IMAGES.validLanes(group, count);
    }

    int threads() {
        return team.workers.count();
    }
}
