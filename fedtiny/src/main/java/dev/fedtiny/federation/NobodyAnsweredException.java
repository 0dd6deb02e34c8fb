package dev.fedtiny.federation;

import java.util.List;

/** No device gave a good answer to a request that needs at least one; it may be made again. */
public final class NobodyAnsweredException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private final transient List<DeviceFailure> failures;
    private final transient List<Integer> recalibrated;

    /**
     * A request that came to nothing.
     *
     * @param failures why every device did not answer, those included that were not even there
     * @param recalibrated who had recalibrated before that
     * @param what the request that came to nothing, in words
     */
    public NobodyAnsweredException(String what, List<DeviceFailure> failures, List<Integer> recalibrated) {
        super(what + (failures.isEmpty() ? "; no device is present"
                : "; the first failure: device " + failures.getFirst().device() + ", " + failures.getFirst().reason()));
        this.failures = List.copyOf(failures);
        this.recalibrated = List.copyOf(recalibrated);
    }

    private NobodyAnsweredException(String message, NobodyAnsweredException last) {
        super(message, last);
        this.failures = last.failures;
        this.recalibrated = last.recalibrated;
    }

    /**
     * The last of several requests that came to nothing.
     *
     * @param times how many there were
     * @return the same, which says so
     */
    public NobodyAnsweredException after(int times) {
        return times == 1 ? this : new NobodyAnsweredException(getMessage() + "; failed " + times + " times (max-repeats)", this);
    }

    /** {@return why every device did not answer} */
    public List<DeviceFailure> failures() {
        return failures;
    }

    /** {@return devices that had recalibrated before, for an attempt that failed} */
    public List<Integer> recalibrated() {
        return recalibrated;
    }
}
