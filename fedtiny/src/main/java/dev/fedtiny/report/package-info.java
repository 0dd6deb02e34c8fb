/**
 * What people and programs read of runs: the self-contained HTML page ({@link dev.fedtiny.report.RunReport}), its charts and tables, CSV
 * tables, TensorBoard's event files, and the tables of the terminal.
 */
package dev.fedtiny.report;
