package dev.fedtiny.method;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.device.Scoring;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.MaskVersions;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Traffic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * What a method works with: the plan, the server with its fleet, the public set, and the server's own workers. Everything that changes is
 * in the method's state, so one context can serve several methods one after the other. Not thread-safe.
 */
public final class FederationContext implements AutoCloseable {
    private static final int TEST_BATCH = 64;

    private final TrainingPlan plan;
    private final Fleet fleet;
    private final Server server;
    private final Dataset publicSet;
    private final Dataset test;
    private final Workers workers;
    private final SessionCache training;
    private final SessionCache testing;
    private final RoundLog log;
    private final List<DeviceFailure> absent;

    private FederationContext(TrainingPlan plan, Fleet fleet, SampleCounts counts, Dataset publicSet, Dataset test, Workers workers,
            Platforms platforms, RoundLog log) {
        this.plan = plan;
        this.fleet = fleet;
        this.log = log;
        this.server = new Server(plan.network(), fleet, platforms, plan.robustness(), plan.privacy().secure(), counts, log);
        this.publicSet = publicSet;
        this.test = test;
        this.workers = workers;
        this.training = new SessionCache(workers);
        this.testing = new SessionCache(workers);
        this.absent = greeted(server, workers);
    }

    /** Workers that nobody can close any more are closed. */
    private static List<DeviceFailure> greeted(Server server, Workers workers) {
        try {
            return server.greet();
        } catch (RuntimeException | Error e) {
            workers.close();
            throw e;
        }
    }

    /**
     * A simulation in this process: devices and server exchange encoded frames.
     *
     * @param threads worker threads of the whole simulation
     * @param slots devices that train at the same time, one thread each; 1: one device at a time with all threads
     * @param plan what all methods have in common
     * @param data everybody's images
     * @return the context; its devices are greeted
     * @throws IllegalArgumentException if images and labels do not fit the network
     */
    public static FederationContext inProcess(TrainingPlan plan, FederatedData data, int threads, int slots) {
        return inProcess(plan, data, threads, slots, Metering.OFF, _ -> { });
    }

    /**
     * As {@link #inProcess(TrainingPlan, FederatedData, int, int)}; says whether the devices' work is measured, and who hears what the
     * server is not told.
     *
     * @param plan what all methods have in common
     * @param data everybody's images
     * @param threads worker threads of the whole simulation
     * @param slots devices that train at the same time
     * @param metering whether their work is measured, layer by layer
     * @param untold takes what devices could not do where they do not tell their server, which is under secure aggregation; called on
     *        devices' threads
     * @return the context; its devices are greeted
     */
    public static FederationContext inProcess(TrainingPlan plan, FederatedData data, int threads, int slots, Metering metering,
            Consumer<String> untold) {
        checkFits(plan.network(), "public set", data.publicSet());
        checkFits(plan.network(), "test set", data.test());
        for (int k = 0; k < data.devices().size(); k++) {
            checkFits(plan.network(), "data of device " + k, data.devices().get(k));
        }
        Workers workers = Workers.of(threads);
        Fleet fleet = SimulatedDevices.fleet(plan, data.devices(), slots, workers, metering, untold);
        return new FederationContext(plan, fleet, known(plan, data), data.publicSet(), data.test(), workers, Platforms.SAME,
                RoundLog.NONE);
    }

    /**
     * A federation over any fleet whose devices hold known data: a device that states another sample count is not let in. The fleet becomes
     * the context's own and is closed with it.
     *
     * @param data of which the devices hold their shares
     * @param threads worker threads of the server
     * @param plan what all methods have in common
     * @param fleet reaches the devices
     * @return the context; its devices are greeted
     * @throws IllegalArgumentException if images and labels do not fit the network
     */
    public static FederationContext over(TrainingPlan plan, Fleet fleet, FederatedData data, int threads) {
        checkFits(plan.network(), "public set", data.publicSet());
        checkFits(plan.network(), "test set", data.test());
        return new FederationContext(plan, fleet, known(plan, data), data.publicSet(), data.test(), Workers.of(threads),
                Platforms.SAME, RoundLog.NONE);
    }

    private static SampleCounts known(TrainingPlan plan, FederatedData data) {
        return new SampleCounts.Known(data.devices().stream().map(Dataset::count).toList(), plan.deviceSettings().development());
    }

    /**
     * A federation over any fleet, which becomes the context's own and is closed with it. What a device holds is not known: it may state
     * up to {@link dev.fedtiny.federation.Robustness#maximumSamples} samples.
     *
     * @param threads worker threads of the server
     * @param plan what all methods have in common
     * @param fleet reaches the devices
     * @param publicSet D_s, the server's labelled images
     * @param test judges the global model
     * @return the context; its devices are greeted
     * @throws IllegalArgumentException if images and labels do not fit the network
     */
    public static FederationContext over(TrainingPlan plan, Fleet fleet, Dataset publicSet, Dataset test, int threads) {
        return over(plan, fleet, publicSet, test, threads, Platforms.SAME, RoundLog.NONE);
    }

