package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.experiment.metrics.DeviceJson;
import dev.fedtiny.federation.Server;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * How the model that each device would get next does on all of the device's own images, where they are known here: a forward pass over all
 * training images each time, which is why it is only done every so many rounds. Nothing depends on it.
 *
 * @param shares the devices' images; empty where they have others
 * @param every so many rounds, and after the last one; 0: never
 */
record DeviceEvaluation(List<Dataset> shares, int every) {
    DeviceEvaluation {
        shares = List.copyOf(shares);
    }

    /** Whether it is done after a round, which may be the last. */
    boolean due(MethodState state, boolean last) {
        return every > 0 && !shares.isEmpty() && (state.round() % every == 0 || last);
    }

    /**
     * The member {@code deviceAccuracy} of a round's line, where it is due.
     *
     * @param state after the round
     * @param last whether none follows, be it that the run ends early
     */
    Optional<JsonObject> after(FederationContext context, Method method, MethodState state, boolean last) {
        if (!due(state, last)) {
            return Optional.empty();
        }
        IntFunction<Server.Assignment> assignments = context.assignments(method, state);
        int[] correct = new int[shares.size()];
        double[] losses = new double[shares.size()];
        for (int device = 0; device < correct.length; device++) {
            Dataset share = shares.get(device);
            ModelState model = assignments.apply(device).model();
            TestResult own = Judge.evaluated(() -> context.evaluate(model, share));
            correct[device] = own.correct();
            losses[device] = own.loss();
        }
        return Optional.of(json(correct, losses));
    }

    private JsonObject json(int[] correct, double[] losses) {
        if (correct.length > DeviceJson.MOST_DEVICES) {
            double[] accuracies = new double[correct.length];
            Arrays.setAll(accuracies, device -> (double) correct[device] / shares.get(device).count());
            return JsonObject.builder().put("count", correct.length).put("accuracy", DeviceJson.quantiles(accuracies))
                    .put("loss", DeviceJson.quantiles(losses)).build();
        }
        List<JsonValue> accuracies = new ArrayList<>();
        for (int device = 0; device < correct.length; device++) {
            accuracies.add(JsonValue.of((double) correct[device] / shares.get(device).count()));
        }
        return JsonObject.builder().put("accuracy", new JsonValue.JsonArray(accuracies))
                .put("loss", new JsonValue.JsonArray(Arrays.stream(losses).mapToObj(JsonValue::ofNullable).toList())).build();
    }
}
