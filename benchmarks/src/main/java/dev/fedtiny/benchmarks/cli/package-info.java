/** The laboratory's command line, {@code bin/benchmarks}: what a kernel engineer or a sceptic measures. */
package dev.fedtiny.benchmarks.cli;
