/**
 * Federated pruning on the sparse engine. Requires the incubator module so that an application started from here has SIMD without a flag.
 */
module dev.fedtiny {
    requires transitive dev.fedtiny.engine;
    // For JPEG images alone: an application on a small device does without it.
    requires static java.desktop;
    requires jdk.httpserver;
    requires jdk.incubator.vector;
    requires jdk.jfr;
    requires jdk.management;

    exports dev.fedtiny.cluster;
    exports dev.fedtiny.command;
    exports dev.fedtiny.cost;
    exports dev.fedtiny.data;
    exports dev.fedtiny.device;
    exports dev.fedtiny.experiment;
    exports dev.fedtiny.federation;
    exports dev.fedtiny.federation.process;
    exports dev.fedtiny.method;
    exports dev.fedtiny.network;
    exports dev.fedtiny.network.device;
    exports dev.fedtiny.network.server;
    exports dev.fedtiny.privacy;
    exports dev.fedtiny.protocol;
    exports dev.fedtiny.pruning;
    exports dev.fedtiny.report;
    exports dev.fedtiny.settings;

    uses dev.fedtiny.cluster.TurnTask;
    uses dev.fedtiny.data.PartitionScheme;
    uses dev.fedtiny.experiment.FleetProvider;
    uses dev.fedtiny.method.MethodProvider;

    provides dev.fedtiny.data.PartitionScheme with
        dev.fedtiny.data.DirichletSplit,
        dev.fedtiny.data.IidSplit,
        dev.fedtiny.data.ShardSplit,
        dev.fedtiny.data.QuantitySplit;

    provides dev.fedtiny.cluster.TurnTask with
        dev.fedtiny.cluster.DeviceTurns,
        dev.fedtiny.cluster.EchoTurns,
        dev.fedtiny.experiment.RunSlices;

    provides dev.fedtiny.experiment.FleetProvider with
        dev.fedtiny.experiment.DevicesInThreads,
        dev.fedtiny.experiment.DevicesInProcesses;

    // Settings stand in files in this order; the class path's list is META-INF/services.
    provides dev.fedtiny.method.MethodProvider with
        dev.fedtiny.method.FedTiny.Provider,
        dev.fedtiny.method.FedAvg.Provider,
        dev.fedtiny.method.FlPqsu.Provider,
        dev.fedtiny.method.Snip.Provider,
        dev.fedtiny.method.SynFlow.Provider,
        dev.fedtiny.method.PruneFl.Provider,
        dev.fedtiny.method.FedDst.Provider,
        dev.fedtiny.method.LotteryFl.Provider,
        dev.fedtiny.method.FedMef.Provider,
        dev.fedtiny.method.FedRts.Provider,
        dev.fedtiny.method.FedSgc.Provider;
}
