package dev.fedtiny.federation;

import dev.fedtiny.federation.DeviceFailure.Cause;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

/**
 * The one place that answers which change the model come through before they are added up. An answer of which some part measures more than
 * so many times the median of that part over the devices is not passed on, and its device is named. The first answers are held back, at
 * least {@value #LEAST_HELD} and as many as fit into {@value #HELD_BYTES} bytes: in most rounds all of them, which are then judged by the
 * median of the round. Later ones are judged by all that came before, so memory does not grow with the fleet; who is passed on depends on
 * the answers and their order alone. With fewer than {@value #LEAST_DEVICES} answers nobody can be told from the others, and all pass.
 *
 * @param <T> a sort of answer
 */
final class OutlierGate<T> {
    private static final int LEAST_HELD = 8;
    private static final long HELD_BYTES = 64 << 20;
    private static final int LEAST_DEVICES = 3;

    private final double bound;
    private final BiFunction<Integer, T, PartNorms> measure;
    private final ToLongFunction<T> bytes;
    private final BiConsumer<Integer, T> taker;
    private final List<Held<T>> held = new ArrayList<>();
    /** The norms of every part over all devices that answered, ascending. */
    private double[][] seen = new double[0][];
    private int answers;
    private final List<DeviceFailure> refused = new ArrayList<>();
    private long heldBytes;
    private boolean open;

    private record Held<T>(int device, T answer, PartNorms norms) {
    }

    /**
     * Nothing came yet.
     *
     * @param bound times the median; infinite: everybody passes at once
     * @param measure of a device's answer
     * @param bytes of an answer in memory
     * @param taker gets those that pass, in their order
     */
    OutlierGate(double bound, BiFunction<Integer, T, PartNorms> measure, ToLongFunction<T> bytes, BiConsumer<Integer, T> taker) {
        this.bound = bound;
        this.measure = measure;
        this.bytes = bytes;
        this.taker = taker;
    }

    /** Takes an answer; devices come in their order. */
    void take(int device, T answer) {
        if (Double.isInfinite(bound)) {
            taker.accept(device, answer);
            return;
        }
        PartNorms norms = measure.apply(device, answer);
        remember(norms);
        if (open) {
            judge(new Held<>(device, answer, norms));
            return;
        }
        held.add(new Held<>(device, answer, norms));
        heldBytes += bytes.applyAsLong(answer);
        if (held.size() >= LEAST_HELD && heldBytes > HELD_BYTES) {
            release();
            open = true;
        }
    }

    /** No more answers follow: passes on what was held back. Returns who was not, in their order. */
    List<DeviceFailure> finish() {
        release();
        return List.copyOf(refused);
    }

    private void release() {
        held.forEach(this::judge);
        held.clear();
    }

    private void remember(PartNorms norms) {
        if (answers == 0) {
            seen = new double[norms.count()][LEAST_HELD];
        }
        for (int part = 0; part < seen.length; part++) {
            double[] ascending = answers < seen[part].length ? seen[part] : Arrays.copyOf(seen[part], 2 * answers);
            int found = Arrays.binarySearch(ascending, 0, answers, norms.norm(part));
            int place = found < 0 ? -1 - found : found;
            System.arraycopy(ascending, place, ascending, place + 1, answers - place);
            ascending[place] = norms.norm(part);
            seen[part] = ascending;
        }
        answers++;
    }

    private void judge(Held<T> one) {
        PartNorms norms = one.norms();
        for (int part = 0; answers >= LEAST_DEVICES && part < norms.count(); part++) {
            // Of two in the middle the larger: who did little must not make the others suspicious.
            double median = seen[part][answers / 2];
            double times = bound * norms.factor(part);
            if (median > 0 && norms.norm(part) > times * median) {
                refused.add(new DeviceFailure(one.device(), Cause.OUTLIER, String.format(Locale.ROOT, "the %s measures %.4g, more than "
                        + "%.6g times the round's median of %.4g; the answer was thrown away", norms.name(part), norms.norm(part), times,
                        median)));
                return;
            }
        }
        taker.accept(one.device(), one.answer());
    }
}
