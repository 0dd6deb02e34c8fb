package dev.fedtiny.federation;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.CandidateStatistics;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.Finish;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.NetworkFingerprint;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.Ready;
import dev.fedtiny.protocol.Restore;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Statistics;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.Welcome;
import dev.fedtiny.protocol.Workload;
import dev.fedtiny.pruning.CandidatePool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The server's half of every exchange: asks devices through a fleet, checks every answer, and adds up what is good in device order. An
 * answer that is missing, late, a failure notice or not valid costs its sender the turn: it is named in the outcome and touches nothing
 * else. Knows who is there (after {@link #greet}) and nothing else: what changes from round to round is in the caller's state.
 * Not thread-safe.
 */
public final class Server {
    private final Network network;
    private final Codec codec;
    private final Fleet fleet;
    private final Platforms platforms;
    private final Robustness robustness;
    private final SampleCounts counts;
    private final TreeMap<Integer, Hello> present = new TreeMap<>();
    /** Why devices that are not present are not. */
    private final Map<Integer, DeviceFailure> unpresented = new HashMap<>();

    /** A server of a fleet of which it knows nothing, with the usual bounds; all devices compute the same bits, others are refused. */
    public Server(Network network, Fleet fleet) {
        this(network, fleet, Platforms.SAME, Robustness.USUAL, new SampleCounts.AtMost(Robustness.USUAL.maximumSamples()));
    }

    /**
     * A server of a fleet.
     *
     * @param platforms which devices may take part
     * @param robustness bounds on what devices answer
     * @param counts what sample counts are believed
     */
    public Server(Network network, Fleet fleet, Platforms platforms, Robustness robustness, SampleCounts counts) {
        this.platforms = platforms;
        this.network = network;
        this.codec = new Codec(network);
        this.fleet = fleet;
        this.robustness = robustness;
        this.counts = counts;
    }

    /** K, devices of the fleet. */
    public int devices() {
        return fleet.devices();
    }

    /** Every byte sent and received so far. */
    public Traffic traffic() {
        return fleet.traffic();
    }

    /** n_k as a device announced it. */
    public int samples(int device) {
        return present.get(device).samples();
    }

    /** How many samples of a device are used for BN selection, as it announced. */
    public int developmentSamples(int device) {
        return present.get(device).developmentSamples();
    }

    /** Devices present that compute other bits than this machine, with what they compute with; none where they are refused. */
    public SortedMap<Integer, Platform> otherPlatforms() {
        TreeMap<Integer, Platform> others = new TreeMap<>();
        present.forEach((device, hello) -> others.put(device, hello.platform()));
        others.values().removeIf(Platform.here()::equals);
        return others;
    }

    /** Asks all devices who they are. Those that fail are not asked again until greeted. */
    public List<DeviceFailure> greet() {
        List<Integer> all = IntStream.range(0, fleet.devices()).boxed().toList();
        fleet.renewed(all);
        return greet(all);
    }

    private List<DeviceFailure> greet(List<Integer> devices) {
        devices.forEach(present::remove);
        long fingerprint = NetworkFingerprint.of(network);
        Exchange exchange = new Exchange(codec, fleet, Frame.NO_ROUND);
        Optional<Platform> platform = platforms == Platforms.SAME ? Optional.of(Platform.here()) : Optional.empty();
        exchange.run(devices, _ -> new Welcome(fingerprint),
                device -> new Hello.Expected(fingerprint, platform, counts.range(device)), (device, answer) -> {
                    present.put(device, (Hello) answer);
                    unpresented.remove(device);
                });
        exchange.failures().forEach(failure -> unpresented.put(failure.device(), failure));
        return exchange.failures();
    }

    /** Those of some devices that are not present, and why. */
    public List<DeviceFailure> absent(List<Integer> devices) {
        return devices.stream().filter(device -> !present.containsKey(device))
                .map(device -> Exchange.absence(device, Optional.ofNullable(unpresented.get(device)))).toList();
    }

    /** Greets devices that started anew since they were last asked. */
    private List<Integer> greetRenewed(List<Integer> devices) {
        List<Integer> renewed = fleet.renewed(devices);
        if (!renewed.isEmpty()) {
            greet(renewed);
        }
        return renewed;
    }

    /**
     * Gives fresh devices the mask they had acknowledged, before a resumed run goes on.
     *
     * @param acknowledged one version a device
     * @param requests what a device gets that held this version
     * @return the versions now acknowledged: as given, {@link CachedMasks#NONE} where a device failed
     */
    public List<Integer> restore(List<Integer> acknowledged, int maskVersion, IntFunction<Restore> requests) {
        return restore(List.copyOf(present.keySet()), acknowledged, maskVersion, requests);
    }

    private List<Integer> restore(List<Integer> devices, List<Integer> acknowledged, int maskVersion, IntFunction<Restore> requests) {
        List<Integer> holders = devices.stream().filter(present::containsKey)
                .filter(device -> acknowledged.get(device) == maskVersion).toList();
        Exchange exchange = new Exchange(codec, fleet, Frame.NO_ROUND);
        exchange.run(holders, requests::apply, _ -> new Ready.Expected(), (_, _) -> { });
        List<Integer> now = new ArrayList<>(acknowledged);
        exchange.failures().forEach(failure -> now.set(failure.device(), CachedMasks.NONE));
        return now;
    }

    /** Tells all devices that the run is over; whoever does not hear it is not missed. */
    public void finish() {
        new Exchange(codec, fleet, Frame.NO_ROUND).run(List.copyOf(present.keySet()), _ -> new Finish(), _ -> new Ready.Expected(),
                (_, _) -> { });
    }

    /**
     * What stage one's devices measured.
     *
     * @param statistics aggregated μ_c and σ²_c, one a candidate; in a vanilla selection the server's own
     * @param evaluations one a reporter
     * @param reporters devices that evaluated, ascending
     * @param recalibrated devices that recalibrated, ascending; empty in a vanilla selection
     * @param failures devices that dropped out
     */
    public record PoolOutcome(List<RunningStatistics> statistics, List<Evaluation> evaluations, List<Integer> reporters,
            List<Integer> recalibrated, List<DeviceFailure> failures) {
        /** Keeps its own lists. */
        public PoolOutcome {
            evaluations = List.copyOf(evaluations);
        }

        /** Development samples of all reporters together. */
        public long samples() {
            return evaluations.stream().mapToLong(Evaluation::samples).sum();
        }
    }

    /**
     * Stage one with recalibration (adaptive): statistics of every candidate, aggregated by development samples, then evaluation with them.
     *
     * @param batch B of recalibration and evaluation
     * @param devices who is asked, ascending; those that are not present are left out
     * @throws NobodyAnsweredException if no device answers
     */
    public PoolOutcome recalibrateAndEvaluate(CandidatePool pool, int batch, List<Integer> devices) {
        Aggregation.Average[] averages = Stream.generate(robustness.aggregation()::average).limit(pool.size())
                .toArray(Aggregation.Average[]::new);
        RunningStatistics before = RunningStatistics.of(pool.pretrained());
        OutlierGate<Statistics> gate = new OutlierGate<>(robustness.updateBound(),
                (_, statistics) -> PartNorms.of(network, before, statistics),
                statistics -> 4 * statistics.candidates().size() * RunningStatistics.count(network), (_, statistics) -> {
                    for (int c = 0; c < averages.length; c++) {
                        averages[c].add(robustness.aggregation().weight(statistics.samples()), statistics.candidates().get(c).values());
                    }
                });
        CandidatePoolMessage message = new CandidatePoolMessage(CandidatePoolMessage.Task.RECALIBRATE, batch, pool.activeCounts(),
                pool.union());
        Exchange exchange = new Exchange(codec, fleet, Frame.NO_ROUND);
        exchange.run(present(devices), _ -> message, device -> new Statistics.Expected(pool.size(), developmentSamples(device)),
                (device, answer) -> gate.take(device, (Statistics) answer));
        exchange.refuse(gate.finish());
        List<Integer> recalibrated = needed(exchange, "recalibrated the candidates", List.of());
        List<RunningStatistics> aggregated = Arrays.stream(averages).map(average -> new RunningStatistics(average.values())).toList();
        CandidateStatistics request = new CandidateStatistics(aggregated);
        return evaluate(pool, recalibrated, request, aggregated, exchange.failures());
    }

    /**
     * Stage one without recalibration (vanilla): evaluation with the server's own statistics.
     *
     * @param batch B of the evaluation
     * @param devices who is asked, ascending; those that are not present are left out
     * @throws NobodyAnsweredException if no device answers
     */
    public PoolOutcome evaluate(CandidatePool pool, int batch, List<Integer> devices) {
        RunningStatistics own = RunningStatistics.of(pool.pretrained());
        CandidatePoolMessage request = new CandidatePoolMessage(CandidatePoolMessage.Task.EVALUATE, batch, pool.activeCounts(),
                pool.union());
        PoolOutcome outcome = evaluate(pool, present(devices), request, Collections.nCopies(pool.size(), own), List.of());
        return new PoolOutcome(outcome.statistics(), outcome.evaluations(), outcome.reporters(), List.of(), outcome.failures());
    }

    private PoolOutcome evaluate(CandidatePool pool, List<Integer> asked, ServerMessage request, List<RunningStatistics> statistics,
            List<DeviceFailure> before) {
        List<Evaluation> evaluations = new ArrayList<>();
        Exchange exchange = new Exchange(codec, fleet, Frame.NO_ROUND);
        exchange.run(asked, _ -> request, device -> new Evaluation.Expected(pool.size(), developmentSamples(device)),
                (_, answer) -> evaluations.add((Evaluation) answer));
        List<Integer> reporters = needed(exchange, "evaluated the candidates", request instanceof CandidateStatistics ? asked : List.of());
        List<DeviceFailure> failures = new ArrayList<>(before);
        failures.addAll(exchange.failures());
        return new PoolOutcome(statistics, evaluations, reporters, asked, failures);
    }

    private List<Integer> present(List<Integer> devices) {
        greetRenewed(devices);
        return devices.stream().filter(present::containsKey).toList();
    }

    private List<Integer> needed(Exchange exchange, String what, List<Integer> recalibrated) {
        if (exchange.reporters().isEmpty()) {
            List<DeviceFailure> failures = new ArrayList<>(exchange.failures());
            unpresented.values().stream().sorted(Comparator.comparingInt(DeviceFailure::device)).forEach(failures::add);
            throw new NobodyAnsweredException("stage one: no device " + what, failures, recalibrated);
        }
        return exchange.reporters();
    }

    /**
     * A round's work for the devices.
     *
     * @param round r
     * @param epochs E
     * @param batch B
     * @param learningRate of every local step
     * @param devices who is asked, ascending
     */
    public record Task(int round, int epochs, int batch, double learningRate, List<Integer> devices) {
        /** What a device with so many samples has to do. */
        public Workload work(int samples, int developmentSamples) {
            return new Workload(epochs, batch, samples, developmentSamples);
        }
    }

    /**
     * What one device gets.
     *
     * @param model under the masks the device holds or is to hold
     * @param task what it does besides training
     * @param held dense values that the device holds for its method; empty where it holds none; not to be changed
     */
    public record Assignment(ModelState model, LocalTask task, List<float[]> held) {
        /** Keeps its own list. */
        public Assignment {
            held = List.copyOf(held);
        }

        /** Of a device that holds no values. */
        public Assignment(ModelState model, LocalTask task) {
            this(model, task, List.of());
        }

        /** What gives a device that started anew all that the one before it held. */
        public Restore restore(int maskVersion) {
            return new Restore(maskVersion, model.masks(), held);
        }
    }

    /** Takes updates that passed every check, the bound on their size included. */
    public interface UpdateTaker {
        /** Called in the order of the devices, on the caller's thread. */
        void take(int device, Update update);
    }

    /**
     * What came of a round.
     *
     * @param acknowledged for every device the mask version it now holds, as far as the server knows
     * @param reporters whose updates were taken, ascending
     * @param failures devices that dropped out
     */
    public record Outcome(List<Integer> acknowledged, List<Integer> reporters, List<DeviceFailure> failures) {
    }

    /**
     * Sends every device its assignment, with the mask if it does not hold this version, and hands over what comes back.
     *
     * @param assignments for every device asked; may be called more than once and on any thread
     * @param maskVersion of the masks in them
     * @param before for every device the mask version it holds; a device that started anew meanwhile is first given what it held
     */
    public Outcome train(Task task, IntFunction<Assignment> assignments, int maskVersion, List<Integer> before, UpdateTaker taker) {
        return train(task, assignments, maskVersion, before, Deadline.NONE, taker);
    }

    /**
     * As {@link #train(Task, IntFunction, int, List, UpdateTaker)}; an answer that the deadline calls late is thrown away.
     *
     * @param before for every device the mask version it holds
     */
    public Outcome train(Task task, IntFunction<Assignment> assignments, int maskVersion, List<Integer> before, Deadline deadline,
            UpdateTaker taker) {
        List<Integer> acknowledged = restore(greetRenewed(task.devices()), before, maskVersion,
                device -> assignments.apply(device).restore(maskVersion));
        List<Integer> asked = task.devices().stream().filter(present::containsKey).toList();
        Exchange exchange = new Exchange(codec, fleet, task.round(), deadline);
        task.devices().stream().filter(device -> !present.containsKey(device))
                .forEach(device -> exchange.absent(device, Optional.ofNullable(unpresented.get(device))));
        OutlierGate<Update> gate = new OutlierGate<>(robustness.updateBound(),
                (device, update) -> PartNorms.of(assignments.apply(device), update), Server::bytes, taker::take);
        exchange.run(asked, device -> {
            Assignment assignment = assignments.apply(device);
            boolean holds = acknowledged.get(device) == maskVersion;
            return new Train(maskVersion, holds ? Optional.empty() : Optional.of(assignment.model().masks()),
                    assignment.model().allValues(), task.epochs(), task.batch(), task.learningRate(),
                    holds ? assignment.task() : assignment.task().forFreshDevice(assignment.held()));
        }, device -> {
            Assignment assignment = assignments.apply(device);
            return new Update.Expected(new CachedMasks(maskVersion, assignment.model().masks()), task.work(samples(device),
                    developmentSamples(device)), assignment.task());
        }, (device, answer) -> gate.take(device, (Update) answer));
        exchange.refuse(gate.finish());
        List<Integer> now = new ArrayList<>(acknowledged);
        exchange.reporters().forEach(device -> now.set(device, maskVersion));
        exchange.failures().forEach(failure -> now.set(failure.device(), CachedMasks.NONE));
        return new Outcome(now, exchange.reporters(), exchange.failures());
    }

    /** What holding an update back takes, about. */
    private static long bytes(Update update) {
        return 4 * (update.values().stream().mapToLong(array -> array.length).sum() + update.result().numbers());
    }
}
