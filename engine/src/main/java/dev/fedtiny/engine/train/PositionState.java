package dev.fedtiny.engine.train;

import dev.fedtiny.engine.session.MaskVersion;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Numbers that belong to the active positions of a session's trained parameters, and follow them: where masks have changed, what a position
 * that was kept all the while has stays, and positions that are new, or were away in between, begin with zeros.
 */
final class PositionState {
    private final Session session;
    /** Positions of the trained parameters among the network's. */
    private final int[] parameters;
    /** By parameter, array and active position. */
    private final float[][][] arrays;
    /** The masks that they are for. */
    private MaskVersion masks;

    /**
     * Zeros.
     *
     * @param count how many arrays a parameter has
     */
    PositionState(Session session, IntUnaryOperator count) {
        this.session = session;
        this.masks = session.maskVersion();
        parameters = trained(session);
        arrays = new float[parameters.length][][];
        for (int slot = 0; slot < arrays.length; slot++) {
            arrays[slot] = new float[count.applyAsInt(parameters[slot])][masks.mask(parameters[slot]).count()];
        }
    }

    /** Positions of the parameters that have gradients. */
    static int[] trained(Session session) {
        return IntStream.range(0, session.network().parameters().size()).filter(p -> session.gradient(p) != null).toArray();
    }

    /** The arrays of a trained parameter; others once masks have changed. */
    float[][] of(int slot) {
        return arrays[slot];
    }

    /** Lets the arrays follow the session's masks; nothing is changed unless everything can be. */
    void follow() {
        MaskVersion now = masks;
        while (now.next() != null) {
            now = now.next();
        }
        if (now == masks) {
            return;
        }
        float[][][] moved = new float[arrays.length][][];
        for (int slot = 0; slot < moved.length; slot++) {
            int[] places = places(parameters[slot], now);
            moved[slot] = places == null ? arrays[slot]
                    : Arrays.stream(arrays[slot]).map(old -> gathered(old, places)).toArray(float[][]::new);
        }
        System.arraycopy(moved, 0, arrays, 0, moved.length);
        masks = now;
    }

    /** Where each active position of a parameter had its number, −1 where it had none; null where its mask has never changed. */
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

    /** Puts other arrays of the same lengths in the place of all. */
    void replace(float[][][] others) {
        System.arraycopy(others, 0, arrays, 0, arrays.length);
    }

    /** Zeros everywhere. */
    void clear() {
        for (float[][] parameter : arrays) {
            for (float[] array : parameter) {
                Arrays.fill(array, 0);
            }
        }
    }

    Session session() {
        return session;
    }

    int[] parameters() {
        return parameters;
    }

    long bytes() {
        long bytes = 0;
        for (float[][] parameter : arrays) {
            for (float[] array : parameter) {
                bytes += 4L * array.length;
            }
        }
        return bytes;
    }
}
