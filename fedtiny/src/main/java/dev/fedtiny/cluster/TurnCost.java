package dev.fedtiny.cluster;

/**
 * What a turn took.
 *
 * @param workNanos for which the node worked on it
 * @param wayNanos what the driver waited beyond that: encoding, engine, network, checks of what arrived and decoding, together
 * @param sentBytes that went to the node: the turn, and those of its objects that the node did not have
 * @param answerBytes that came back
 */
public record TurnCost(long workNanos, long wayNanos, long sentBytes, long answerBytes) {
}
