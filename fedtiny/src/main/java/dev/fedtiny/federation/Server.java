package dev.fedtiny.federation;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.CandidateStatistics;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.Finish;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.Ready;
import dev.fedtiny.protocol.Restore;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/**
 * The server's half of every exchange: asks devices through a fleet, checks every answer, and adds up what is good, in whatever order it
 * comes. An answer that is missing, late, a failure notice or not valid costs its sender the turn: it is named in the outcome and touches
 * nothing else. Knows who is there and nothing else: what changes from round to round is in the caller's state. Not thread-safe.
 */
public final class Server {
    /** For devices that are still at work on something that nobody waits for any more. */
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final Network network;
    private final Codec codec;
    private final Fleet fleet;
    private final RoundLog log;
    private final Introductions introductions;
    private final UpdateCollector collector;
    private final StageOne stageOne;

    /**
     * A server of a fleet.
     *
     * @param platforms which devices may take part
     * @param robustness bounds on what devices answer
     * @param counts what sample counts are believed
     * @param log of who was heard
     * @param network the run's
     * @param fleet reaches the devices; not closed with the server
     */
    public Server(Network network, Fleet fleet, Platforms platforms, Robustness robustness, SampleCounts counts, RoundLog log) {
        this(network, fleet, platforms, robustness, Optional.empty(), counts, log);
    }

    /**
     * A server of a fleet.
     *
     * @param platforms which devices may take part
     * @param robustness bounds on what devices answer
     * @param secure rules of secure sums, as devices were told them; empty: updates come one by one
     * @param counts what sample counts are believed
     * @param log of who was heard
     * @param network the run's
     * @param fleet reaches the devices; not closed with the server
     */
    public Server(Network network, Fleet fleet, Platforms platforms, Robustness robustness, Optional<SecureAggregation> secure,
            SampleCounts counts, RoundLog log) {
        if (secure.isPresent() && fleet.recalls()) {
            throw new IllegalArgumentException("secure-aggregation = on: these devices are made anew for every request, so that they "
                    + "cannot keep their keys from one step of a secure sum to the next; use devices-on = threads, or process with as many "
                    + "device-processes as devices, or devices that join over the network");
        }
        this.network = network;
        this.codec = new Codec(network);
        this.fleet = fleet;
        this.log = log;
        this.introductions = new Introductions(network, codec, fleet, platforms, counts);
        this.collector = secure.isPresent() ? new SecureCollector(codec, fleet, secure.get(), counts, log)
                : new OpenCollector(codec, fleet, robustness, counts, log, introductions::stated);
        this.stageOne = secure.isPresent() ? new SecureStageOne(codec, fleet, secure.get(), counts, log)
                : new OpenStageOne(codec, fleet, robustness, counts, log);
    }

    /** {@return devices that may be asked now, ascending} */
    public List<Integer> roster() {
        return fleet.roster();
    }

    /** {@return every byte sent and received so far} */
    public Traffic traffic() {
        return fleet.traffic();
    }

    /**
     * Whether a device has said who it is, and may take part.
     *
     * @param device from 0
     * @return true where it may be asked to work
     */
    public boolean knows(int device) {
        return introductions.isPresent(device);
    }

    /**
     * n_k as a device stated it last.
     *
     * @param device one that {@link #knows}
     * @return n_k
     */
    public int samples(int device) {
        return introductions.of(device).samples();
    }

    /**
     * How many samples of a device are used for BN selection, as it stated last.
     *
     * @param device one that {@link #knows}
     * @return at most n_k
     */
    public int developmentSamples(int device) {
        return introductions.of(device).developmentSamples();
    }

    /** {@return devices present that compute other bits than this machine, with what they compute with; none where they are refused} */
    public SortedMap<Integer, Platform> otherPlatforms() {
        return introductions.otherPlatforms();
    }

    /**
     * Asks all devices of the roster who they are, unless they have said so. Those that fail are not asked again until they come anew.
     *
     * @return those that failed, and why
     */
    public List<DeviceFailure> greet() {
        return introductions.greetAll();
    }

    /**
     * Those of some devices that are not present, and why.
     *
     * @param devices from 0
     * @return one a device that cannot be asked
     */
    public List<DeviceFailure> absent(List<Integer> devices) {
        return introductions.absent(devices);
    }

