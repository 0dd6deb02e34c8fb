/** Training steps looked at closely: time, work, traffic and memory by operator, and the meter beside other observers. */
package dev.fedtiny.benchmarks.profile;
