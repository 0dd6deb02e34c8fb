/** Names and forms of the requests between server and devices. */
package dev.fedtiny.network.wire;
