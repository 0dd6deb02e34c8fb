package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Parameters of an operator, such as γ and β: live arrays of the session, and their gradients as sums of each block of pixels of each image
 * group, in double, which are joined in the order of the blocks and then in that of the groups.
 */
final class SmallParameters {
    private final int first;
    private final Held[] held;
    private final boolean trained;

    /** One parameter. */
    private static final class Held {
        private final int size;
        private final int blocks;
        /** {@code [group][block][position]}; null where it is not trained. */
        private final double[] sums;
        private float[] values;
        private float[] gradient;

        Held(int size, int blocks, boolean trained, RunContext pass) {
            this.size = size;
            this.blocks = blocks;
            sums = pass.mode == Mode.TRAINING && trained
                    ? new double[Math.multiplyExact(Math.multiplyExact(pass.capacityGroups, blocks), size)] : null;
        }

        /** Joins each group's sums, in the order of its blocks, and then the groups', in order. */
        void join(int groups) {
            for (int g = 0; g < groups; g++) {
                int first = at(g, 0);
                for (int i = 1; i < blocks; i++) {
                    int block = at(g, i);
                    for (int k = 0; k < size; k++) {
                        sums[first + k] += sums[block + k];
                    }
                }
            }
            for (int k = 0; k < size; k++) {
                double sum = 0;
                for (int g = 0; g < groups; g++) {
                    sum += sums[at(g, 0) + k];
                }
                gradient[k] = (float) sum;
            }
        }

        int at(int group, int block) {
            return (group * blocks + block) * size;
        }
    }

    private SmallParameters(int first, Held[] held, boolean trained) {
        this.first = first;
        this.held = held;
        this.trained = trained;
    }

    /**
     * Parameters of a network's layer, from position {@code first} on.
     *
     * @param blocks pieces that sums over an image group come in
     */
    static SmallParameters of(Network network, List<Parameter> parameters, int first, int blocks, RunContext pass) {
        Held[] held = new Held[parameters.size()];
        boolean trained = false;
        for (int i = 0; i < held.length; i++) {
            boolean own = network.isTrained(first + i);
            held[i] = new Held(parameters.get(i).size(), blocks, own, pass);
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

    /** Sums of all blocks of all groups; null where the parameter is not trained. */
    double[] sums(int parameter) {
        return held[parameter].sums;
    }

    /** Where the sums of a parameter over a block of a group begin. */
    int sumsAt(int parameter, int group, int block) {
        return held[parameter].at(group, block);
    }

    /** Joins the sums of so many groups to gradients. */
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
