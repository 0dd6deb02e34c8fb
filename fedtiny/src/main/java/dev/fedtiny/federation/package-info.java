/**
 * The server's side: a {@link dev.fedtiny.federation.Server} asks, a {@link dev.fedtiny.federation.Fleet} carries frames of bytes, and a
 * {@link dev.fedtiny.device.Device} answers; whether devices live in this process or elsewhere is the fleet's affair alone. Every byte
 * counted was really produced, and no bytes from outside can do more than lose their sender's turn.
 */
package dev.fedtiny.federation;
