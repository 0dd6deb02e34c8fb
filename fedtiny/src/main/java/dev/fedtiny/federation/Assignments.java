package dev.fedtiny.federation;

import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.Restore;
import dev.fedtiny.protocol.Train;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** Makes the messages of a round, one object for all devices that get the same assignment. Thread-safe. */
final class Assignments {
    private final Server.Task task;
    private final IntFunction<Server.Assignment> assignments;
    private final int maskVersion;
    /** The last ones asked for, the latest last. */
    private final List<Messages> made = new ArrayList<>();

    /** What is said to devices of one assignment. */
    private record Messages(Server.Assignment assignment, Train withMasks, Train withoutMasks, Restore restore) {
    }

    Assignments(Server.Task task, IntFunction<Server.Assignment> assignments, int maskVersion) {
        this.task = task;
        this.assignments = assignments;
        this.maskVersion = maskVersion;
    }

    Restore restore(int device) {
        return messages(assignments.apply(device)).restore();
    }

    Train train(int device, boolean holds) {
        Messages messages = messages(assignments.apply(device));
        return holds ? messages.withoutMasks() : messages.withMasks();
    }

    private synchronized Messages messages(Server.Assignment assignment) {
        for (Messages messages : made) {
            if (messages.assignment() == assignment) {
                return messages;
            }
        }
        if (made.size() == task.different()) {
            made.removeFirst();
        }
        made.add(new Messages(assignment, message(assignment, Optional.of(assignment.model().masks()),
                assignment.task().forFreshDevice(assignment.held())),
                message(assignment, Optional.empty(), assignment.task()), assignment.restore(maskVersion)));
        return made.getLast();
    }

    private Train message(Server.Assignment assignment, Optional<List<Mask>> masks, LocalTask what) {
        return new Train(maskVersion, masks, assignment.model().allValues(), task.epochs(), task.batch(), task.learningRate(), what);
    }
}
