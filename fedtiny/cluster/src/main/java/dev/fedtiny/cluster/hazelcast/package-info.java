/**
 * The engine {@code hazelcast}: nodes are members of a Hazelcast cluster that {@code fedtiny node} starts, a driver is a client of theirs.
 * Built and tested with Hazelcast 5.7.0, the open community edition (Apache License 2.0), which has no TLS: for trusted networks.
 */
package dev.fedtiny.cluster.hazelcast;
