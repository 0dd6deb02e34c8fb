/** What a federation's server costs when many devices ask it at the same time: time of a round, heap, processor while it waits. */
package dev.fedtiny.benchmarks.network;
