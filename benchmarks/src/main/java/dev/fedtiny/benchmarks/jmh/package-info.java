/**
 * JMH benchmarks over the engine, on the class path, where its internal packages can be reached. {@code bin/benchmarks} builds and runs
 * them; {@code docs/benchmarks.md} says how to read what they print.
 */
package dev.fedtiny.benchmarks.jmh;
