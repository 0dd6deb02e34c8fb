package dev.fedtiny.device;

import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.Update;

/** A {@link LocalTask} with the device's half of it: what a method has its devices do. */
public interface DeviceTask extends LocalTask {
    /**
     * Does the task, on the device.
     *
     * @param job the request, the device's data, and where to work
     * @return made by {@link LocalJob#answer}
     * @throws ArithmeticException if training gives numbers that are not finite
     * @throws ProtocolException if the device lacks what the task counts on
     */
    Update run(LocalJob job);
}
