package dev.fedtiny.federation;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.protocol.ByteCounter;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.CandidateStatistics;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.Finish;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.MaskedRequest;
import dev.fedtiny.protocol.NetworkFingerprint;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.Ready;
import dev.fedtiny.protocol.Restore;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.SecureRequest;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Statistics;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.TrafficCounter;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.Welcome;
import dev.fedtiny.protocol.Workload;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Devices without data that do not train: they give back what they were sent, at once, and frames are counted, not made. What a run costs
 * can so be told before it, by the very rounds that will be done. An update counts as its longest possible frame. Not thread-safe.
 */
public final class DryFleet implements Fleet {
    private final Network network;
    private final List<Integer> samples;
    private final DevelopmentSplit development;
    private final Map<Integer, List<Mask>> held = new HashMap<>();
    private final ByteCounter counter = new ByteCounter();
    private final TrafficCounter traffic = new TrafficCounter();
    private final DrySums sums;

    /**
     * A fleet.
     *
     * @param samples n_k of every device
     * @param development how devices set development data apart
     * @param network the run's
     */
    public DryFleet(Network network, List<Integer> samples, DevelopmentSplit development) {
        this(network, samples, development, SecureAggregation.USUAL);
    }

    /**
     * A fleet with secure sums.
     *
     * @param network the run's
     * @param samples n_k of every device
     * @param development how devices set development data apart
     * @param rules of its secure sums
     */
    public DryFleet(Network network, List<Integer> samples, DevelopmentSplit development, SecureAggregation rules) {
        this.network = network;
        this.samples = List.copyOf(samples);
        this.development = development;
        this.sums = new DrySums(network, rules);
    }

    @Override
    public boolean pretends() {
        return true;
    }

    @Override
    public List<Integer> roster() {
        return IntStream.range(0, samples.size()).boxed().toList();
    }

    @Override
    public void exchange(List<Integer> devices, Requests requests, Answers answers) {
        for (int device : devices) {
            ServerMessage request = requests.message(device);
            long requestBytes = counter.frameBytes(request, network);
            traffic.count(request.kind(), requestBytes);
            if (!answers.open()) {
                continue;
            }
            DeviceMessage answer = answer(device, request);
            long answerBytes = request instanceof Train train ? longestUpdate(device, train) : counter.frameBytes(answer, network);
            traffic.count(answer.kind(), answerBytes);
            answers.answered(device, answer, requestBytes, answerBytes);
        }
    }

    private DeviceMessage answer(int device, ServerMessage request) {
        return switch (request) {
            case Welcome _ -> new Hello(NetworkFingerprint.of(network), Platform.here(), samples.get(device), developmentSamples(device));
            case Restore message -> {
                held.put(device, message.masks());
                yield new Ready(message.maskVersion());
            }
            case CandidatePoolMessage message -> {
                int candidates = message.counts().size();
                yield message.task() == CandidatePoolMessage.Task.EVALUATE ? evaluation(device, candidates)
                        : new Statistics(developmentSamples(device),
                                Collections.nCopies(candidates, RunningStatistics.of(message.union())));
            }
            case CandidateStatistics message -> evaluation(device, message.candidates().size());
            case Train message -> {
                message.masks().ifPresent(masks -> held.put(device, masks));
                yield new Update(message.maskVersion(), samples.get(device), 0, 0, message.values(),
                        message.task().untrained(held.get(device), work(device, message)));
            }
            case SecureRequest message -> {
                if (message instanceof MaskedRequest work && work.work() instanceof Train train) {
                    train.masks().ifPresent(masks -> held.put(device, masks));
                }
                yield sums.answer(device, message, held.getOrDefault(device, List.of()));
            }
            case Finish _ -> new Ready(CachedMasks.NONE);
        };
    }

    /** That of a model which knows nothing: all candidates alike. */
    private Evaluation evaluation(int device, int candidates) {
        int count = developmentSamples(device);
        double loss = Math.log(network.classes());
        return new Evaluation(count, Collections.nCopies(candidates, new Evaluation.Score(count * loss, count * loss * loss, 0)));
    }

    private long longestUpdate(int device, Train message) {
        CachedMasks masks = new CachedMasks(message.maskVersion(), held.get(device));
        return Frame.OVERHEAD_BYTES + new Update.Expected(masks, message.epochs(), message.batch(),
                SampleCounts.Range.exactly(samples.get(device), development), message.task()).longestPayload(network);
    }

    private Workload work(int device, Train message) {
        return new Workload(message.epochs(), message.batch(), samples.get(device), developmentSamples(device));
    }

    private int developmentSamples(int device) {
        return development.size(samples.get(device));
    }

    @Override
    public Traffic traffic() {
        return traffic.total();
    }

    @Override
    public void close() {
        held.clear();
    }
}
