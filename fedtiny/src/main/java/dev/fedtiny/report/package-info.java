/** What people and programs read: terminal tables and JSON lines. */
package dev.fedtiny.report;