    /**
     * Gives fresh devices the mask they had acknowledged, before a resumed run goes on.
     *
     * @param acknowledged what every device holds
     * @param assignments what devices hold that acknowledged this version; the same object for all that hold the same
     * @param maskVersion of the masks in {@code assignments}
     * @return the versions now acknowledged: as given, {@link CachedMasks#NONE} where a device failed
     */
    public MaskVersions restore(MaskVersions acknowledged, int maskVersion, IntFunction<Assignment> assignments) {
        Task nothing = new Task(Frame.NO_ROUND, 0, 1, 1, 1, List.of());
        return restore(introductions.devices(), acknowledged, maskVersion,
                new Assignments(nothing, assignments, maskVersion)::restore);
    }

    private MaskVersions restore(List<Integer> devices, MaskVersions acknowledged, int maskVersion, IntFunction<Restore> requests) {
        if (fleet.recalls()) {
            return acknowledged;
        }
        List<Integer> holders = introductions.presentOf(devices).stream().filter(device -> acknowledged.of(device) == maskVersion).toList();
        Exchange exchange = new Exchange(codec, fleet, Frame.NO_ROUND);
        exchange.run(holders, requests::apply, _ -> new Ready.Expected(), (_, _, _) -> { });
        return acknowledged.with(exchange.failures().stream().map(DeviceFailure::device).toList(), CachedMasks.NONE);
    }

    /** Tells all devices that the run is over; whoever does not hear it is not missed. */
    public void finish() {
        Finish finish = new Finish();
        Closing closing = Closing.ofAll(Optional.of(FAREWELL));
        Exchange exchange = new Exchange(codec, fleet, Frame.NO_ROUND, closing, Deadline.NONE, 1);
        exchange.run(introductions.devices(), _ -> finish, _ -> new Ready.Expected(), (_, _, _) -> { });
    }

    /**
     * What stage one's devices measured.
     *
     * @param statistics aggregated μ_c and σ²_c by class of devices, one a candidate; the server's own in a vanilla selection and of a
     *        class of which no device measured
     * @param evaluations one a reporter, in their order; none where nothing was evaluated; one of all together where nobody sees single
     *        ones
     * @param reporters devices that evaluated, or where nothing was evaluated recalibrated, ascending
     * @param recalibrated devices that recalibrated, ascending; empty in a vanilla selection
     * @param failures devices that dropped out
     */
    public record PoolOutcome(List<List<RunningStatistics>> statistics, List<Evaluation> evaluations, List<Integer> reporters,
            List<Integer> recalibrated, List<DeviceFailure> failures) {
        /** Keeps its own lists. */
        public PoolOutcome {
            statistics = List.copyOf(statistics);
            evaluations = List.copyOf(evaluations);
        }
    }

    /**
     * Stage one with recalibration (adaptive): statistics of every candidate, aggregated by development samples, then evaluation with them.
     *
     * @param batch B of recalibration and evaluation
     * @param devices who is asked, ascending; those that are not present are left out
     * @param attempt from 0 on
     * @param within wall time of each of its exchanges; empty: as long as the fleet waits
     * @param pools dense model and counts of all candidates
     * @return what the devices measured
     * @throws NobodyAnsweredException if no device answers
     */
    public PoolOutcome recalibrateAndEvaluate(Pools pools, int batch, List<Integer> devices, int attempt, Optional<Duration> within) {
        List<CandidatePoolMessage> messages = pools.messages(CandidatePoolMessage.Task.RECALIBRATE, batch);
        PoolOutcome measured = recalibrate(messages, pools.classOf(), Frame.NO_ROUND, devices, attempt, within,
                "stage one: no device recalibrated the candidates");
        List<CandidateStatistics> requests = measured.statistics().stream().map(CandidateStatistics::new).toList();
        return evaluate(pools, measured.recalibrated(), requests, messages, measured, attempt, within);
    }

