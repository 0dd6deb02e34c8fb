/** The first answers of a process: what an application sees before the JVM has compiled anything. */
package dev.fedtiny.benchmarks.start;
