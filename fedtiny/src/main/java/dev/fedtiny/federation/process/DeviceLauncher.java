package dev.fedtiny.federation.process;

import java.io.IOException;
import java.net.InetSocketAddress;

/** Starts the process of a device. */
@FunctionalInterface
public interface DeviceLauncher {
    /** The variable of the environment in which a launcher hands the token to a process, where other users cannot read it. */
    String TOKEN_VARIABLE = "FEDTINY_DEVICE_TOKEN";

    /**
     * Starts a process that connects to the server and introduces itself as the device, with the token.
     *
     * @param lane which processor it may use, where processors can be chosen
     */
    Process start(int device, int lane, InetSocketAddress server, long token) throws IOException;
}
