package dev.fedtiny.experiment;

/**
 * Whether this process has been told to end. From then on shutdown hooks run side by side and in no order: devices and files that a run
 * misses may be their doing, and its own hook may be the last of them.
 */
final class ProcessEnd {
    /** Of no use but to be asked for. */
    private static final Thread NOBODY = new Thread(() -> { }, "fedtiny-nobody");

    private ProcessEnd() {
    }

    /** Whether it has; before the first hook begins. */
    static boolean hasBegun() {
        try {
            Runtime.getRuntime().removeShutdownHook(NOBODY);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /**
     * Checks that it has not.
     *
     * @throws ProcessEndingException if it has
     */
    static void refuse() {
        if (hasBegun()) {
            throw new ProcessEndingException(null);
        }
    }
}
