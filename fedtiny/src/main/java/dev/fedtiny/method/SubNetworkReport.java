package dev.fedtiny.method;

/**
 * How devices with sub-networks of their own did in a round.
 *
 * @param accuracy the personalised figure: right answers on held-out data of the models as they came, over the reporters' held-out samples;
 *        NaN when there are none
 * @param pruned how many devices pruned in this round
 * @param meanDensity over all devices, each counted once
 * @param lowestDensity of a device
 * @param highestDensity of a device
 */
public record SubNetworkReport(double accuracy, int pruned, double meanDensity, double lowestDensity, double highestDensity) {
}
