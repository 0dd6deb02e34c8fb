package dev.fedtiny.federation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Holds the values of all devices, and puts them together coordinate by coordinate. Memory: 4 bytes a value and device. */
final class CoordinateAverage implements Aggregation.Average {
    private final Aggregation.CoordinateWise rule;
    private final List<List<float[]>> devices = new ArrayList<>();
    private long weights;

    CoordinateAverage(Aggregation.CoordinateWise rule) {
        this.rule = rule;
    }

    @Override
    public void add(int weight, List<float[]> values) {
        for (int i = 0; !devices.isEmpty() && i < values.size(); i++) {
            if (values.get(i).length != devices.getFirst().get(i).length) {
                throw new IllegalArgumentException("average: array " + i + " has " + values.get(i).length + " values, earlier ones "
                        + devices.getFirst().get(i).length);
            }
        }
        devices.add(values);
        weights += weight;
    }

    @Override
    public void merge(Aggregation.Average other) {
        if (!(other instanceof CoordinateAverage that) || !that.rule.equals(rule)) {
            throw new IllegalArgumentException("average: " + rule + " is put together with " + other.getClass().getSimpleName()
                    + " of another rule");
        }
        devices.addAll(that.devices);
        weights += that.weights;
    }

    /** The values of all devices. */
    List<List<float[]>> devices() {
        return devices;
    }

    @Override
    public long weights() {
        return weights;
    }

    @Override
    public List<float[]> values() {
        if (devices.isEmpty()) {
            throw new IllegalStateException("average: nobody reported");
        }
        float[] column = new float[devices.size()];
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < devices.getFirst().size(); i++) {
            float[] array = new float[devices.getFirst().get(i).length];
            for (int j = 0; j < array.length; j++) {
                for (int k = 0; k < column.length; k++) {
                    column[k] = devices.get(k).get(i)[j];
                }
                Arrays.sort(column);
                array[j] = rule.centre(column, column.length);
            }
            values.add(array);
        }
        return values;
    }
}
