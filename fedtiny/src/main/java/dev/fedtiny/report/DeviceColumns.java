package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.Optional;

/**
 * What a round's line says of the devices that had to do with it: columns of as many figures, NaN where one did not tell.
 *
 * @param devices their numbers
 * @param samples that they trained on
 * @param losses of their training
 * @param flops exact counts
 * @param bytesDown to them
 * @param bytesUp from them
 * @param seconds of training, as they measured
 */
record DeviceColumns(double[] devices, double[] samples, double[] losses, double[] flops, double[] bytesDown, double[] bytesUp,
        double[] seconds) {
    /** Empty where the line has none, as with very many devices. */
    static Optional<DeviceColumns> of(JsonObject line) {
        return JsonMembers.object(line, "byDevice").map(columns -> new DeviceColumns(JsonMembers.numbers(columns, "device"),
                JsonMembers.numbers(columns, "samples"), JsonMembers.numbers(columns, "loss"), JsonMembers.numbers(columns, "flops"),
                JsonMembers.numbers(columns, "bytesDown"), JsonMembers.numbers(columns, "bytesUp"),
                JsonMembers.numbers(columns, "seconds")));
    }

    /** How the model that each device gets next did on the device's own images, by number; none where that was not evaluated. */
    static Optional<double[]> accuracies(JsonObject line) {
        return JsonMembers.object(line, "deviceAccuracy").map(object -> JsonMembers.numbers(object, "accuracy"));
    }

    /** Whether a device is among them. */
    boolean has(int device) {
        for (double one : devices) {
            if (one == device) {
                return true;
            }
        }
        return false;
    }
}
