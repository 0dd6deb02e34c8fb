package dev.fedtiny.engine.train;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.Parameter;
import dev.fedtiny.engine.nn.Session;
import dev.fedtiny.engine.runtime.Workers;
import java.util.List;

/**
 * Walks values and gradients of all trainable parameters of a session in their one order, shared between the session's threads: every
 * value has one owner and no value depends on another, so bits do not depend on the threads. A step allocates nothing.
 */
abstract class ParameterUpdater implements Optimizer.Updater {
    private final Session session;
    private final int[] parameters;
    private final Workers.Task task = this::share;
    private double rate;
    private long steps;

    ParameterUpdater(Session session) {
        this.session = session;
        List<Parameter> all = session.network().parameters();
        parameters = java.util.stream.IntStream.range(0, all.size()).filter(i -> all.get(i).kind().trainable()).toArray();
    }

    /** One buffer of zeros a trainable parameter. */
    final float[][] buffers() {
        float[][] buffers = new float[parameters.length][];
        for (int i = 0; i < parameters.length; i++) {
            buffers[i] = new float[session.values(parameters[i]).length];
        }
        return buffers;
    }

    /** Bytes of {@link #buffers}. */
    static long bufferBytes(Network network, int[] kept) {
        long bytes = 0;
        for (int i = 0; i < kept.length; i++) {
            bytes += network.parameters().get(i).kind().trainable() ? 4L * kept[i] : 0;
        }
        return bytes;
    }

    static long bytes(float[][]... buffers) {
        long bytes = 0;
        for (float[][] some : buffers) {
            if (some != null) {
                for (float[] buffer : some) {
                    bytes += 4L * buffer.length;
                }
            }
        }
        return bytes;
    }

    final double rate() {
        return rate;
    }

    /** Steps taken, the current one included. */
    final long steps() {
        return steps;
    }

    /** Called once a step, before any {@link #update}. */
    void begin() {
    }

    /**
     * Updates some values of a parameter.
     *
     * @param slot the parameter's place among the trainable ones
     */
    abstract void update(int slot, float[] values, float[] gradient, int from, int to);

    @Override
    public final void step(double learningRate) {
        if (!(learningRate >= 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("optimiser: learning rate " + learningRate + ", must be at least 0 and finite");
        }
        rate = learningRate;
        steps++;
        begin();
        Meter meter = session.meter();
        if (meter == null) {
            session.workers().run(task);
            return;
        }
        meter.open(meter.operator("optimizer"));
        meter.run(session.workers(), PassKind.OPTIMIZER, task);
        meter.count(PassKind.OPTIMIZER, 0, 0, 0, 12 * trainableValues() + 2 * bytes());
        meter.close();
    }

    private long trainableValues() {
        long count = 0;
        for (int parameter : parameters) {
            count += session.values(parameter).length;
        }
        return count;
    }

    private void share(int worker, int workers) {
        for (int slot = 0; slot < parameters.length; slot++) {
            float[] values = session.values(parameters[slot]);
            int from = (int) ((long) values.length * worker / workers);
            int to = (int) ((long) values.length * (worker + 1) / workers);
            if (from < to) {
                update(slot, values, session.gradient(parameters[slot]), from, to);
            }
        }
    }
}
