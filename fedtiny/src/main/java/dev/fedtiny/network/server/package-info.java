/** The server's side of a federation over the network: who may come, what is asked of whom, and all that is kept about it. */
package dev.fedtiny.network.server;
