package dev.fedtiny.engine.train;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.MaskVersion;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Walks values and gradients of all trainable parameters of a session in their one order, shared between the session's threads: every
 * value has one owner and no value depends on another, so bits do not depend on the threads. A step allocates nothing, but where the
 * session's masks have changed since the last one: what is remembered by weight then follows the positions. What a position that was kept
 * all the while has stays, and positions that are new, or were away in between, begin with zeros.
 */
abstract class ParameterUpdater implements Optimizer.Updater {
    private final Session session;
    private final int[] parameters;
    private final List<float[][]> state = new ArrayList<>();
    private final Workers.Task task = this::share;
    /** The masks that the state is for. */
    private MaskVersion masks;
    private double rate;
    private long steps;

    ParameterUpdater(Session session) {
        if (session.mode() != Mode.TRAINING) {
            throw new IllegalArgumentException("optimiser: the session is for " + session.mode() + ", an optimiser needs one of mode "
                    + Mode.TRAINING + "; open it so");
        }
        this.session = session;
        this.masks = session.maskVersion();
        List<Parameter> all = session.network().parameters();
        parameters = IntStream.range(0, all.size()).filter(i -> all.get(i).kind().trainable()).toArray();
    }

    /** One buffer of zeros a trainable parameter. The arrays in it are others once masks have changed. */
    final float[][] buffers() {
        float[][] buffers = new float[parameters.length][];
        for (int i = 0; i < parameters.length; i++) {
            buffers[i] = new float[masks.mask(parameters[i]).count()];
        }
        state.add(buffers);
        return buffers;
    }

    /** Lets the state follow the session's masks; nothing is changed unless everything can be. */
    private void follow() {
        MaskVersion now = masks;
        while (now.next() != null) {
            now = now.next();
        }
        if (now == masks) {
            return;
        }
        float[][][] moved = new float[state.size()][parameters.length][];
        for (int slot = 0; slot < parameters.length; slot++) {
            int[] places = places(parameters[slot], now);
            for (int i = 0; i < moved.length; i++) {
                moved[i][slot] = places == null ? state.get(i)[slot] : gathered(state.get(i)[slot], places);
            }
        }
        for (int i = 0; i < moved.length; i++) {
            System.arraycopy(moved[i], 0, state.get(i), 0, parameters.length);
        }
        masks = now;
    }

    /** Where each kept position of a parameter had its state, −1 where it had none; null where its mask has never changed. */
    private int[] places(int parameter, MaskVersion now) {
        Mask before = masks.mask(parameter);
        int[] places = null;
        for (MaskVersion version = masks.next(); version != null; version = version.next()) {
            Mask mask = version.mask(parameter);
            if (places == null && !mask.equals(before)) {
                Mask last = now.mask(parameter);
                places = new int[last.count()];
                for (int i = 0; i < places.length; i++) {
                    places[i] = before.contains(last.index(i)) ? before.find(last.index(i)) : -1;
                }
            }
            for (int i = 0; places != null && i < places.length; i++) {
                if (places[i] >= 0 && !mask.contains(now.mask(parameter).index(i))) {
                    places[i] = -1;
                }
            }
        }
        return places;
    }

    private static float[] gathered(float[] old, int[] places) {
        float[] moved = new float[places.length];
        for (int i = 0; i < places.length; i++) {
            moved[i] = places[i] < 0 ? 0 : old[places[i]];
        }
        return moved;
    }

    /** Bytes of {@link #buffers}. */
    static long bufferBytes(Network network, int[] kept) {
        long bytes = 0;
        for (int i = 0; i < kept.length; i++) {
            bytes += network.parameters().get(i).kind().trainable() ? 4L * kept[i] : 0;
        }
        return bytes;
    }

    @Override
    public final long bytes() {
        long bytes = 0;
        for (float[][] buffers : state) {
            for (float[] buffer : buffers) {
                bytes += 4L * buffer.length;
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
        if (!(learningRate >= 0 && Float.isFinite((float) learningRate))) {
            throw new IllegalArgumentException("optimiser: learning rate " + learningRate + ", must be at least 0 and finite in single "
                    + "precision");
        }
        try (Session.Hold _ = session.hold()) {
            session.checkGradients();
            follow();
            rate = learningRate;
            steps++;
            begin();
            update();
            check();
        }
    }

    private void check() {
        try {
            session.checkValues();
        } catch (NonFiniteException e) {
            throw e.in("optimiser step " + steps + " at learning rate " + rate);
        }
    }

    private void update() {
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