    /**
     * The running statistics of a model, as devices measure them on their development data, aggregated by development samples: what stage
     * one does with its candidates.
     *
     * @param models the model as every class of devices holds it, densest first, whose weights stay as they are
     * @param classOf by number of the device its place among them
     * @param batch B of the forward passes
     * @param round by which its messages are known
     * @param devices who is asked, ascending; those that are not present are left out
     * @param attempt from 0 on
     * @param within wall time of the exchange; empty: as long as the fleet waits
     * @return what the devices measured, of one candidate; nothing is evaluated
     * @throws NobodyAnsweredException if no device answers
     */
    public PoolOutcome recalibrate(List<ModelState> models, IntUnaryOperator classOf, int batch, int round, List<Integer> devices,
            int attempt, Optional<Duration> within) {
        List<CandidatePoolMessage> messages = models.stream().map(model -> new CandidatePoolMessage(CandidatePoolMessage.Task.RECALIBRATE,
                batch, List.of(network.prunable().stream().mapToInt(p -> model.mask(p).count()).toArray()), model)).toList();
        return recalibrate(messages, classOf, round, devices, attempt, within,
                "no device measured the running statistics of the last model");
    }

    private PoolOutcome recalibrate(List<CandidatePoolMessage> messages, IntUnaryOperator classOf, int round, List<Integer> devices,
            int attempt, Optional<Duration> within, String nobody) {
        RoundLog.Key key = new RoundLog.Key(MessageKind.POOL, round, attempt);
        StageOne.Recalibrated measured = stageOne.recalibrate(new StageOne.Requests<>(messages, classOf), round,
                present(log.reporters(key).orElse(devices)), key, within);
        List<Integer> recalibrated = needed(measured.reporters(), measured.failures(), nobody, List.of());
        return new PoolOutcome(measured.statistics(), List.of(), recalibrated, recalibrated, measured.failures());
    }

    /**
     * Stage one without recalibration (vanilla): evaluation with the server's own statistics.
     *
     * @param batch B of the evaluation
     * @param devices who is asked, ascending; those that are not present are left out
     * @param attempt from 0 on
     * @param within wall time of each of its exchanges; empty: as long as the fleet waits
     * @param pools dense model and counts of all candidates
     * @return what the devices measured
     * @throws NobodyAnsweredException if no device answers
     */
    public PoolOutcome evaluate(Pools pools, int batch, List<Integer> devices, int attempt, Optional<Duration> within) {
        List<List<RunningStatistics>> own = pools.byClass().stream().map(pool -> Collections.nCopies(pool.size(),
                RunningStatistics.of(pool.pretrained()))).toList();
        PoolOutcome before = new PoolOutcome(own, List.of(), List.of(), List.of(), List.of());
        return evaluate(pools, present(devices), pools.messages(CandidatePoolMessage.Task.EVALUATE, batch), List.of(), before,
                attempt, within);
    }

    /** The pools that devices were given before are what they must hold; none where the requests bring them. */
    private PoolOutcome evaluate(Pools pools, List<Integer> asked, List<? extends ServerMessage> requests,
            List<CandidatePoolMessage> given, PoolOutcome before, int attempt, Optional<Duration> within) {
        RoundLog.Key key = new RoundLog.Key(requests.getFirst().kind(), Frame.NO_ROUND, attempt);
        StageOne.Evaluated measured = stageOne.evaluate(new StageOne.Requests<>(requests, pools.classOf()), given, pools.size(),
                log.reporters(key).map(this::present).orElse(asked), key, within);
        List<Integer> reporters = needed(measured.reporters(), measured.failures(), "stage one: no device evaluated the candidates",
                before.recalibrated());
        List<DeviceFailure> failures = new ArrayList<>(before.failures());
        failures.addAll(measured.failures());
        return new PoolOutcome(before.statistics(), measured.evaluations(), reporters, before.recalibrated(), failures);
    }

    private List<Integer> present(List<Integer> devices) {
        introductions.greetRenewed(devices);
        return introductions.presentOf(devices);
    }

    private List<Integer> needed(List<Integer> reporters, List<DeviceFailure> failed, String nobody, List<Integer> recalibrated) {
        if (reporters.isEmpty()) {
            List<DeviceFailure> failures = new ArrayList<>(failed);
            failures.addAll(introductions.failures());
            throw new NobodyAnsweredException(nobody, failures, recalibrated);
        }
        return reporters;
    }

