package dev.fedtiny.experiment.metrics;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.method.DeviceRound;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Figures by device, as members of a round's line: one array a figure, all in the order of {@code device}; of very many devices quantiles
 * in their place, so that a line does not grow with the federation.
 */
public final class DeviceJson {
    /** With more devices in a round their quantiles are written. */
    public static final int MOST_DEVICES = 1000;

    /** Keys of {@link Quantiles#usual}. */
    private static final String[] NAMES = {"min", "q10", "q25", "median", "q75", "q90", "max"};

    /** A figure that devices have. */
    private record Figure(String name, boolean whole, ToDoubleFunction<DeviceRound> value) {
        private JsonValue json(DeviceRound device) {
            double figure = value.applyAsDouble(device);
            return whole ? JsonValue.of((long) figure) : JsonValue.ofNullable(figure);
        }
    }

    /** One line a figure; loss and seconds are null of devices whose answers were not taken. */
    private static final List<Figure> FIGURES = List.of(
            new Figure("samples", true, DeviceRound::samples),
            new Figure("loss", false, DeviceRound::loss),
            new Figure("flops", true, device -> device.flops()),
            new Figure("bytesDown", true, device -> device.bytesDown()),
            new Figure("bytesUp", true, device -> device.bytesUp()),
            new Figure("seconds", false, DeviceRound::seconds));

    private DeviceJson() {
    }

    /** Adds {@code byDevice}, or {@code byDeviceQuantiles}, where devices took part. */
    public static void put(JsonObject.Builder line, List<DeviceRound> devices) {
        if (devices.isEmpty()) {
            return;
        }
        JsonObject.Builder object = JsonObject.builder();
        if (devices.size() <= MOST_DEVICES) {
            object.put("device", array(devices, device -> JsonValue.of(device.device())));
            FIGURES.forEach(figure -> object.put(figure.name(), array(devices, figure::json)));
            line.put("byDevice", object.build());
        } else {
            object.put("count", devices.size());
            FIGURES.forEach(figure -> object.put(figure.name(), quantiles(devices.stream().mapToDouble(figure.value()).toArray())));
            line.put("byDeviceQuantiles", object.build());
        }
    }

    private interface Cell {
        JsonValue of(DeviceRound device);
    }

    private static JsonValue array(List<DeviceRound> devices, Cell cell) {
        List<JsonValue> values = new ArrayList<>(devices.size());
        devices.forEach(device -> values.add(cell.of(device)));
        return new JsonValue.JsonArray(values);
    }

    /** Quantiles of the values that are finite; nothing where none is. */
    public static JsonObject quantiles(double[] values) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        JsonObject.Builder object = JsonObject.builder();
        double[] quantiles = finite.length == 0 ? new double[0] : Quantiles.of(Arrays.stream(finite)).usual();
        for (int i = 0; i < quantiles.length; i++) {
            object.put(NAMES[i], quantiles[i]);
        }
        return object.build();
    }
}
