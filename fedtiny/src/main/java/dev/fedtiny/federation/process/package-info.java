/** Devices as processes of their own: how they are started and limited, and the stream of frames between them and the server. */
package dev.fedtiny.federation.process;
