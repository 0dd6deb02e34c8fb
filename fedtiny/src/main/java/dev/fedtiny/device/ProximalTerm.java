package dev.fedtiny.device;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The proximal term of FedProx (Li et al., "Federated Optimization in Heterogeneous Networks", MLSys 2020): devices minimise
 * F_k(w) + µ/2·‖w − w_t‖² over the active trained values, where w_t is where local training of the round begins. Its gradient
 * µ·(w − w_t) is added to the one of the loss after every backward pass, before the optimiser; running statistics are not trained and have
 * none. Positions that leave the mask leave the term; one that enters is pulled to 0, which is what it was in w_t. Holds w_t, 4 bytes an
 * active trained value; a step allocates nothing. Not thread-safe.
 */
final class ProximalTerm {
    private final float factor;
    private final int[] parameters;
    private final List<Mask> masks;
    private final float[][] start;

    private ProximalTerm(float factor, int[] parameters, List<Mask> masks, float[][] start) {
        this.factor = factor;
        this.parameters = parameters;
        this.masks = masks;
        this.start = start;
    }

    /**
     * Pulls to the values that a session holds now.
     *
     * @param session of mode TRAINING
     * @param factor µ, above 0
     * @return the term
     */
    static ProximalTerm at(Session session, double factor) {
        int[] trained = IntStream.range(0, session.network().parameters().size()).filter(session.network()::isTrained).toArray();
        return new ProximalTerm((float) factor, trained, Arrays.stream(trained).mapToObj(session::mask).toList(),
                Arrays.stream(trained).mapToObj(p -> session.values(p).clone()).toArray(float[][]::new));
    }

    /**
     * The same term where masks may have changed.
     *
     * @param session holds the masks
     * @return a term for these
     */
    ProximalTerm under(Session session) {
        List<Mask> now = Arrays.stream(parameters).mapToObj(session::mask).toList();
        float[][] moved = new float[parameters.length][];
        for (int i = 0; i < moved.length; i++) {
            Mask mask = now.get(i);
            moved[i] = mask.equals(masks.get(i)) ? start[i] : new float[mask.count()];
            for (int j = 0; moved[i] != start[i] && j < moved[i].length; j++) {
                int place = masks.get(i).find(mask.index(j));
                moved[i][j] = place < 0 ? 0 : start[i][place];
            }
        }
        return new ProximalTerm(factor, parameters, now, moved);
    }

    /**
     * Adds the gradient.
     *
     * @param session has done a backward pass
     */
    void add(Session session) {
        Meter meter = session.meter();
        if (meter != null) {
            meter.start(meter.operator(SessionMeter.PROXIMAL));
        }
        for (int i = 0; i < parameters.length; i++) {
            add(session.values(parameters[i]), start[i], session.gradient(parameters[i]), factor);
        }
        if (meter != null) {
            meter.stop(PassKind.OPTIMIZER, 4 * bytes());
        }
    }

    private static void add(float[] values, float[] start, float[] gradient, float factor) {
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] += factor * (values[i] - start[i]);
        }
    }

    /** Bytes of w_t. */
    long bytes() {
        return Arrays.stream(start).mapToLong(values -> 4L * values.length).sum();
    }
}
