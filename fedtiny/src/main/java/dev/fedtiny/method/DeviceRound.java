package dev.fedtiny.method;

/**
 * What a device had to do with a round. Exact counts but for the last figure; they cost no message of their own. In a secure sum no
 * answer is taken by itself.
 *
 * @param device its number
 * @param samples n_k as it stated; 0 where its answer was not taken by itself
 * @param loss mean cross entropy over the samples it trained on, all local epochs; NaN where its answer was not taken by itself
 * @param flops exact FLOPs of all its attempts, for nothing or not
 * @param bytesDown frames of requests that it answered, all attempts
 * @param bytesUp frames of those answers
 * @param seconds of training, as the device measured them; NaN where its answer was not taken by itself
 */
public record DeviceRound(int device, int samples, double loss, long flops, long bytesDown, long bytesUp, double seconds) {
}