    /**
     * As the other, for servers that go on after they were killed, and for devices of any kind.
     *
     * @param plan what all methods have in common
     * @param fleet reaches the devices
     * @param publicSet D_s, the server's labelled images
     * @param test judges the global model
     * @param threads worker threads of the server
     * @param platforms whether devices must compute the server's bits; where not, the run warns of those that compute others
     * @param log of who was heard, kept beside the checkpoints
     * @return the context; its devices are greeted
     */
    public static FederationContext over(TrainingPlan plan, Fleet fleet, Dataset publicSet, Dataset test, int threads, Platforms platforms,
            RoundLog log) {
        checkFits(plan.network(), "public set", publicSet);
        checkFits(plan.network(), "test set", test);
        return new FederationContext(plan, fleet,
                new SampleCounts.AtMost(plan.robustness().maximumSamples(), plan.deviceSettings().development()), publicSet, test,
                Workers.of(threads), platforms, log);
    }

    private static void checkFits(Network network, String what, Dataset data) {
        Shape images = new Shape(data.channels(), data.height(), data.width());
        if (!images.equals(network.input()) || data.classes() > network.classes()) {
            throw new IllegalArgumentException(what + " has images " + images + " of " + data.classes() + " classes, the network takes "
                    + network.input() + " and tells " + network.classes() + " apart; choose an input that is the same and at least as "
                    + "many classes");
        }
    }

    /** {@return what every method of a comparison has in common} */
    public TrainingPlan plan() {
        return plan;
    }

    /** {@return how devices' values are put together} */
    public Aggregation aggregation() {
        return plan.robustness().aggregation();
    }

    /** {@return the server, which reaches the devices} */
    public Server server() {
        return server;
    }

    /** {@return devices that may be asked now, ascending: they come and go} */
    public List<Integer> roster() {
        return server.roster();
    }

    /**
     * Tells the fleet that the run is safe up to here.
     *
     * @param round the next round to do
     */
    public void saved(int round) {
        fleet.saved(round);
    }

    /** What is remembered of who was heard. */
    RoundLog log() {
        return log;
    }

    /** {@return devices that did not present themselves, and why} */
    public List<DeviceFailure> absent() {
        return absent;
    }

    /**
     * The dense model, trained on the public set: the same bits every time.
     *
     * @return model and losses
     */
    public Pretraining.Outcome pretrain() {
        Pretraining.Outcome outcome = Pretraining.run(plan, publicSet, training);
        training.close();
        return outcome;
    }

    /**
     * The same for a method that is to reach a density: refused before any work if that leaves a layer without a weight.
     *
     * @param promise of the method
     * @return model and losses
     * @throws IllegalArgumentException naming the smallest possible density
     */
    public Pretraining.Outcome pretrain(DensityPromise promise) {
        LayerCounts.budget(LayerCounts.sizes(plan.network()), promise.density());
        return pretrain();
    }

    /** {@return D_s, the server's labelled images} */
    public Dataset publicSet() {
        return publicSet;
    }

    /** {@return the images that models are evaluated on} */
    public Dataset test() {
        return test;
    }

    /** {@return sessions of the server's own workers; the caller closes it} */
    public SessionCache sessions() {
        return new SessionCache(workers);
    }

    /**
     * The state and report before the first round.
     *
     * @param pretrained what pretraining gave
     * @param model of the first round
     * @param warnings one sentence each; mostly none
     * @param memory what the method remembers
     * @return the state before round 0, and the report
     */
    public Method.InitOutcome start(Pretraining.Outcome pretrained, ModelState model, List<String> warnings, AlgorithmState memory) {
        return start(pretrained, model, new Choice(Optional.empty(), Optional.empty(), parts(model)), warnings, memory);
    }

    /** The same after stage one. */
    Method.InitOutcome start(Pretraining.Outcome pretrained, BatchNormSelection.Outcome selected, List<String> warnings,
            AlgorithmState memory) {
        ModelParts parts = ModelParts.of(0, selected.model(), plan.local().classes(), selected.statistics());
        return start(pretrained, selected.model(), new Choice(Optional.of(selected.report()), Optional.empty(), parts), warnings, memory);
    }

    /**
     * The same after weights were scored.
     *
     * @param pretrained what pretraining gave
     * @param model of the first round
     * @param scoring what choosing the mask cost
     * @param memory what the method remembers
     * @return the state before round 0, and the report
     */
    public Method.InitOutcome start(Pretraining.Outcome pretrained, ModelState model, ScoringReport scoring, AlgorithmState memory) {
        return start(pretrained, model, new Choice(Optional.empty(), Optional.of(scoring), parts(model)), List.of(), memory);
    }

    /** How the first mask was chosen, and what parts of it classes of devices hold. */
    private record Choice(Optional<SelectionReport> selection, Optional<ScoringReport> scoring, ModelParts parts) {
    }

