package dev.fedtiny.experiment;

import dev.fedtiny.method.FederationContext;

/**
 * Devices in threads of this process.
 *
 * @param context the federation
 */
record ThreadHosting(FederationContext context) implements Hosting {
    @Override
    public void close() {
        context.close();
    }
}
