package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Baseline;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The running statistics of one attempt at a round, class by class of the devices that hold a part of the model, and the parts that follow.
 * Without classes it takes nothing and changes nothing. Not thread-safe.
 */
final class PartTally {
    private final FederationContext context;
    private final ModelParts before;
    /** One a class, none for the first: its statistics are the model's. */
    private final List<Optional<Aggregation.Average>> averages = new ArrayList<>();

    /** Nothing taken yet. */
    PartTally(FederationContext context, MethodState before) {
        this.context = context;
        this.before = before.parts();
        averages.add(Optional.empty());
        this.before.parts().forEach(part -> averages.add(Optional.of(
                context.aggregation().average(Baseline.of(context.plan().network(), part.statistics())))));
    }

    /** Takes an update that counts. */
    void take(int device, Update update) {
        averages.get(context.classOf(device)).ifPresent(average -> average.add(context.aggregation().weight(update.samples()),
                RunningStatistics.positions(context.plan().network()).stream().map(update.values()::get).toList()));
    }

    /**
     * The parts after the round.
     *
     * @param model after the round
     * @param changed whether its masks did: then parts follow them
     */
    ModelParts after(ModelState model, boolean changed) {
        List<RunningStatistics> statistics = new ArrayList<>(List.of(RunningStatistics.of(model)));
        for (int place = 1; place < averages.size(); place++) {
            Aggregation.Average average = averages.get(place).orElseThrow();
            statistics.add(average.weights() > 0 ? new RunningStatistics(average.values())
                    : before.parts().get(place - 1).statistics());
        }
        return changed ? before.adjusted(model, context.plan().local().classes(), statistics)
                : before.with(statistics);
    }
}
