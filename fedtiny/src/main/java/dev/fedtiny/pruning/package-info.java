/** What devices and servers decide together about what to keep: the candidate pool, the adjustment schedule, sums of gradients, beliefs. */
package dev.fedtiny.pruning;
