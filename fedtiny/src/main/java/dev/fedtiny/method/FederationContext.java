package dev.fedtiny.method;

import dev.fedtiny.engine.nn.ModelState;

/** What a method works with: the plan, the server with its fleet, the public set, and the server's own workers. Not thread-safe. */
public final class FederationContext implements AutoCloseable {
    private FederationContext() {
    }

    /**
     * A simulation in this process: devices and server exchange encoded frames.
     *
     * @param threads worker threads of the whole simulation
     * @param slots devices that train at the same time, one thread each; 1: one device at a time with all threads
     */
    public static FederationContext inProcess(TrainingPlan plan, FederatedData data, int threads, int slots) {
        throw new UnsupportedOperationException();
    }

    /** What every method of a comparison has in common. */
    public TrainingPlan plan() {
        throw new UnsupportedOperationException();
    }

    /** K, devices of the fleet. */
    public int devices() {
        throw new UnsupportedOperationException();
    }

    /** The global model on the whole test set, with its running statistics. */
    public TestResult evaluate(ModelState model) {
        throw new UnsupportedOperationException();
    }

    /** Makes the devices ready to go on from a saved state: those that had acknowledged its mask get it again. */
    public void resume(MethodState state) {
        throw new UnsupportedOperationException();
    }

    /** Ends the devices and the workers. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
