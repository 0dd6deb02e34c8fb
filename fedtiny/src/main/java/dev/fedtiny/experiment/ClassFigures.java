package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.method.DeviceRound;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Figures by class of devices, where there are classes: the member {@code deviceClasses} of a line of the metrics.
 *
 * @param asked devices, whether or not they answered
 * @param devices what devices had to do with the round
 */
record ClassFigures(List<Integer> asked, List<DeviceRound> devices) {
    /** Before the rounds, when nobody has been asked. */
    static final ClassFigures START = new ClassFigures(List.of(), List.of());

    /** Of a round. */
    static ClassFigures of(RoundReport report) {
        return new ClassFigures(report.participants(), report.devices());
    }

    /**
     * The classes, densest first.
     *
     * @param state whose model's parts are evaluated, one pass over the test images a class but the first
     * @param whole score of the whole model, which the first class holds; where that was not evaluated no part is
     * @return one object a class; empty without classes
     */
    Optional<JsonValue> of(FederationContext context, MethodState state, TestResult whole) {
        List<DeviceClass> classes = context.plan().local().classes().all();
        if (classes.isEmpty()) {
            return Optional.empty();
        }
        List<ModelState> models = state.parts().models(state.model());
        List<JsonValue> figures = new ArrayList<>();
        for (int place = 0; place < classes.size(); place++) {
            int own = place;
            ModelState model = models.get(place);
            List<DeviceRound> members = devices.stream().filter(device -> context.classOf(device.device()) == own).toList();
            JsonObject.Builder object = JsonObject.builder().put("name", classes.get(place).name()).put("density", model.density())
                    .put("kept", model.prunableActive());
            if (Double.isFinite(whole.accuracy())) {
                TestResult test = place == 0 ? whole : Judge.evaluated(() -> context.evaluate(model));
                object.put("accuracy", test.accuracy());
                Metrics.finite(object, "loss", test.loss());
            }
            object.put("devices", asked.stream().filter(device -> context.classOf(device) == own).count())
                    .put("reporters", members.stream().filter(device -> device.samples() > 0).count())
                    .put("samples", members.stream().mapToLong(DeviceRound::samples).sum())
                    .put("flops", members.stream().mapToLong(DeviceRound::flops).sum())
                    .put("maxDeviceFlops", members.stream().mapToLong(DeviceRound::flops).max().orElse(0))
                    .put("bytesDown", members.stream().mapToLong(DeviceRound::bytesDown).sum())
                    .put("bytesUp", members.stream().mapToLong(DeviceRound::bytesUp).sum());
            figures.add(object.build());
        }
        return Optional.of(new JsonValue.JsonArray(figures));
    }
}
