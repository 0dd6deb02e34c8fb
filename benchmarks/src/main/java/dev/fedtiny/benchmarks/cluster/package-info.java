/** What it costs to have devices work on the nodes of a cluster: their turns there, by themselves and with all nodes busy. */
package dev.fedtiny.benchmarks.cluster;
