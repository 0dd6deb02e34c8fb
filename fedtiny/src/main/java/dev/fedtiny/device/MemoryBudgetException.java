package dev.fedtiny.device;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.session.MemoryEstimate;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A session was asked for that the heap cannot hold: known by planning, before anything of it is allocated. */
public final class MemoryBudgetException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final double MIB = 1 << 20;

    private MemoryBudgetException(String message) {
        super(message);
    }

    /**
     * Checks a session against a limit.
     *
     * @param batch named in the advice
     * @param limit what the heap may hold, bytes
     * @throws MemoryBudgetException if it cannot fit, with the figures
     */
    static void check(MemoryEstimate estimate, int batch, long limit) {
        if (estimate.total() > limit) {
            throw new MemoryBudgetException(String.format(Locale.ROOT,
                    "a session of batch %d needs %.1f MiB (%s), the heap may hold %.1f MiB; use a smaller batch, activations = bfloat16, "
                    + "or more device-memory", batch, estimate.total() / MIB, figures(estimate.bytes()), limit / MIB));
        }
    }

    /**
     * Bytes by category in words, largest first, those of less than a twentieth MiB left out.
     *
     * @param bytes by category
     * @return for example {@code activations 12.5, values 3.1}, in MiB
     */
    public static String figures(Map<MemoryCategory, Long> bytes) {
        return bytes.entrySet().stream().filter(e -> e.getValue() >= MIB / 20)
                .sorted(Map.Entry.<MemoryCategory, Long>comparingByValue().reversed())
                .map(e -> String.format(Locale.ROOT, "%s %.1f", e.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        e.getValue() / MIB))
                .collect(Collectors.joining(", "));
    }
}
