/** The device's side of a federation over the network: joins a server, does what it asks, and survives lines and servers that break. */
package dev.fedtiny.network.device;
