package dev.fedtiny.experiment;

import dev.fedtiny.method.TestResult;

/**
 * The model of a run that did best while it ran ({@link EndRule#best}), kept beside the last one where that was asked for. It was chosen by
 * the images it was evaluated on, so its accuracy on them promises too much.
 *
 * @param round after which it was evaluated; 0: the start
 * @param test how it did
 * @param judgedBy the images that decided, in words
 */
public record BestModel(int round, TestResult test, String judgedBy) {
}
