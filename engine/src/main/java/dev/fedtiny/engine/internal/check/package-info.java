/** What public methods ask of any argument; knows nothing of what arguments are. */
package dev.fedtiny.engine.internal.check;
