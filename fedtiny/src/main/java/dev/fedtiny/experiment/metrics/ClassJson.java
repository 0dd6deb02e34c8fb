package dev.fedtiny.experiment.metrics;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.device.Confusion;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.method.FederatedData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Figures by class of the data. */
public final class ClassJson {
    private ClassJson() {
    }

    /** Adds {@code byClass}: test images of every class, right answers, and how often it was the answer. */
    public static void put(JsonObject.Builder line, Confusion confusion) {
        if (confusion.known()) {
            line.put("byClass", JsonObject.builder().put("count", numbers(confusion.images())).put("correct", numbers(confusion.correct()))
                    .put("predicted", numbers(confusion.answers())).build());
        }
    }

    /** The line at the end of a run: a row a class, a column an answer, the last for outputs that are no class of the data. */
    public static JsonObject confusion(Confusion confusion) {
        List<JsonValue> rows = new ArrayList<>();
        int columns = confusion.classes() + 1;
        for (int label = 0; label < confusion.classes(); label++) {
            rows.add(numbers(Arrays.copyOfRange(confusion.counts(), label * columns, (label + 1) * columns)));
        }
        return JsonObject.builder().put("event", "confusion").put("rows", new JsonValue.JsonArray(rows)).build();
    }

    /**
     * Who has how many images of which class.
     *
     * @param data as the experiment splits them
     * @param shares whether devices hold these shares; otherwise nothing is known of theirs
     */
    public static JsonObject split(FederatedData data, boolean shares) {
        JsonObject.Builder object = JsonObject.builder().put("public", numbers(data.publicSet().classCounts()))
                .put("test", numbers(data.test().classCounts()));
        if (shares) {
            object.put("devices", new JsonValue.JsonArray(data.devices().stream().map(Dataset::classCounts).map(ClassJson::numbers)
                    .toList()));
        }
        return object.build();
    }

    private static JsonValue numbers(int[] numbers) {
        return new JsonValue.JsonArray(Arrays.stream(numbers).mapToObj(JsonValue::of).toList());
    }
}
