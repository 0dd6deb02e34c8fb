package dev.fedtiny.benchmarks.jmh;

/**
 * How long one benchmark is run for.
 *
 * @param warmUps iterations before the first that counts
 * @param iterations those that count
 * @param iterationMillis length of an iteration; it ends after the call that exceeds it
 */
record Pace(int warmUps, int iterations, int iterationMillis) {
    /** About what a JVM takes to start, to check results and to measure its limits. */
    private static final double START_SECONDS = 4;

    /** That of a benchmark class, of whole networks or of single kernels. */
    static Pace of(String benchmark, boolean quick) {
        boolean network = benchmark.startsWith("Network");
        return quick ? new Pace(2, 5, network ? 500 : 200) : new Pace(3, 5, network ? 3000 : 1000);
    }

    /** Seconds for one combination of parameters, if no call takes longer than an iteration. */
    double seconds() {
        return START_SECONDS + (warmUps + iterations) * iterationMillis / 1e3;
    }
}
