package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.PassKind;

/** A {@link Team.GroupTask} that knows its range and its kinds of work from when it is made. */
abstract class RangeTask implements Team.GroupTask {
    private final int extent;
    private final PassKind[] kinds;

    RangeTask(int extent, PassKind... kinds) {
        this.extent = extent;
        this.kinds = kinds;
    }

    @Override
    public final int extent() {
        return extent;
    }

    @Override
    public final PassKind[] kinds() {
        return kinds;
    }
}