    /**
     * A round's work for the devices.
     *
     * @param round r
     * @param attempt from 0 on
     * @param epochs E
     * @param batch B
     * @param learningRate of every local step
     * @param devices who is asked, in the order in which simulated devices work
     * @param different how many assignments are kept encoded at the same time: as many as there are different ones, or 1 where every device
     *        has its own
     */
    public record Task(int round, int attempt, int epochs, int batch, double learningRate, List<Integer> devices, int different) {
        /**
         * Of devices that all get the same, or each its own.
         *
         * @param round r
         * @param attempt from 0 on
         * @param epochs E
         * @param batch B
         * @param learningRate of every local step
         * @param devices who is asked
         */
        public Task(int round, int attempt, int epochs, int batch, double learningRate, List<Integer> devices) {
            this(round, attempt, epochs, batch, learningRate, devices, 1);
        }

        /**
         * What a device with so many samples has to do.
         *
         * @param samples n_k
         * @param developmentSamples how many of them are development data
         * @return epochs, batch and samples
         */
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

        /**
         * Of a device that holds no values.
         *
         * @param model under the masks the device holds or is to hold
         * @param task what it does besides training
         */
        public Assignment(ModelState model, LocalTask task) {
            this(model, task, List.of());
        }

        /**
         * What gives a device that started anew all that the one before it held.
         *
         * @param maskVersion of the model's masks
         * @return the message
         */
        public Restore restore(int maskVersion) {
            return new Restore(maskVersion, model.masks(), held);
        }
    }

    /** Takes updates that passed every check, the bound on their size included. */
    public interface UpdateTaker {
        /**
         * Called in any order of the devices, on the caller's thread.
         *
         * @param device whose update it is
         * @param update only to be read; its arrays may be kept
         */
        void take(int device, Update update);

        /**
         * Takes what all devices together have answered, where nobody has seen a single update. Called once in a round, in place of
         * {@link #take}.
         *
         * @param sum of the updates
         * @throws UnsupportedOperationException by default
         */
        default void takeSum(UpdateSum sum) {
            throw new UnsupportedOperationException(getClass().getName() + " needs single updates and was given their sum");
        }
    }

    /**
     * What came of a round.
     *
     * @param acknowledged what every device holds now, as far as the server knows
     * @param reporters whose updates were taken, ascending
     * @param failures devices that dropped out
     */
    public record Outcome(MaskVersions acknowledged, List<Integer> reporters, List<DeviceFailure> failures) {
    }

    /**
     * Sends every device its assignment, with the mask if it does not hold this version, and hands over what comes back.
     *
     * @param assignments for every device asked, the same object for all that get the same; may be called more than once and on any thread
     * @param maskVersion of the masks in them
     * @param before what every device holds; a device that started anew meanwhile is first given what it held
     * @param closing when the round is over
     * @param deadline calls answers late, which are thrown away
     * @param task round, epochs, batch, learning rate and who is asked
     * @param taker takes what passed every check
     * @return who reported, who failed, and what devices hold now
     */
    public Outcome train(Task task, IntFunction<Assignment> assignments, int maskVersion, MaskVersions before, Closing closing,
            Deadline deadline, UpdateTaker taker) {
        Assignments messages = new Assignments(task, assignments, maskVersion);
        MaskVersions acknowledged = restore(introductions.greetRenewed(task.devices()), before, maskVersion, messages::restore);
        List<Integer> asked = introductions.presentOf(task.devices());
        UpdateCollector.Collected collected = collector.collect(new UpdateCollector.Asked(task, asked, assignments,
                device -> messages.train(device, acknowledged.of(device) == maskVersion),
                device -> acknowledged.of(device) == maskVersion ? Optional.of(messages.restore(device)) : Optional.empty(), maskVersion,
                closing, deadline), taker);
        List<DeviceFailure> failures = new ArrayList<>(absent(task.devices()));
        failures.addAll(collected.failures());
        failures.sort(Comparator.comparingInt(DeviceFailure::device));
        MaskVersions now = acknowledged.with(collected.reporters(), maskVersion)
                .with(failures.stream().map(DeviceFailure::device).toList(), CachedMasks.NONE);
        return new Outcome(now, collected.reporters(), failures);
    }
}
