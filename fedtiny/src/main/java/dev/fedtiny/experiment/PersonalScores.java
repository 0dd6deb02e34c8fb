package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.device.Confusion;
import dev.fedtiny.device.OwnStatistics;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.federation.Server;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What devices' own models are worth behind the last round of a simulation, where that was asked for ({@link Setting#EVALUATE_PERSONAL}):
 * the model as the device holds it, with running statistics of its own data ({@link OwnStatistics}), beside the same with those that all
 * share. A split leaves devices no images of their own to be judged by, so both are judged by the test images, of which each class of
 * images counts as it does among the device's own: accuracy_k = Σ_c share_k(c) · accuracy(c). A device of whose classes there is no test
 * image cannot be judged: it is in no mean and is counted apart. Nothing depends on it.
 */
final class PersonalScores {
    /** Each is a pass over the test images. */
    static final int MOST_DEVICES = 100;

    private final FederationContext context;
    private final MethodState state;
    private final List<Dataset> shares;
    private final IntFunction<Server.Assignment> assignments;
    private final List<Integer> devices;

    private PersonalScores(FederationContext context, Method method, MethodState state, List<Dataset> shares) {
        this.context = context;
        this.state = state;
        this.shares = shares;
        this.assignments = context.assignments(method, state);
        int[] order = new int[shares.size()];
        Arrays.setAll(order, k -> k);
        RandomStream.of(context.plan().seed(), "personal-devices").shuffle(order);
        this.devices = Arrays.stream(order, 0, Math.min(MOST_DEVICES, order.length)).sorted().boxed().toList();
    }

    /**
     * The line of the metrics.
     *
     * @param shares the devices' images; empty where they have others
     * @return empty where it was not asked for, or the devices' images are not known here
     */
    static Optional<JsonObject> of(Experiment experiment, FederationContext context, MethodState state, List<Dataset> shares) {
        return experiment.get(Setting.EVALUATE_PERSONAL) && !shares.isEmpty()
                ? Optional.of(new PersonalScores(context, experiment.method(), state, shares).line()) : Optional.empty();
    }

    /** The means of a line in words. */
    static String words(JsonObject line) {
        long unjudged = line.integer("unjudged");
        String without = unjudged == 0 ? "" : "; left out: " + Numbers.counted(unjudged, "device") + " of whose classes there are no test "
                + "images";
        if (line.find("accuracy").isEmpty()) {
            return "the devices' own models: none can be judged" + without;
        }
        return String.format(Locale.ROOT, "the devices' own models: accuracy %.2f %% with statistics of their own, %.2f %% with those that "
                + "all share, on test images weighed by each device's classes", 100 * line.number("accuracy"),
                100 * line.number("sharedAccuracy")) + without;
    }

    private JsonObject line() {
        TrainingPlan plan = context.plan();
        int[] tested = context.test().classCounts();
        List<Integer> judged = devices.stream().filter(device -> tested(shares.get(device), tested) > 0).toList();
        double[] own = new double[judged.size()];
        double[] shared = new double[judged.size()];
        try (Workers workers = Workers.of(1)) {
            for (int i = 0; i < own.length; i++) {
                int device = judged.get(i);
                Dataset share = shares.get(device);
                ModelState held = assignments.apply(device).model();
                OwnStatistics how = new OwnStatistics(plan.seed(), device, plan.batch(), plan.deviceSettings().development());
                own[i] = accuracy(() -> how.of(held, share, workers), share);
                shared[i] = accuracy(() -> held, share);
            }
        }
        JsonObject.Builder object = JsonObject.builder().put("event", "personal").put("round", state.round());
        Metrics.finite(object, "accuracy", Arrays.stream(own).average().orElse(Double.NaN));
        Metrics.finite(object, "sharedAccuracy", Arrays.stream(shared).average().orElse(Double.NaN));
        object.put("unjudged", devices.size() - judged.size())
                .put("device", array(judged.stream().map(device -> JsonValue.of((long) device)).toList()))
                .put("accuracies", figures(own)).put("sharedAccuracies", figures(shared));
        List<DeviceClass> classes = plan.local().classes().all();
        List<JsonValue> byClass = new ArrayList<>();
        for (int place = 0; place < classes.size(); place++) {
            int of = place;
            int[] members = IntStream.range(0, own.length).filter(i -> context.classOf(judged.get(i)) == of).toArray();
            JsonObject.Builder one = JsonObject.builder().put("name", classes.get(place).name()).put("devices", members.length);
            Metrics.finite(one, "accuracy", Arrays.stream(members).mapToDouble(i -> own[i]).average().orElse(Double.NaN));
            Metrics.finite(one, "sharedAccuracy", Arrays.stream(members).mapToDouble(i -> shared[i]).average().orElse(Double.NaN));
            byClass.add(one.build());
        }
        return classes.isEmpty() ? object.build() : object.put("deviceClasses", array(byClass)).build();
    }

    /** How many images of a share are of classes that there are test images of. */
    private static long tested(Dataset share, int[] tested) {
        return IntStream.range(0, share.count()).filter(i -> tested[share.label(i)] > 0).count();
    }

    /** Of classes without test images nothing is known: the others' shares count, of which there are some. */
    private double accuracy(Supplier<ModelState> model, Dataset share) {
        Confusion confusion = Judge.evaluated(() -> context.evaluate(model.get())).confusion();
        if (!confusion.known()) {
            return 0;
        }
        int[] images = confusion.images();
        int[] correct = confusion.correct();
        double right = 0;
        for (int i = 0; i < share.count(); i++) {
            int label = share.label(i);
            right += images[label] > 0 ? (double) correct[label] / images[label] : 0;
        }
        return right / tested(share, images);
    }

    private static JsonValue array(List<JsonValue> values) {
        return new JsonValue.JsonArray(values);
    }

    private static JsonValue figures(double[] values) {
        return array(Arrays.stream(values).mapToObj(value -> JsonValue.of(value)).toList());
    }
}
