package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Parameters of an operator, such as γ and β: live arrays of the session, and their gradients as sums of each image group, in double, which
 * are joined in the order of the groups.
 */
final class SmallParameters {
    private final int first;
    private final Held[] held;
    private final boolean trained;

    /** One parameter. */
    private static final class Held {
        private final int size;
        /** {@code [group][position]}; null where it is not trained. */
        private final double[] sums;
        private float[] values;
        private float[] gradient;

        Held(int size, boolean trained, RunContext pass) {
            this.size = size;
            sums = pass.mode == Mode.TRAINING && trained ? new double[Math.multiplyExact(pass.capacityGroups, size)] : null;
        }

        /** Joins the groups' sums, in order. */
        void join(int groups) {
            for (int k = 0; k < size; k++) {
                double sum = 0;
                for (int g = 0; g < groups; g++) {
                    sum += sums[g * size + k];
                }
                gradient[k] = (float) sum;
            }
        }
    }

    private SmallParameters(int first, Held[] held, boolean trained) {
        this.first = first;
        this.held = held;
        this.trained = trained;
    }

    /** Parameters of a network's layer, from position {@code first} on. */
    static SmallParameters of(Network network, List<Parameter> parameters, int first, RunContext pass) {
        Held[] held = new Held[parameters.size()];
        boolean trained = false;
        for (int i = 0; i < held.length; i++) {
            boolean own = network.isTrained(first + i);
            held[i] = new Held(parameters.get(i).size(), own, pass);
            trained |= own;
        }
        return new SmallParameters(first, held, trained);
    }

    /** Their positions in the network. */
    List<Integer> positions() {
        return IntStream.range(first, first + held.length).boxed().toList();
    }

    /** Takes over live arrays. */
    void bind(float[][] values, float[][] gradients) {
        for (int i = 0; i < held.length; i++) {
            held[i].values = values[first + i];
            held[i].gradient = gradients[first + i];
        }
    }

    /** Whether training changes any of them. */
    boolean trained() {
        return trained;
    }

    float[] values(int parameter) {
        return held[parameter].values;
    }

    /** Sums of all groups; null where the parameter is not trained. */
    double[] sums(int parameter) {
        return held[parameter].sums;
    }

    /** Where a group's sums of a parameter begin. */
    int sumsAt(int parameter, int group) {
        return group * held[parameter].size;
    }

    /** Joins the groups' sums to gradients. */
    void join(int groups) {
        for (Held parameter : held) {
            if (parameter.sums != null) {
                parameter.join(groups);
            }
        }
    }

    /** Bytes of the sums. */
    long bytes() {
        long bytes = 0;
        for (Held parameter : held) {
            bytes += parameter.sums == null ? 0 : 8L * parameter.sums.length;
        }
        return bytes;
    }
}
