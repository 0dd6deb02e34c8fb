/** The binary form of everything a run carries from one round to the next, and the two files of it that a run directory holds. */
package dev.fedtiny.experiment.checkpoint;
