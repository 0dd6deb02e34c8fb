package dev.fedtiny.federation;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.OpenedSum;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.SumRefusedException;
import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.MaskedWork;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.ServerMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Measurements come as masked sums: statistics weighed by samples, losses and right answers of all devices together. */
final class SecureStageOne implements StageOne {
    private final Codec codec;
    private final Fleet fleet;
    private final SecureAggregation rules;
    private final SampleCounts counts;
    private final RoundLog log;

    SecureStageOne(Codec codec, Fleet fleet, SecureAggregation rules, SampleCounts counts, RoundLog log) {
        this.codec = codec;
        this.fleet = fleet;
        this.rules = rules;
        this.counts = counts;
        this.log = log;
    }

    private SecureSum.Outcome sum(MaskedWork work, int round, List<Integer> devices, RoundLog.Key key, Optional<Duration> within,
            SecureSum.Check check) {
        SecureSum.Outcome outcome = new SecureSum(codec, fleet, rules, round).run(devices, _ -> work, List.of(),
                Closing.ofAll(within), Deadline.NONE, check);
        log.closed(key, outcome.devices());
        return outcome;
    }

    private static <M extends ServerMessage> M one(Requests<M> requests) {
        if (requests.byClass().size() > 1) {
            throw new IllegalArgumentException("secure sums are of one model that all devices hold, but there are "
                    + requests.byClass().size() + " classes of devices; use device-classes = none, or secure-aggregation = off");
        }
        return requests.byClass().getFirst();
    }

    private long least(List<Integer> devices) {
        return devices.stream().mapToLong(device -> counts.range(device).split().size(counts.range(device).least())).sum();
    }

    private long most(List<Integer> devices) {
        return devices.stream().mapToLong(device -> counts.range(device).split().size(counts.range(device).most())).sum();
    }

    @Override
    public Recalibrated recalibrate(Requests<CandidatePoolMessage> messages, int round, List<Integer> devices, RoundLog.Key key,
            Optional<Duration> within) {
        CandidatePoolMessage message = one(messages);
        Network network = codec.network();
        List<Parameter> kinds = RunningStatistics.positions(network).stream().map(p -> network.parameters().get(p)).toList();
        List<Integer> lengths = new ArrayList<>();
        message.counts().forEach(_ -> kinds.forEach(parameter -> lengths.add(parameter.size())));
        SecureSum.Outcome outcome = sum(message, round, devices, key, within, (opened, came) -> {
            opened.whole(0, least(came), most(came));
            checkVariances(opened, kinds);
        });
        List<RunningStatistics> statistics = new ArrayList<>();
        if (outcome.sum().isPresent()) {
            OpenedSum opened = outcome.sum().get();
            List<float[]> means = ExactAverage.of(opened, 1, lengths, outcome.devices().size(), Math.max(1, (long) opened.value(0)))
                    .values();
            for (int c = 0; c < message.counts().size(); c++) {
                statistics.add(new RunningStatistics(means.subList(c * kinds.size(), (c + 1) * kinds.size())));
            }
        }
        return new Recalibrated(List.of(statistics), outcome.devices(), outcome.failures());
    }

    private static void checkVariances(OpenedSum opened, List<Parameter> kinds) {
        for (int word = 1; word < opened.low().length;) {
            for (Parameter parameter : kinds) {
                for (int i = 0; i < parameter.size(); i++, word++) {
                    if (parameter.kind() == Parameter.Kind.RUNNING_VARIANCE && opened.value(word) < 0) {
                        throw new SumRefusedException("'" + parameter.name() + "' of a candidate adds up to " + opened.value(word)
                                + ", expected at least 0");
                    }
                }
            }
        }
    }

    @Override
    public Evaluated evaluate(Requests<? extends ServerMessage> requests, List<CandidatePoolMessage> given, int candidates,
            List<Integer> devices, RoundLog.Key key, Optional<Duration> within) {
        SecureSum.Outcome outcome = sum((MaskedWork) one(requests), Frame.NO_ROUND, devices, key, within, (opened, came) -> {
            long samples = opened.whole(0, least(came), most(came));
            for (Evaluation.Score score : Evaluation.of(opened, Math.toIntExact(samples)).scores()) {
                if (!(score.lossSum() >= 0 && score.lossSum() <= Evaluation.FAILED_LOSS * samples && score.squareSum() >= 0)) {
                    throw new SumRefusedException("the devices' losses of a candidate add up to " + score.lossSum() + ", expected 0 to "
                            + Evaluation.FAILED_LOSS * samples);
                }
            }
        });
        // A sum of devices that pretend is one of zeros.
        return new Evaluated(outcome.sum().map(opened -> List.of(Evaluation.of(opened,
                (int) Math.max(least(outcome.devices()), opened.value(0))))).orElse(List.of()), outcome.devices(), outcome.failures());
    }
}
