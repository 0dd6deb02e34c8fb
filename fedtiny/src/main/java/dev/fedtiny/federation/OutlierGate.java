package dev.fedtiny.federation;

import dev.fedtiny.federation.DeviceFailure.Cause;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * The one place that answers which change the model come through before they are added up. An answer of which some part measures more than
 * so many times the median of that part over the round's devices is not passed on, and its device is named. The median is that of all
 * answers, so they wait until the last has come: the first {@value #HELD_BYTES} bytes in memory, what is over in a file ({@link Spool}).
 * Who passes depends on the answers alone, not on their order, and memory does not grow with the fleet. With fewer than
 * {@value #LEAST_DEVICES} answers nobody can be told from the others, and all pass; the same goes for a part that fewer answers have, since
 * devices that are asked for less answer with their first parts only. Not thread-safe.
 *
 * @param <T> a sort of answer
 */
final class OutlierGate<T> implements AutoCloseable {
    private static final long HELD_BYTES = 64 << 20;
    private static final int LEAST_DEVICES = 3;

    private final double bound;
    private final BiFunction<Integer, T, PartNorms> measure;
    private final BiFunction<Integer, byte[], T> reader;
    private final Predicate<T> range;
    private final BiConsumer<Integer, T> taker;
    private final List<DeviceFailure> refused = new ArrayList<>();
    private final List<Held<T>> held = new ArrayList<>();
    private final Spool spool = new Spool();
    private long heldBytes;
    /** Those of an answer with most parts: its names and factors are those of all. */
    private PartNorms parts;

    /** An answer that waits: itself, or where it lies. */
    private record Held<T>(int device, double[] norms, T answer, Optional<Spool.Place> place) {
    }

    /**
     * Nothing came yet.
     *
     * @param bound times the median; infinite: everybody passes at once
     * @param measure of a device's answer
     * @param reader reads a device's frame, which was read before, again
     * @param range whether an answer lies in the range of sums
     * @param taker gets those that pass
     */
    OutlierGate(double bound, BiFunction<Integer, T, PartNorms> measure, BiFunction<Integer, byte[], T> reader,
            Predicate<T> range, BiConsumer<Integer, T> taker) {
        this.bound = bound;
        this.measure = measure;
        this.reader = reader;
        this.range = range;
        this.taker = taker;
    }

    /**
     * Takes an answer.
     *
     * @param frame as it came; empty where there is none
     */
    void take(int device, T answer, byte[] frame) {
        if (Double.isInfinite(bound)) {
            pass(device, answer);
            return;
        }
        PartNorms measured = measure.apply(device, answer);
        double[] norms = measured.norms();
        parts = parts == null || norms.length > parts.norms().length ? measured : parts;
        heldBytes += frame.length;
        held.add(heldBytes <= HELD_BYTES ? new Held<>(device, norms, answer, Optional.empty())
                : new Held<>(device, norms, null, Optional.of(spool.add(frame))));
    }

    /** No more answers follow: passes on what waited. Returns who was not, by device. */
    List<DeviceFailure> finish() {
        double[] medians = medians();
        held.sort(Comparator.comparingInt(Held::device));
        for (Held<T> one : held) {
            Optional<String> reason = outlying(one.norms(), medians);
            if (reason.isPresent()) {
                refused.add(new DeviceFailure(one.device(), Cause.OUTLIER, reason.get()));
            } else {
                pass(one.device(), one.place().map(place -> reader.apply(one.device(), spool.read(place))).orElse(one.answer()));
            }
        }
        held.clear();
        return refused.stream().sorted(Comparator.comparingInt(DeviceFailure::device)).toList();
    }

    private void pass(int device, T answer) {
        if (range.test(answer)) {
            taker.accept(device, answer);
        } else {
            refused.add(new DeviceFailure(device, Cause.OUTLIER, "a value times the device's samples is larger than "
                    + ExactSums.LARGEST + " in magnitude, which no sum takes; the answer was thrown away"));
        }
    }

    /** Of every part over all answers; of two in the middle the larger: who did little must not make the others suspicious. */
    private double[] medians() {
        double[] medians = new double[held.isEmpty() ? 0 : parts.norms().length];
        for (int part = 0; part < medians.length; part++) {
            int place = part;
            double[] ascending = held.stream().map(Held::norms).filter(norms -> norms.length > place).mapToDouble(norms -> norms[place])
                    .sorted().toArray();
            // Of fewer nobody can be told from the others.
            medians[part] = ascending.length < LEAST_DEVICES ? 0 : ascending[ascending.length / 2];
        }
        return medians;
    }

    /** Why an answer is out of proportion; empty where it is not. */
    private Optional<String> outlying(double[] norms, double[] medians) {
        for (int part = 0; part < norms.length; part++) {
            double times = bound * parts.factor(part);
            if (medians[part] > 0 && norms[part] > times * medians[part]) {
                return Optional.of(String.format(Locale.ROOT, "the %s measures %.4g, more than %.6g times the round's median of %.4g; the "
                        + "answer was thrown away", parts.name(part), norms[part], times, medians[part]));
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        spool.close();
    }
}
