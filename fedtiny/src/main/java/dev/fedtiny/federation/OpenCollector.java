package dev.fedtiny.federation;

import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.Expectation;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Update;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;

/** Updates come one by one, are compared with each other and handed over in any order. */
final class OpenCollector implements UpdateCollector {
    private final Codec codec;
    private final Fleet fleet;
    private final Robustness robustness;
    private final SampleCounts counts;
    private final RoundLog log;
    private final ObjIntConsumer<Integer> stated;

    /**
     * A collector.
     *
     * @param stated is told how many samples a device states
     */
    OpenCollector(Codec codec, Fleet fleet, Robustness robustness, SampleCounts counts, RoundLog log, ObjIntConsumer<Integer> stated) {
        this.codec = codec;
        this.fleet = fleet;
        this.robustness = robustness;
        this.counts = counts;
        this.log = log;
        this.stated = stated;
    }

    @Override
    public Collected collect(Asked asked, Server.UpdateTaker taker) {
        Server.Task task = asked.task();
        Exchange exchange = new Exchange(codec, fleet, task.round(), asked.closing(), asked.deadline(), task.different());
        IntFunction<Expectation> expected = device -> {
            Server.Assignment assignment = asked.assignments().apply(device);
            return new Update.Expected(new CachedMasks(asked.maskVersion(), assignment.model().masks()), task.epochs(), task.batch(),
                    counts.range(device), assignment.task());
        };
        try (OutlierGate<Update> gate = new OutlierGate<>(robustness.updateBound(),
                (device, update) -> PartNorms.of(asked.assignments().apply(device), update),
                (device, frame) -> (Update) codec.decodeAnswer(frame, task.round(), device, expected.apply(device)),
                update -> robustness.aggregation().takes(update.samples(), update.values())
                        && robustness.aggregation().takes(update.samples(), update.result().averaged()), taker::take)) {
            exchange.run(asked.devices(), asked.messages()::apply, asked.recalled(), expected, (device, answer, frame) -> {
                Update update = (Update) answer;
                stated.accept(device, update.samples());
                gate.take(device, update, frame);
            });
            log.closed(new RoundLog.Key(MessageKind.TRAIN, task.round(), task.attempt()), exchange.reporters());
            exchange.refuse(gate.finish());
        }
        return new Collected(exchange.reporters(), exchange.failures());
    }
}
