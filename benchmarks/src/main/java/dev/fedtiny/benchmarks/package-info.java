/** JMH benchmarks of the engine over the layer shapes of real networks. */
package dev.fedtiny.benchmarks;
