package dev.fedtiny.federation;

import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Train;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** How the updates of a round come from devices to whoever puts them together: one by one, or as a sum of which nobody sees the parts. */
interface UpdateCollector {
    /**
     * What is asked.
     *
     * @param task round, attempt and work
     * @param devices who is asked, of those that can be
     * @param assignments for every device asked
     * @param messages the same object for all that are asked the same
     * @param recalled what a device that is made anew must hold before its message; empty: nothing
     * @param maskVersion of the masks in them
     * @param closing when it is over
     * @param deadline calls answers late
     */
    record Asked(Server.Task task, List<Integer> devices, IntFunction<Server.Assignment> assignments, IntFunction<Train> messages,
            IntFunction<Optional<ServerMessage>> recalled, int maskVersion, Closing closing, Deadline deadline) {
    }

    /**
     * What came of it.
     *
     * @param reporters whose updates were taken, ascending
     * @param failures of those that were asked
     */
    record Collected(List<Integer> reporters, List<DeviceFailure> failures) {
    }

    /**
     * Asks devices and hands over what comes back. Who was heard is safe before what they said is handed over last.
     *
     * @param taker takes single updates, or their sum
     */
    Collected collect(Asked asked, Server.UpdateTaker taker);
}
