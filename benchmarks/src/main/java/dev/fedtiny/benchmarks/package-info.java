/** What all measurements share: where results go, with what they were measured on, and intervals of medians. */
package dev.fedtiny.benchmarks;