    private ModelParts parts(ModelState model) {
        return ModelParts.of(model, plan.local().classes());
    }

    private Method.InitOutcome start(Pretraining.Outcome pretrained, ModelState model, Choice choice, List<String> warnings,
            AlgorithmState memory) {
        Costs costs = pretrained.report().costs().plus(choice.selection().map(SelectionReport::costs).orElse(Costs.NONE))
                .plus(choice.scoring().map(ScoringReport::costs).orElse(Costs.NONE));
        return new Method.InitOutcome(new MethodState(0, model, choice.parts(), 0, MaskVersions.NONE, costs, memory,
                ServerMemory.NONE),
                new InitReport(pretrained.report(), choice.selection(), choice.scoring(), model.density(), LayerCount.of(model),
                        warned(warnings)));
    }

    /**
     * The class of a device: what part of the model it holds.
     *
     * @param device its number
     * @return place among the plan's classes, 0 where it holds the whole model
     */
    public int classOf(int device) {
        DeviceClasses classes = plan.local().classes();
        return classes.isEmpty() ? 0 : classes.of(device, fleet.capacity(device));
    }

    /**
     * What every device gets in the state's round: what the method says, or with classes of devices the part of its class.
     *
     * @param method of the run
     * @param state before the round
     * @return by number of the device
     */
    public IntFunction<Server.Assignment> assignments(Method method, MethodState state) {
        if (plan.local().classes().isEmpty()) {
            return method.assignments(state);
        }
        List<Server.Assignment> byClass = new ArrayList<>();
        for (ModelState model : state.parts().models(state.model())) {
            byClass.add(new Server.Assignment(model, byClass.isEmpty() ? method.task(state) : method.taskOfPart(state)));
        }
        return device -> byClass.get(classOf(device));
    }

    private List<String> warned(List<String> warnings) {
        List<String> all = new ArrayList<>(warnings);
        all.addAll(missingClasses());
        SortedMap<Integer, Platform> others = server.otherPlatforms();
        if (!others.isEmpty()) {
            all.add("devices " + others.keySet() + " compute other bits than the server (device " + others.firstKey() + ": "
                    + others.firstEntry().getValue() + ", here " + Platform.here() + "): results depend on which device does what");
        }
        return all;
    }

    /** What the user should know where a small draw of images lacks a class. */
    private List<String> missingClasses() {
        List<String> warnings = new ArrayList<>();
        String untaught = publicSet.missingClasses();
        if (plan.pretraining().epochs() > 0 && !untaught.isEmpty()) {
            warnings.add("the public set has no image of class " + untaught + ": pretraining does without");
        }
        String untested = test.missingClasses();
        if (!untested.isEmpty()) {
            warnings.add("the test set has no image of class " + untested + ": accuracy says nothing of it");
        }
        return warnings;
    }

    /**
     * The global model on the whole test set, with its running statistics.
     *
     * @param model of the plan's network
     * @return loss and accuracy
     */
    public TestResult evaluate(ModelState model) {
        return evaluate(model, test);
    }

    /**
     * A model on images that this process has, with its running statistics.
     *
     * @param model of the plan's network
     * @param images of the run's data set
     * @return loss, accuracy, and which class was taken for which
     */
    public TestResult evaluate(ModelState model, Dataset images) {
        int[] all = new int[images.count()];
        Arrays.setAll(all, i -> i);
        Session session = testing.session(model, Mode.INFERENCE, Math.min(TEST_BATCH, test.count()),
                BatchLoader.options(plan.serverSessions(), images, Augmentation.NONE));
        Scoring.Answers answers = Scoring.score(session, images, all, images.classes());
        return new TestResult(answers.score().lossSum() / all.length, answers.score().correct(), all.length, answers.confusion());
    }

    /**
     * Makes fresh devices ready to go on from a saved state: those that had acknowledged its mask get it again, outside the state's account
     * of traffic.
     *
     * @param method of the run
     * @param state of the checkpoint
     * @return the state to go on from
     */
    public MethodState resume(Method method, MethodState state) {
        IntFunction<Server.Assignment> assignments = assignments(method, state);
        MaskVersions acknowledged = server.restore(state.acknowledged(), state.maskVersion(), assignments);
        return new MethodState(state.round(), state.model(), state.parts(), state.adjustments(), acknowledged, state.costs(),
                state.memory(), state.server());
    }

    /** {@return every byte sent and received so far, the first greeting included} */
    public Traffic traffic() {
        return fleet.traffic();
    }

    /** {@return what the devices' work took since this was asked last; nothing where it is not measured} */
    public Measured takeMeasured() {
        return fleet.takeMeasured();
    }

    /** Ends the devices and the workers. */
    @Override
    public void close() {
        server.finish();
        fleet.close();
        closeSessions();
    }

    /** The same without a word to devices that can wait for a server that goes on with their run. */
    public void abandon() {
        fleet.abandon();
        closeSessions();
    }

    private void closeSessions() {
        training.close();
        testing.close();
        workers.close();
    }
}
