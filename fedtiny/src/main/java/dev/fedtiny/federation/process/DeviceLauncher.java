package dev.fedtiny.federation.process;

import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;

/** Starts the process of a device. */
@FunctionalInterface
public interface DeviceLauncher {
    /**
     * Starts a process that connects to the server and introduces itself as the device, with the token. What it prints is read by the
     * caller, where it is not redirected.
     *
     * @param lane which processor it may use, where processors can be chosen
     * @param token the device's secret, to be handed over where others cannot read it: {@link TokenFile#give}, or a file
     * @param device from 0
     * @param server where it connects to
     * @return the process
     * @throws IOException if it cannot be started
     */
    Process start(int device, int lane, InetSocketAddress server, DeviceToken token) throws IOException;

    /**
     * Where all is kept that a device's processes print; closed when the process has ended. Nowhere, unless overridden.
     *
     * @param device from 0
     * @return takes the bytes as they are printed
     * @throws IOException if it cannot be opened
     */
    default OutputStream log(int device) throws IOException {
        return OutputStream.nullOutputStream();
    }
}
