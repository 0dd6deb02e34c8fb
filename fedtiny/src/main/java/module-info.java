/**
 * Federated pruning on the sparse engine. Requires the incubator module so that an application started from here has SIMD without a flag.
 */
module dev.fedtiny {
    requires transitive dev.fedtiny.engine;
    requires jdk.incubator.vector;
    requires jdk.jfr;
    requires jdk.management;

    exports dev.fedtiny.command;
    exports dev.fedtiny.cost;
    exports dev.fedtiny.data;
    exports dev.fedtiny.device;
    exports dev.fedtiny.experiment;
    exports dev.fedtiny.federation;
    exports dev.fedtiny.federation.process;
    exports dev.fedtiny.method;
    exports dev.fedtiny.protocol;
    exports dev.fedtiny.pruning;
    exports dev.fedtiny.report;
}
