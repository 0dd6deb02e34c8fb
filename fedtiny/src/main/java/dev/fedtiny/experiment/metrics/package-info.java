/** The form of {@code metrics.jsonl}, and files of earlier forms. */
package dev.fedtiny.experiment.metrics;
