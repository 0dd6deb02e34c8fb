package dev.fedtiny.experiment;

import dev.fedtiny.cluster.Cluster;
import dev.fedtiny.cluster.DeviceData;
import dev.fedtiny.cluster.EngineFleet;
import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.SessionTerms;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** Devices on the nodes of a cluster engine: what a {@link EngineProvider} opens. */
public final class EngineHosting implements Hosting {
    /** Where the images of devices come from that work on nodes. */
    public enum DataPlace {
        /** From this machine, to the node that a device works on. */
        SENT,
        /** From folders of the nodes, which say whose they have. */
        HELD
    }

    private final Cluster cluster;
    private final FederationContext context;

    private EngineHosting(Cluster cluster, FederationContext context) {
        this.cluster = cluster;
        this.context = context;
    }

    /**
     * The devices of an experiment on an engine's nodes, greeted.
     *
     * @param engine reaches the nodes; closed with the devices
     * @param experiment its settings
     * @param plan what all methods have in common
     * @param data the images as the experiment splits them
     * @param notes takes what a user should know: nodes that come, go, or are left out, and turns that are done again
     * @return open devices
     * @throws IOException if no node can work, or none has the data of a device that nodes are to hold
     */
    public static EngineHosting open(TurnEngine engine, Experiment experiment, TrainingPlan plan, FederatedData data,
            Consumer<String> notes) throws IOException {
        Platforms platforms = experiment.get(Setting.EXACT) ? Platforms.SAME : Platforms.ANY;
        Cluster cluster = new Cluster(engine, platforms,
                rules(experiment, experiment.get(Setting.DEVICE_TIMEOUT)), notes);
        try {
            boolean sent = experiment.get(Setting.DEVICE_DATA) == DataPlace.SENT;
            if (sent) {
                cluster.await(1);
            } else {
                cluster.awaitShares(experiment.get(Setting.DEVICES));
            }
            SessionTerms terms = new SessionTerms(plan.network(), plan.deviceSettings(), experiment.get(Setting.METER));
            EngineFleet fleet = new EngineFleet(cluster, terms, sent ? new DeviceData.Sent(data.devices())
                    : new DeviceData.Held(experiment.get(Setting.DEVICES)));
            return new EngineHosting(cluster, sent && platforms == Platforms.SAME
                    ? FederationContext.over(plan, fleet, data, experiment.threads())
                    : FederationContext.over(plan, fleet, data.publicSet(), data.test(), experiment.threads(), platforms, RoundLog.NONE));
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /**
     * What is waited for on a cluster.
     *
     * @param experiment its settings
     * @param seconds that a piece of work has on a node
     * @return the usual number of attempts
     */
    public static Cluster.Rules rules(Experiment experiment, int seconds) {
        return new Cluster.Rules(Duration.ofSeconds(seconds), Cluster.Rules.USUAL.attempts(),
                Duration.ofSeconds(experiment.get(Setting.CLUSTER_PATIENCE)));
    }

    @Override
    public FederationContext context() {
        return context;
    }

    @Override
    public String summary() {
        return cluster.summary();
    }

    @Override
    public void close() {
        context.close();
    }
}
