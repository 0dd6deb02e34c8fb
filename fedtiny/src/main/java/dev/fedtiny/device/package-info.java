/** A device: its data, its session, and the work that it does when it is asked. */
package dev.fedtiny.device;
