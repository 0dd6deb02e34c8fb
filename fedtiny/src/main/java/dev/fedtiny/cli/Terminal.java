package dev.fedtiny.cli;

import java.io.PrintStream;

/**
 * Where a command prints.
 *
 * @param out results
 * @param err progress, warnings and errors
 * @param interactive whether a person sees err, so that a bar may be drawn over itself
 */
record Terminal(PrintStream out, PrintStream err, boolean interactive) {
}
