/** What the processor and the JVM can do: features of the one, options of the other. */
package dev.fedtiny.engine.internal.run;
