package dev.fedtiny.engine.measure;

/**
 * What one pass of one operator came to.
 *
 * @param operator {@code state_dict} prefix of a layer with weights, a name of its own for others; never that of another of a session
 * @param pass what it was doing
 * @param calls pieces of work timed: an image group, or a thread's share of a group or of the whole
 * @param threadNanos time of all threads that worked on it, added up
 * @param nanos its share of the caller's time: the time from handing work out to having it back is divided between the passes that were
 *     handed out together, by their thread time; waiting is in it. These add up to the whole.
 * @param usefulMacs multiply-adds at active positions (all positions where all are wanted) for real images, taps on zero padding included
 * @param executedMacs multiply-adds that were carried out: padding lanes and, in dense form, pruned positions included; overhang of
 *     register tiles not
 * @param denseMacs what a dense layer would need for the same images
 * @param trafficBytes by the model at {@link PassKind}
 * @param allocatedBytes allocated on the heap meanwhile by the threads at work, as the JVM counts; 0 where it does not
 */
public record OperatorCost(String operator, PassKind pass, long calls, long threadNanos, long nanos, long usefulMacs, long executedMacs,
        long denseMacs, long trafficBytes, long allocatedBytes) {
    /** Both together; of the same operator and pass. */
    OperatorCost plus(OperatorCost other) {
        return new OperatorCost(operator, pass, sum("calls", calls, other.calls), sum("thread time", threadNanos, other.threadNanos),
                sum("time", nanos, other.nanos), sum("useful multiply-adds", usefulMacs, other.usefulMacs),
                sum("executed multiply-adds", executedMacs, other.executedMacs), sum("dense multiply-adds", denseMacs, other.denseMacs),
                sum("bytes of traffic", trafficBytes, other.trafficBytes), sum("bytes allocated", allocatedBytes, other.allocatedBytes));
    }

    private long sum(String what, long one, long other) {
        return Exact.sum(what + " of " + operator, one, other);
    }

    /** What came since an earlier reading. */
    OperatorCost minus(OperatorCost earlier) {
        return new OperatorCost(operator, pass, calls - earlier.calls, threadNanos - earlier.threadNanos, nanos - earlier.nanos,
                usefulMacs - earlier.usefulMacs, executedMacs - earlier.executedMacs, denseMacs - earlier.denseMacs,
                trafficBytes - earlier.trafficBytes, allocatedBytes - earlier.allocatedBytes);
    }

    /** {@return useful floating-point operations a byte of traffic; 0 without traffic} */
    public double intensity() {
        return trafficBytes == 0 ? 0 : 2.0 * usefulMacs / trafficBytes;
    }

    /** {@return 10⁹ useful floating-point operations a second of the caller's time; 0 where no time was taken} */
    public double usefulGflops() {
        return nanos == 0 ? 0 : 2.0 * usefulMacs / nanos;
    }

    /** {@return 10⁹ executed floating-point operations a second of the caller's time; 0 where no time was taken} */
    public double executedGflops() {
        return nanos == 0 ? 0 : 2.0 * executedMacs / nanos;
    }
}
