package dev.fedtiny.federation;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.LayerGradient;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.OpenedSum;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.SumRefusedException;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.GradientRequest;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Updates come as a masked sum, whose parts nobody sees. Where layers may grow, devices vote for positions in the same sum, and a second
 * one has their gradients at the {@value #WANTED} times as many positions that have most votes as may enter. What is checked is the sum.
 */
final class SecureCollector implements UpdateCollector {
    /** Positions whose gradients are asked for, in multiples of those that may enter. */
    static final int WANTED = 4;

    private final Codec codec;
    private final Fleet fleet;
    private final SecureAggregation rules;
    private final SampleCounts counts;
    private final RoundLog log;

    SecureCollector(Codec codec, Fleet fleet, SecureAggregation rules, SampleCounts counts, RoundLog log) {
        this.codec = codec;
        this.fleet = fleet;
        this.rules = rules;
        this.counts = counts;
        this.log = log;
    }

    @Override
    public Collected collect(Asked asked, Server.UpdateTaker taker) {
        RoundLog.Key key = new RoundLog.Key(MessageKind.TRAIN, asked.task().round(), asked.task().attempt());
        List<DeviceFailure> failures = new ArrayList<>();
        Optional<UpdateSum> sum = asked.devices().isEmpty() ? Optional.empty() : sum(asked, failures);
        List<Integer> reporters = sum.map(UpdateSum::devices).orElse(List.of());
        log.closed(key, reporters);
        sum.ifPresent(taker::takeSum);
        return new Collected(reporters, failures);
    }

    private Optional<UpdateSum> sum(Asked asked, List<DeviceFailure> failures) {
        Server.Assignment assignment = asked.assignments().apply(asked.devices().getFirst());
        if (asked.devices().stream().anyMatch(device -> asked.assignments().apply(device) != assignment)) {
            throw new IllegalArgumentException("secure sums need one model and one task for all devices, but devices get different ones; "
                    + "use a method with one model, or secure-aggregation = off");
        }
        ModelState model = assignment.model();
        LocalTask task = assignment.task();
        SecureSum.Outcome first = new SecureSum(codec, fleet, rules, asked.task().round()).run(asked.devices(), asked.messages()::apply,
                model.masks(), asked.closing(), asked.deadline(), (opened, devices) -> check(opened, devices, asked.task(), model));
        failures.addAll(first.failures());
        if (first.sum().isEmpty()) {
            return Optional.empty();
        }
        List<LayerGradient> gradients = List.of();
        if (!task.ballots().isEmpty()) {
            GradientRequest request = winners(task.ballots(), model, first.sum().get().ballots());
            SecureSum.Outcome second = new SecureSum(codec, fleet, rules, asked.task().round()).run(first.devices(), _ -> request,
                    model.masks(), Closing.ofAll(asked.closing().within()), Deadline.NONE,
                    (opened, devices) -> opened.whole(0, least(devices), most(devices)));
            if (second.sum().isEmpty()) {
                second.failures().stream().filter(failure -> failures.stream().noneMatch(other -> other.device() == failure.device()))
                        .forEach(failures::add);
                return Optional.empty();
            }
            gradients = gradients(request, task.ballots(), second.sum().get());
        }
        return Optional.of(of(first, task, model, gradients));
    }

    private long least(List<Integer> devices) {
        return devices.stream().mapToLong(device -> counts.range(device).least()).sum();
    }

    private long most(List<Integer> devices) {
        return devices.stream().mapToLong(device -> counts.range(device).most()).sum();
    }

    private void check(OpenedSum opened, List<Integer> devices, Server.Task task, ModelState model) {
        long samples = opened.whole(0, least(devices), most(devices));
        double loss = opened.value(1);
        if (!(loss >= 0 && loss <= Evaluation.FAILED_LOSS * samples * task.epochs())) {
            throw new SumRefusedException("the devices' losses add up to " + loss + ", expected 0 to "
                    + Evaluation.FAILED_LOSS * samples * task.epochs());
        }
        opened.whole(2, 0, samples);
        int word = Update.SUM_FIGURES;
        for (int p = 0; p < model.masks().size(); p++) {
            int count = model.mask(p).count();
            Parameter parameter = model.network().parameters().get(p);
            for (int i = 0; parameter.kind() == Parameter.Kind.RUNNING_VARIANCE && i < count; i++) {
                if (opened.value(word + i) < 0) {
                    throw new SumRefusedException("'" + parameter.name() + "' adds up to " + opened.value(word + i) + " at place " + i
                            + ", expected at least 0");
                }
            }
            word += count;
        }
    }

    private static UpdateSum of(SecureSum.Outcome outcome, LocalTask task, ModelState model, List<LayerGradient> gradients) {
        OpenedSum sum = outcome.sum().orElseThrow();
        Network network = model.network();
        long samples = Math.max(1, (long) sum.value(0));
        List<Integer> lengths = model.masks().stream().map(Mask::count).toList();
        List<Integer> beside = task.averagedLengths(network);
        int values = lengths.stream().mapToInt(length -> length).sum();
        int devices = outcome.devices().size();
        return new UpdateSum(outcome.devices(), samples, sum.value(1), (long) sum.value(2),
                ExactAverage.of(sum, Update.SUM_FIGURES, lengths, devices, samples),
                beside.isEmpty() ? new ExactAverage() : ExactAverage.of(sum, Update.SUM_FIGURES + values, beside, devices, samples),
                gradients);
    }

    /** The pruned positions of most votes in every layer; of those with as many the first. */
    static GradientRequest winners(List<GrowthRequest> layers, ModelState model, int[] ballots) {
        List<GradientRequest.Positions> wanted = new ArrayList<>();
        int start = 0;
        for (GrowthRequest layer : layers) {
            Mask mask = model.mask(layer.parameter());
            int from = start;
            int count = (int) Math.min((long) WANTED * layer.limit(), mask.size() - mask.count());
            int[] most = IntStream.range(0, mask.size()).filter(i -> !mask.contains(i)).boxed()
                    .sorted((a, b) -> ballots[from + a] == ballots[from + b] ? Integer.compare(a, b)
                            : Integer.compare(ballots[from + b], ballots[from + a]))
                    .limit(count).mapToInt(i -> i).sorted().toArray();
            wanted.add(new GradientRequest.Positions(layer.parameter(), most));
            start += mask.size();
        }
        return new GradientRequest(wanted);
    }

    private static List<LayerGradient> gradients(GradientRequest request, List<GrowthRequest> layers, OpenedSum sum) {
        double samples = Math.max(1, sum.value(0));
        List<LayerGradient> gradients = new ArrayList<>();
        int word = 1;
        for (int i = 0; i < layers.size(); i++) {
            int[] indices = request.layers().get(i).indices();
            double[] values = new double[indices.length];
            for (int j = 0; j < values.length; j++) {
                values[j] = sum.value(word + j) / samples;
            }
            word += indices.length;
            gradients.add(new LayerGradient(layers.get(i).parameter(), layers.get(i).limit(), indices, values));
        }
        return gradients;
    }
}
