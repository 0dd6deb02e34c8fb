/**
 * Server and devices, and the messages that are all they know of each other. A {@link dev.fedtiny.federation.Server} asks,
 * a {@link dev.fedtiny.federation.Fleet} carries frames of bytes, a {@link dev.fedtiny.federation.Device} answers; whether devices
 * live in this process or elsewhere is the fleet's affair alone. Every byte counted was really produced, and no bytes from outside
 * can do more than lose their sender's turn.
 */
package dev.fedtiny.federation;
