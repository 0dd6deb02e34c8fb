package dev.fedtiny.method;

/**
 * The server's choice of a mask by scores, before the rounds.
 *
 * @param steps in which the density came down
 * @param samples images of a step
 * @param costs exact FLOPs and wall time; no traffic
 */
public record ScoringReport(int steps, int samples, Costs costs) {
}
