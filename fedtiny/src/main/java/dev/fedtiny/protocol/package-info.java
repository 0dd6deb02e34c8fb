/**
 * What server and devices say to each other: messages, the frames they travel in, and how both are read from bytes that nobody vouches for.
 */
package dev.fedtiny.protocol;
