package dev.fedtiny.protocol;

import dev.fedtiny.data.Normalization;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/** The figures that a run's images are normalised by, as JSON: devices with images of their own must not go by others. */
public final class ImageFigures {
    private ImageFigures() {
    }

    /** Figures as they are told: {@code name}, and {@code mean} and {@code standardDeviation} of each channel. */
    static JsonObject json(Normalization figures) {
        return JsonObject.builder().put("name", figures.name()).put("mean", numbers(figures.mean()))
                .put("standardDeviation", numbers(figures.standardDeviation())).build();
    }

    /**
     * Figures as one line.
     *
     * @param figures of the run's training images
     * @return an object of JSON: {@code name}, and {@code mean} and {@code standardDeviation} of each channel
     */
    public static String text(Normalization figures) {
        return JsonWriter.compact(json(figures));
    }

    /**
     * Reads what {@link #json} made, trusting nothing.
     *
     * @throws IllegalArgumentException if they are no figures
     * @throws JsonException if members are missing or something else
     */
    static Normalization of(JsonObject told) {
        return new Normalization(told.string("name"), numbers(told, "mean"), numbers(told, "standardDeviation"));
    }

    /**
     * Reads what {@link #text} made.
     *
     * @param text one line
     * @return the figures
     * @throws IllegalArgumentException if they are none
     */
    public static Normalization of(String text) {
        try {
            if (JsonReader.parse(text) instanceof JsonObject told) {
                return of(told);
            }
        } catch (JsonException e) {
            throw new IllegalArgumentException("figures of images: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("figures of images are '" + text + "', expected an object of JSON");
    }

    private static JsonValue numbers(List<Double> figures) {
        return new JsonValue.JsonArray(figures.stream().map(JsonValue::of).toList());
    }

    private static List<Double> numbers(JsonObject told, String name) {
        List<Double> numbers = new ArrayList<>();
        for (JsonValue value : told.array(name)) {
            if (!(value instanceof JsonValue.JsonNumber number)) {
                throw new IllegalArgumentException("'" + name + "' holds something that is no number");
            }
            numbers.add(number.toDouble());
        }
        return numbers;
    }
}
