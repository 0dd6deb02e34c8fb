/** What really happened: time, work, traffic and memory of operators, figures of the process, flight-recorder events. */
package dev.fedtiny.engine.measure;
