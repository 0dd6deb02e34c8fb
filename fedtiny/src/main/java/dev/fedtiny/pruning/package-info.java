/** What to keep: scores, allocation of density, schedule, and the grow-and-prune step. */
package dev.fedtiny.pruning;
