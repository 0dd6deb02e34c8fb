/** Costs of methods counted and measured side by side: device processes of all of them do rounds in turn on one machine. */
package dev.fedtiny.benchmarks.comparison;
