/** What to keep: magnitude order, the candidate pool, the adjustment schedule, and the step that grows and prunes. */
package dev.fedtiny.pruning;
