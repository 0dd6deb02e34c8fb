/** The charts of the documentation, drawn from result files. */
package dev.fedtiny.benchmarks.charts;
