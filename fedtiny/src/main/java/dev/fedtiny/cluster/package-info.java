/**
 * Work spread over the nodes of somebody else's cluster: what an engine must offer ({@link dev.fedtiny.cluster.TurnEngine}), what runs on
 * its nodes ({@link dev.fedtiny.cluster.TurnWorker}), and a fleet of devices made of both ({@link dev.fedtiny.cluster.EngineFleet}).
 */
package dev.fedtiny.cluster;
