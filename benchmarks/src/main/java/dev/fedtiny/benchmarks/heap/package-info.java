/** The least memory in which a device can do its part, found by running real device processes. */
package dev.fedtiny.benchmarks.heap;
