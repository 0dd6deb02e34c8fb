package dev.fedtiny.federation;

import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.Expectation;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Statistics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** Measurements come one by one and are compared with each other. */
final class OpenStageOne implements StageOne {
    private final Codec codec;
    private final Fleet fleet;
    private final Robustness robustness;
    private final SampleCounts counts;
    private final RoundLog log;

    OpenStageOne(Codec codec, Fleet fleet, Robustness robustness, SampleCounts counts, RoundLog log) {
        this.codec = codec;
        this.fleet = fleet;
        this.robustness = robustness;
        this.counts = counts;
        this.log = log;
    }

    private Exchange exchange(int round, Optional<Duration> within, int classes) {
        return new Exchange(codec, fleet, round, Closing.ofAll(within), Deadline.NONE, classes);
    }

    /** What devices of one class measured. */
    private final class Measurements {
        private final RunningStatistics before;
        private final List<Aggregation.Average> averages;

        Measurements(CandidatePoolMessage message) {
            before = RunningStatistics.of(message.union());
            averages = Stream.generate(() -> robustness.aggregation().average(Baseline.of(codec.network(), before)))
                    .limit(message.counts().size()).toList();
        }

        void take(Statistics statistics) {
            int weight = robustness.aggregation().weight(statistics.samples());
            for (int c = 0; c < averages.size(); c++) {
                averages.get(c).add(weight, statistics.candidates().get(c).values());
            }
        }

        /** As they came where no device of the class measured. */
        List<RunningStatistics> aggregated() {
            return averages.stream().map(average -> average.weights() == 0 ? before : new RunningStatistics(average.values())).toList();
        }
    }

    @Override
    public Recalibrated recalibrate(Requests<CandidatePoolMessage> messages, int round, List<Integer> devices, RoundLog.Key key,
            Optional<Duration> within) {
        List<Measurements> classes = messages.byClass().stream().map(Measurements::new).toList();
        int candidates = messages.byClass().getFirst().counts().size();
        IntFunction<Expectation> expected = device -> new Statistics.Expected(candidates, counts.range(device));
        IntFunction<Measurements> ofClass = device -> classes.get(messages.classOf().applyAsInt(device));
        Exchange exchange = exchange(round, within, classes.size());
        try (OutlierGate<Statistics> gate = new OutlierGate<>(robustness.updateBound(),
                (device, statistics) -> PartNorms.of(codec.network(), ofClass.apply(device).before, statistics),
                (device, frame) -> (Statistics) codec.decodeAnswer(frame, round, device, expected.apply(device)),
                statistics -> statistics.candidates().stream()
                        .allMatch(candidate -> robustness.aggregation().takes(statistics.samples(), candidate.values())),
                (device, statistics) -> ofClass.apply(device).take(statistics))) {
            exchange.run(devices, messages::of, expected, (device, answer, frame) -> gate.take(device, (Statistics) answer, frame));
            log.closed(key, exchange.reporters());
            exchange.refuse(gate.finish());
        }
        return new Recalibrated(classes.stream().map(Measurements::aggregated).toList(), exchange.reporters(), exchange.failures());
    }

    @Override
    public Evaluated evaluate(Requests<? extends ServerMessage> requests, List<CandidatePoolMessage> given, int candidates,
            List<Integer> devices, RoundLog.Key key, Optional<Duration> within) {
        TreeMap<Integer, Evaluation> evaluations = new TreeMap<>();
        Exchange exchange = exchange(Frame.NO_ROUND, within, requests.byClass().size());
        exchange.run(devices, requests::of,
                device -> given.isEmpty() ? Optional.empty() : Optional.of(given.get(requests.classOf().applyAsInt(device))),
                device -> new Evaluation.Expected(candidates, counts.range(device)),
                (device, answer, _) -> evaluations.put(device, (Evaluation) answer));
        log.closed(key, exchange.reporters());
        return new Evaluated(List.copyOf(evaluations.values()), exchange.reporters(), exchange.failures());
    }
}
