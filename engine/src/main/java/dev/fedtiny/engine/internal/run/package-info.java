/** What the machine and the JVM can do. */
package dev.fedtiny.engine.internal.run;
