package dev.fedtiny.federation.process;

/**
 * One request that a device answered.
 *
 * @param exchange number of the exchange it belongs to; the devices of one exchange work side by side
 * @param device its number
 * @param nanos wall time from the first byte sent to the last byte received
 * @param requestBytes length of the request's frame
 * @param answerBytes length of the answer's frame
 */
public record DeviceTurn(int exchange, int device, long nanos, long requestBytes, long answerBytes) {
}
